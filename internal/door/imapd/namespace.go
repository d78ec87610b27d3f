package imapd

// cmdNamespace is NAMESPACE (RFC 9051 section 6.3.10): one personal namespace.
func (s *session) cmdNamespace(c *command) error {
	if err := c.args.end(); err != nil {
		return err
	}
	s.out.str(`* NAMESPACE (("" "/")) NIL NIL` + "\r\n")
	return s.ok(c, "NAMESPACE completed")
}
