package smtpclient

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"time"

	"posthouse/internal/clock"
)

// Timeouts bound each step. The defaults are the minimums of RFC 5321 section
// 4.5.3.2; each is for the whole reply, not for one read.
type Timeouts struct {
	Greeting  time.Duration // 5 min
	Command   time.Duration // EHLO, STARTTLS, MAIL, RCPT, RSET: 5 min
	Handshake time.Duration // TLS: 2 min
	Data      time.Duration // the 354: 2 min
	Block     time.Duration // to take 64 KiB of content: 3 min
	Final     time.Duration // after the final dot: 10 min
	Quit      time.Duration // 5 s
	MinRate   int64         // bytes per second that the content as a whole must make after the first Block: 1024
}

func (t Timeouts) withDefaults() Timeouts {
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	def(&t.Greeting, 5*time.Minute)
	def(&t.Command, 5*time.Minute)
	def(&t.Handshake, 2*time.Minute)
	def(&t.Data, 2*time.Minute)
	def(&t.Block, 3*time.Minute)
	def(&t.Final, 10*time.Minute)
	def(&t.Quit, 5*time.Second)
	if t.MinRate <= 0 {
		t.MinRate = 1024
	}
	return t
}

// TLSMode says how a session is protected.
type TLSMode int

// The modes.
const (
	TLSOpportunistic TLSMode = iota // STARTTLS if offered, any certificate (RFC 7435)
	TLSNone                         // never
	TLSRequired                     // STARTTLS with a verified certificate, or no session
	TLSImplicit                     // TLS from the first octet, verified (RFC 8314)
)

// Options of a session.
type Options struct {
	LocalName string // our name in EHLO: a host name or an address literal
	Host      string // the server's name: SNI and, where verified, the certificate's
	Mode      TLSMode
	TLS       *tls.Config // cloned; roots and versions; may be nil
	Timeouts  Timeouts
	Clock     clock.Clock // of network deadlines; nil = the system's
}

// Conn is one SMTP session. It is not safe for concurrent use.
type Conn struct {
	nc       net.Conn
	br       *bufio.Reader
	opt      Options
	ext      Extensions
	greeting Reply
	esmtp    bool
	tls      *tls.ConnectionState
	broken   bool
}

// Open greets the server: it reads the banner, says EHLO (HELO when that is not
// known), starts TLS as the mode says and says EHLO again. On error, which is
// an *Error, nc is closed. Cancelling ctx ends the session at any time: every
// method that is given it returns at once.
func Open(ctx context.Context, nc net.Conn, opt Options) (*Conn, error) {
	opt.Timeouts = opt.Timeouts.withDefaults()
	if opt.Clock == nil {
		opt.Clock = clock.System()
	}
	c := &Conn{nc: nc, br: bufio.NewReaderSize(nc, 4096), opt: opt}
	if err := c.open(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (c *Conn) open(ctx context.Context) error {
	defer c.watch(ctx)()
	if c.opt.Mode == TLSImplicit {
		if err := c.handshake(ctx); err != nil {
			return err
		}
	}
	r, err := c.read(ctx, c.opt.Timeouts.Greeting)
	if err != nil {
		return &Error{Stage: StageGreeting, Err: err}
	}
	if !r.Positive() {
		return &Error{Stage: StageGreeting, Reply: r}
	}
	c.greeting = r
	if err := c.hello(ctx); err != nil {
		return err
	}
	return c.startTLS(ctx)
}

// hello says EHLO, or HELO to a server that refuses EHLO with 5xx (RFC 5321
// section 4.1.1.1).
func (c *Conn) hello(ctx context.Context) error {
	c.ext, c.esmtp = Extensions{}, false
	r, err := c.command(ctx, c.opt.Timeouts.Command, "EHLO "+c.opt.LocalName)
	if err == nil && r.Permanent() && r.Code != 521 && r.Code != 554 {
		r, err = c.command(ctx, c.opt.Timeouts.Command, "HELO "+c.opt.LocalName)
	} else if err == nil && r.Positive() {
		c.ext, c.esmtp = parseExtensions(r.Lines), true
	}
	if err != nil {
		return &Error{Stage: StageHello, Err: err}
	}
	if !r.Positive() {
		return &Error{Stage: StageHello, Reply: r}
	}
	return nil
}

// Extensions gives what the server offers now.
func (c *Conn) Extensions() Extensions { return c.ext }

// ESMTP reports whether the server knows EHLO.
func (c *Conn) ESMTP() bool { return c.esmtp }

// TLS gives the state of the session's TLS, nil without.
func (c *Conn) TLS() *tls.ConnectionState { return c.tls }

// Usable reports whether another transaction can be begun.
func (c *Conn) Usable() bool { return !c.broken }

// Reset ends a transaction that was not finished (RSET).
func (c *Conn) Reset(ctx context.Context) error {
	defer c.watch(ctx)()
	r, err := c.command(ctx, c.opt.Timeouts.Command, "RSET")
	if err == nil && !r.Positive() {
		c.broken = true
		return &Error{Stage: StageMail, Reply: r}
	}
	if err != nil {
		return &Error{Stage: StageMail, Err: err}
	}
	return nil
}

// Quit says QUIT, waits shortly for the reply and closes the connection.
func (c *Conn) Quit(ctx context.Context) {
	if !c.broken {
		stop := c.watch(ctx)
		// What the server says to QUIT changes nothing any more.
		_, _ = c.command(ctx, c.opt.Timeouts.Quit, "QUIT")
		stop()
	}
	c.Close()
}

// Close drops the connection.
func (c *Conn) Close() {
	c.broken = true
	// Nothing that was promised depends on an orderly close.
	_ = c.nc.Close()
}

var past = time.Unix(1, 0)

// watch makes the end of ctx interrupt reads and writes until stop is called.
func (c *Conn) watch(ctx context.Context) (stop func()) {
	cancel := context.AfterFunc(ctx, func() { _ = c.nc.SetDeadline(past) })
	return func() { cancel() }
}

// deadline gives the next step d from now. The end of ctx wins, whichever comes first.
func (c *Conn) deadline(ctx context.Context, d time.Duration) error {
	if err := c.nc.SetDeadline(c.opt.Clock.Now().Add(d)); err != nil {
		return err
	}
	return ctx.Err()
}

func (c *Conn) read(ctx context.Context, d time.Duration) (Reply, error) {
	if c.broken {
		return Reply{}, net.ErrClosed
	}
	err := c.deadline(ctx, d)
	if err != nil {
		c.broken = true
		return Reply{}, err
	}
	r, err := readReply(c.br)
	if err != nil {
		c.broken = true
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return Reply{}, err
	}
	if r.Code == 421 { // the server is about to close (RFC 5321 section 3.8)
		c.broken = true
	}
	return r, nil
}

func (c *Conn) write(ctx context.Context, d time.Duration, s string) error {
	if c.broken {
		return net.ErrClosed
	}
	err := c.deadline(ctx, d)
	if err == nil {
		_, err = c.nc.Write([]byte(s))
	}
	if err != nil {
		c.broken = true
		if ctx.Err() != nil {
			err = ctx.Err()
		}
	}
	return err
}

func (c *Conn) command(ctx context.Context, d time.Duration, line string) (Reply, error) {
	if err := checkLine(line); err != nil {
		return Reply{}, err
	}
	if err := c.write(ctx, d, line+"\r\n"); err != nil {
		return Reply{}, err
	}
	return c.read(ctx, d)
}

var errLine = errors.New("control character in a command")

// checkLine keeps a command from being two.
func checkLine(line string) error {
	if strings.ContainsAny(line, "\r\n\x00") {
		return errLine
	}
	return nil
}
