package imapd

import (
	"slices"
	"strings"

	"posthouse/internal/mailstore"
)

// listCommand is LIST with RFC 5258 (in RFC 9051: section 6.3.9).
type listCommand struct {
	patterns   []*listPattern
	root       bool // LIST "" "": only the separator is asked for
	subscribed bool // selection options
	special    bool
	recursive  bool
	showSubs   bool // return options
	status     []string
}

func (s *session) cmdList(c *command) error {
	p := &c.args
	l := &listCommand{}
	if err := p.sp(); err != nil {
		return err
	}
	extended := false
	if p.peek() == '(' {
		extended = true
		if err := l.selection(p); err != nil {
			return err
		}
		if err := p.sp(); err != nil {
			return err
		}
	}
	if err := l.names(p, extended); err != nil {
		return err
	}
	if p.take(' ') {
		if !p.keyword("RETURN") {
			return syntaxError("expected RETURN")
		}
		if err := p.sp(); err != nil {
			return err
		}
		if err := l.returns(p); err != nil {
			return err
		}
	}
	if err := p.end(); err != nil {
		return err
	}
	if l.root {
		s.out.str(`* LIST (\Noselect) "/" ""` + "\r\n")
		return s.ok(c, "LIST completed")
	}
	if err := s.list(l); err != nil {
		return err
	}
	return s.ok(c, "LIST completed")
}

func (l *listCommand) selection(p *parser) error {
	err := p.list(func() error {
		word, err := p.word()
		if err != nil {
			return err
		}
		switch word {
		case "SUBSCRIBED":
			l.subscribed, l.showSubs = true, true
		case "SPECIAL-USE":
			l.special = true
		case "RECURSIVEMATCH":
			l.recursive = true
		case "REMOTE": // nothing here is remote
		default:
			return syntaxError("Unknown LIST selection option")
		}
		return nil
	})
	if err == nil && l.recursive && !l.subscribed && !l.special {
		// RFC 5258 section 3: it needs an option to be about.
		return syntaxError("RECURSIVEMATCH needs another selection option")
	}
	return err
}

// names reads reference and patterns.
func (l *listCommand) names(p *parser, extended bool) error {
	ref, err := p.astring()
	if err != nil {
		return err
	}
	if err := p.sp(); err != nil {
		return err
	}
	octets := 0
	add := func(pattern string) error {
		pattern = ref + pattern
		if !p.utf8 {
			if plain, ok := decodeUTF7(pattern); ok {
				pattern = plain
			}
		}
		if octets += len(pattern); octets > maxPattern || len(l.patterns) >= maxPatterns {
			return syntaxError("LIST patterns too long")
		}
		l.patterns = append(l.patterns, compilePattern(pattern))
		return nil
	}
	if p.peek() == '(' {
		return p.list(func() error {
			pattern, err := p.listMailbox()
			if err != nil {
				return err
			}
			return add(pattern)
		})
	}
	pattern, err := p.listMailbox()
	if err != nil {
		return err
	}
	if pattern == "" && !extended {
		l.root = true
		return nil
	}
	return add(pattern)
}

func (l *listCommand) returns(p *parser) error {
	return p.list(func() error {
		word, err := p.word()
		if err != nil {
			return err
		}
		switch word {
		case "SUBSCRIBED":
			l.showSubs = true
		case "CHILDREN", "SPECIAL-USE": // always shown
		case "STATUS": // RFC 5819
			if err := p.sp(); err != nil {
				return err
			}
			l.status, err = p.statusItems()
			return err
		default:
			return syntaxError("Unknown LIST return option")
		}
		return nil
	})
}

// node is a name in the hierarchy, whether a mailbox of that name exists or not.
type node struct {
	name            string
	folder          *mailstore.Folder // nil: doesn't exist
	subscribed      bool
	children        bool // has a mailbox below it
	childSubscribed bool // has a subscribed name below it
	childSpecial    bool
}

// hierarchy gives all names by name: mailboxes, subscribed names and the levels above them.
func (s *session) hierarchy() ([]*node, error) {
	folders, err := s.srv.cfg.Mail.Folders(s.srv.ctx, s.account.ID)
	if err != nil {
		return nil, err
	}
	subs, err := s.srv.cfg.Mail.Subscriptions(s.srv.ctx, s.account.ID)
	if err != nil {
		return nil, err
	}
	byName := make(map[string]*node, len(folders)+len(subs))
	get := func(name string) *node {
		n := byName[name]
		if n == nil {
			n = &node{name: name}
			byName[name] = n
		}
		return n
	}
	above := func(name string, mark func(*node)) {
		for {
			i := strings.LastIndexByte(name, '/')
			if i <= 0 {
				return
			}
			name = name[:i]
			mark(get(name))
		}
	}
	for i := range folders {
		f := &folders[i]
		get(f.Name).folder = f
		above(f.Name, func(n *node) {
			n.children = true
			n.childSpecial = n.childSpecial || f.SpecialUse != ""
		})
	}
	for _, name := range subs {
		get(name).subscribed = true
		above(name, func(n *node) { n.childSubscribed = true })
	}
	out := make([]*node, 0, len(byName))
	for _, n := range byName {
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b *node) int {
		if (a.name == "INBOX") != (b.name == "INBOX") {
			if a.name == "INBOX" {
				return -1
			}
			return 1
		}
		return strings.Compare(a.name, b.name)
	})
	return out, nil
}

func (l *listCommand) matches(name string) bool {
	for _, p := range l.patterns {
		if p.match(name) {
			return true
		}
	}
	return false
}

func (s *session) list(l *listCommand) error {
	nodes, err := s.hierarchy()
	if err != nil {
		return err
	}
	for _, n := range nodes {
		special := n.folder != nil && n.folder.SpecialUse != ""
		selected := (!l.subscribed || n.subscribed) && (!l.special || special)
		if !l.subscribed && !l.special {
			selected = n.folder != nil || n.children
		}
		below := l.recursive && (!l.subscribed || n.childSubscribed) && (!l.special || n.childSpecial)
		if !selected && !below || !l.matches(n.name) {
			continue
		}
		s.listResponse(l, n, below)
		if l.status != nil && n.folder != nil {
			if err := s.statusResponse(n.folder, l.status); err != nil {
				return err
			}
		}
		s.out.relieve()
	}
	return nil
}

func (s *session) listResponse(l *listCommand, n *node, below bool) {
	o := &s.out
	o.str("* LIST (")
	if n.folder == nil {
		o.str(`\NonExistent \Noselect `) // the latter for clients of RFC 3501
	}
	if n.children {
		o.str(`\HasChildren`)
	} else {
		o.str(`\HasNoChildren`)
	}
	if l.showSubs && n.subscribed {
		o.str(` \Subscribed`)
	}
	if n.folder != nil && n.folder.SpecialUse != "" {
		o.str(" ", n.folder.SpecialUse)
	}
	o.str(`) "/" `)
	o.mailbox(n.name)
	if below && l.subscribed { // RFC 5258 section 3.5
		o.str(` ("CHILDINFO" ("SUBSCRIBED"))`)
	}
	o.crlf()
}
