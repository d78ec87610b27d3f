package imapd

// cmdLsub is LSUB (RFC 3501 section 6.3.9): a name that is not subscribed is
// shown, as \Noselect, when a `%` ends at it and there are subscribed names below.
func (s *session) cmdLsub(c *command) error {
	p := &c.args
	if err := p.sp(); err != nil {
		return err
	}
	l := &listCommand{}
	if err := l.names(p, false); err != nil {
		return err
	}
	if err := p.end(); err != nil {
		return err
	}
	if l.root {
		s.out.str(`* LSUB (\Noselect) "/" ""` + "\r\n")
		return s.ok(c, "LSUB completed")
	}
	nodes, err := s.hierarchy()
	if err != nil {
		return err
	}
	for _, n := range nodes {
		if !n.subscribed && !n.childSubscribed || !l.matches(n.name) {
			continue
		}
		attributes := "()"
		if !n.subscribed {
			attributes = `(\Noselect)`
			if l.deep(n.name) {
				continue // the subscribed names below are shown themselves
			}
		}
		s.out.str("* LSUB ", attributes, ` "/" `)
		s.out.mailbox(n.name)
		s.out.crlf()
		s.out.relieve()
	}
	return s.ok(c, "LSUB completed")
}

// deep says whether the patterns match names below name too.
func (l *listCommand) deep(name string) bool { return l.matches(name + "/x") }
