package imapd

import (
	"slices"
	"strings"

	"posthouse/internal/mailstore"
)

const maxKeyword = 100 // octets

// flag is `flag` of RFC 9051 section 9: \Seen or a keyword.
func (p *parser) flag() (string, error) {
	prefix := ""
	if p.take('\\') {
		prefix = `\`
	}
	a, err := p.atom()
	if err != nil {
		return "", syntaxError("expected a flag")
	}
	if len(a) > maxKeyword {
		return "", syntaxError("flag too long")
	}
	return prefix + a, nil
}

// add puts a flag into f. \Recent, which no client may set, is passed over.
func addFlag(f *mailstore.Flags, flag string) error {
	if !strings.HasPrefix(flag, `\`) {
		at, ok := slices.BinarySearchFunc(f.Keywords, flag, compareFold)
		if !ok {
			f.Keywords = slices.Insert(f.Keywords, at, flag)
		}
		return nil
	}
	bit, ok := systemFlag(flag)
	if !ok {
		return syntaxError("Unknown system flag")
	}
	f.System |= bit
	return nil
}

func systemFlag(flag string) (mailstore.SystemFlags, bool) {
	switch strings.ToLower(flag) {
	case `\seen`:
		return mailstore.Seen, true
	case `\answered`:
		return mailstore.Answered, true
	case `\flagged`:
		return mailstore.Flagged, true
	case `\deleted`:
		return mailstore.Deleted, true
	case `\draft`:
		return mailstore.Draft, true
	case `\recent`:
		return 0, true
	}
	return 0, false
}

// flagList is a parenthesised flag-list.
func (p *parser) flagList() (mailstore.Flags, error) {
	var f mailstore.Flags
	err := p.list(func() error {
		flag, err := p.flag()
		if err != nil {
			return err
		}
		return addFlag(&f, flag)
	})
	return f, err
}

// flags is the argument of STORE: a list with or without parentheses.
func (p *parser) flags() (mailstore.Flags, error) {
	if p.peek() == '(' {
		return p.flagList()
	}
	var f mailstore.Flags
	for {
		flag, err := p.flag()
		if err != nil {
			return f, err
		}
		if err := addFlag(&f, flag); err != nil {
			return f, err
		}
		if !p.take(' ') {
			return f, nil
		}
	}
}
