package queue

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"strconv"

	"posthouse/internal/fault"
	"posthouse/internal/mail/smtpclient"
)

// maxTries bounds the addresses that one attempt connects to.
const maxTries = 8

// remote delivers a batch to the first host that takes it. A recipient whose
// host says "later" is tried at the next host; after the loss of the reply to
// the final dot it is not, since the message may have been taken.
func (q *Queue) remote(ctx context.Context, b *batch, hops []hop) ([]verdict, error) {
	s := &sending{q: q, b: b, out: same(len(b.rcpts), verdict{outcome: outDeferred, status: "4.4.1", reply: "no mail host could be tried", stage: "routing"})}
	for i := range b.rcpts {
		s.open = append(s.open, i)
	}
	tries := 0
	for _, h := range hops {
		addrs := h.addrs
		if len(addrs) == 0 {
			var err error
			if addrs, _, err = q.cfg.Resolver.LookupIP(ctx, h.host); err != nil || len(addrs) == 0 {
				s.unheard = true
				s.each(func(v *verdict) { v.status, v.reply, v.host = "4.4.3", "no address is known of "+h.host, h.host })
				continue
			}
		}
		for _, a := range addrs {
			if len(s.open) == 0 || ctx.Err() != nil || tries == maxTries {
				break
			}
			tries++
			if err := s.host(ctx, h, a); err != nil {
				return nil, err
			}
		}
	}
	if ctx.Err() != nil && context.Cause(ctx) == context.Canceled {
		for _, i := range s.open {
			if !s.ambiguous {
				s.out[i] = verdict{}
			}
		}
	}
	// Hosts that all refuse to talk at all have answered for good.
	if s.hostsRefused > 0 && s.hostsRefused == tries && !s.unheard {
		s.each(func(v *verdict) { v.outcome = outFailed })
	}
	return s.out, nil
}

// sending is one attempt at the hosts of a destination.
type sending struct {
	q            *Queue
	b            *batch
	out          []verdict
	open         []int // recipients without a final verdict
	hostsRefused int   // addresses that refused the session with 5xx
	unheard      bool  // a host could not be asked
	ambiguous    bool
}

func (s *sending) each(fn func(*verdict)) {
	for _, i := range s.open {
		fn(&s.out[i])
	}
}

// host tries one address. Its error is one of our own side.
func (s *sending) host(ctx context.Context, h hop, a netip.Addr) error {
	where := h.host
	if where != a.String() {
		where += " [" + a.String() + "]"
	}
	c, err := s.connect(ctx, h, a)
	if err != nil {
		s.sessionFailed(where, err)
		return nil
	}
	defer c.Quit(ctx)
	version := ""
	if t := c.TLS(); t != nil {
		version = tls.VersionName(t.Version)
	}
	s.each(func(v *verdict) { v.host, v.tls = where, version })
	if !s.fits(c.Extensions()) {
		return nil
	}
	return s.transaction(ctx, c)
}

// connect opens a session; when opportunistic TLS fails, another one without
// (RFC 7435: no worse than the plain text that would be used if TLS were not offered).
func (s *sending) connect(ctx context.Context, h hop, a netip.Addr) (*smtpclient.Conn, error) {
	mode := h.mode
	for {
		dial, cancel := context.WithTimeout(ctx, s.q.cfg.Connect)
		nc, err := s.q.cfg.Dialer.DialContext(dial, "tcp", net.JoinHostPort(a.String(), strconv.Itoa(h.port)))
		cancel()
		if err != nil {
			return nil, &smtpclient.Error{Stage: smtpclient.StageConnect, Err: err}
		}
		c, err := smtpclient.Open(ctx, nc, smtpclient.Options{
			LocalName: s.q.cfg.Hostname, Host: h.host, Mode: mode, TLS: s.q.cfg.TLS, Timeouts: s.q.cfg.Timeouts,
		})
		var e *smtpclient.Error
		if mode != smtpclient.TLSOpportunistic || !errors.As(err, &e) || !e.TLS {
			return c, err
		}
		s.q.metrics.plainRetries.Inc()
		s.q.log.InfoContext(ctx, "TLS failed, going on without", "message", s.b.msg.publicID, "host", h.host, "address", a, "error", err)
		mode = smtpclient.TLSNone
	}
}

// sessionFailed notes the end of a session for all open recipients.
func (s *sending) sessionFailed(where string, err error) {
	var e *smtpclient.Error
	if !errors.As(err, &e) {
		e = &smtpclient.Error{Stage: smtpclient.StageConnect, Err: err}
	}
	v := verdict{outcome: outDeferred, stage: string(e.Stage), host: where, status: "4.4.2", reply: "the session with " + where + " failed at " + e.Error()}
	switch {
	case e.Reply.Code != 0:
		v.status, v.reply = statusOf(e.Reply), e.Reply.String()
	case e.Stage == smtpclient.StageConnect:
		v.status, v.reply = "4.4.1", "no connection to "+where+": "+e.Err.Error()
	}
	if e.Permanent() {
		s.hostsRefused++
	}
	s.each(func(to *verdict) { *to = v })
}

// fits ends recipients that this host can't serve; false: none is left.
func (s *sending) fits(ext smtpclient.Extensions) bool {
	m := s.b.msg
	if ext.SizeLimit > 0 && m.size > ext.SizeLimit {
		s.finish(s.open, verdict{outcome: outFailed, status: "5.3.4", stage: "EHLO",
			reply: "the message of " + strconv.FormatInt(m.size, 10) + " octets is larger than the " + strconv.FormatInt(ext.SizeLimit, 10) + " that the host takes"})
		return false
	}
	if ext.SMTPUTF8 {
		return true
	}
	// RFC 6531 section 3.5. A header with raw octets that nobody declared is sent
	// as it is, like any 8-bit content.
	need := verdict{outcome: outFailed, status: "5.6.7", stage: "EHLO", reply: "the host does not know SMTPUTF8, which this message needs"}
	if m.smtpUTF8 && m.headerUTF8 || !isASCII(m.reversePath) {
		s.finish(s.open, need)
		return false
	}
	var cant []int
	for _, i := range s.open {
		if !isASCII(s.b.rcpts[i].address) {
			cant = append(cant, i)
		}
	}
	s.finish(cant, need)
	return len(s.open) > 0
}

// finish gives recipients a verdict that holds, keeping where it was reached.
func (s *sending) finish(idx []int, v verdict) {
	left := make([]int, 0, len(s.open))
	final := map[int]bool{}
	for _, i := range idx {
		final[i] = true
		v.host, v.tls = s.out[i].host, s.out[i].tls
		s.out[i] = v
	}
	for _, i := range s.open {
		if !final[i] {
			left = append(left, i)
		}
	}
	s.open = left
}

// transaction sends the message to the open recipients.
func (s *sending) transaction(ctx context.Context, c *smtpclient.Conn) error {
	m := s.b.msg
	content, err := s.q.mail.Open(ctx, 0, m.storedID)
	if err != nil {
		return err
	}
	defer func() {
		if err := content.Close(); err != nil {
			s.q.log.WarnContext(ctx, "message not closed", "message", m.publicID, "error", err)
		}
	}()
	relayed, err := withoutReturnPath(content, m.reversePath)
	if err != nil {
		return fault.Wrap(err)
	}
	ext := c.Extensions()
	mail := &smtpclient.Mail{
		ReversePath: m.reversePath, Size: relayed.Size(), EightBit: m.eightBit, Ret: m.ret, EnvID: m.envID,
		SMTPUTF8: ext.SMTPUTF8 && (m.smtpUTF8 && m.headerUTF8 || !isASCII(m.reversePath)),
		Content:  relayed,
	}
	asked := s.open
	for _, i := range asked {
		r := s.b.rcpts[i]
		mail.SMTPUTF8 = mail.SMTPUTF8 || !isASCII(r.address)
		mail.Recipients = append(mail.Recipients, smtpclient.Recipient{Address: r.address, Notify: r.notify, ORcpt: r.orcpt})
	}
	outcomes, err := c.Send(ctx, mail)
	var e *smtpclient.Error
	if errors.As(err, &e) {
		if e.Local {
			return fault.Wrap(e.Err)
		}
		s.ambiguous = s.ambiguous || e.Ambiguous
	}
	var unknown []int
	for n, o := range outcomes {
		i := asked[n]
		v := verdict{outcome: outDeferred, stage: string(o.Stage), status: statusOf(o.Reply), reply: o.Reply.String(), relayed: !ext.DSN}
		switch {
		case o.Reply.Code == 0:
			unknown = append(unknown, i)
			continue
		case o.Delivered():
			v.outcome = outDelivered
		case o.Reply.Permanent():
			v.outcome = outFailed
		}
		if v.outcome != outDeferred {
			s.finish([]int{i}, v)
			continue
		}
		v.host, v.tls = s.out[i].host, s.out[i].tls
		s.out[i] = v
	}
	s.lost(unknown, e)
	return nil
}

// lost notes recipients of which the session's end left nothing definite.
func (s *sending) lost(idx []int, e *smtpclient.Error) {
	if len(idx) == 0 || e == nil {
		return
	}
	for _, i := range idx {
		v := &s.out[i]
		v.stage, v.status, v.reply = string(e.Stage), "4.4.2", "the session was lost at "+e.Error()
		if e.Reply.Code != 0 {
			v.status, v.reply = statusOf(e.Reply), e.Reply.String()
		}
	}
	if e.Ambiguous {
		// Another host would get a second copy at once; later is soon enough.
		keep := s.out[idx[0]]
		for _, i := range idx {
			s.finish([]int{i}, keep)
		}
	}
}

// statusOf is a reply's enhanced status, or the class alone.
func statusOf(r smtpclient.Reply) string {
	if r.Enhanced != "" {
		return r.Enhanced
	}
	switch r.Code / 100 {
	case 2:
		return "2.0.0"
	case 5:
		return "5.0.0"
	}
	return "4.0.0"
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
