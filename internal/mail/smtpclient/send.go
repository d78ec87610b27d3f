package smtpclient

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Mail is one mail transaction.
type Mail struct {
	ReversePath string // "" = the null reverse-path
	Recipients  []Recipient
	Size        int64 // of Content
	EightBit    bool  // Content has octets beyond ASCII
	SMTPUTF8    bool  // declare SMTPUTF8; the caller has seen that it is offered
	Ret         string
	EnvID       string // xtext, as it was received
	Content     io.Reader
}

// Recipient is one RCPT.
type Recipient struct {
	Address string
	Notify  string // "" or the NOTIFY value
	ORcpt   string // "" or the ORCPT value, xtext
}

// Outcome is what became of one recipient.
type Outcome struct {
	Stage Stage
	Reply Reply // Code 0: nothing definite is known; the error of Send says why
}

// Delivered reports that the server took the message for the recipient.
func (o Outcome) Delivered() bool { return o.Stage == StageFinal && o.Reply.Positive() }

// Send runs one transaction and gives one outcome per recipient, also together
// with an error, which is an *Error and leaves the connection unusable. The
// content is read only once a recipient was accepted.
func (c *Conn) Send(ctx context.Context, m *Mail) ([]Outcome, error) {
	defer c.watch(ctx)()
	out := make([]Outcome, len(m.Recipients))
	commands, err := c.envelope(m)
	if err != nil {
		return out, &Error{Stage: StageMail, Err: err, Local: true}
	}
	t := &transaction{c: c, m: m, out: out}
	if c.ext.Pipelining {
		err = t.pipelined(ctx, commands)
	} else {
		err = t.stepwise(ctx, commands)
	}
	return out, err
}

// envelope makes the MAIL and RCPT lines.
func (c *Conn) envelope(m *Mail) ([]string, error) {
	lines := make([]string, 0, len(m.Recipients)+1)
	var b strings.Builder
	b.WriteString("MAIL FROM:<" + m.ReversePath + ">")
	if c.ext.Size && m.Size > 0 {
		b.WriteString(" SIZE=" + strconv.FormatInt(m.Size, 10))
	}
	if c.ext.EightBit && (m.EightBit || m.SMTPUTF8) {
		b.WriteString(" BODY=8BITMIME")
	}
	if m.SMTPUTF8 {
		b.WriteString(" SMTPUTF8")
	}
	if c.ext.DSN {
		if m.Ret != "" {
			b.WriteString(" RET=" + m.Ret)
		}
		if m.EnvID != "" {
			b.WriteString(" ENVID=" + m.EnvID)
		}
	}
	lines = append(lines, b.String())
	for _, r := range m.Recipients {
		b.Reset()
		b.WriteString("RCPT TO:<" + r.Address + ">")
		if c.ext.DSN {
			if r.Notify != "" {
				b.WriteString(" NOTIFY=" + r.Notify)
			}
			if r.ORcpt != "" {
				b.WriteString(" ORCPT=" + r.ORcpt)
			}
		}
		lines = append(lines, b.String())
	}
	for _, l := range lines {
		if err := checkLine(l); err != nil {
			return nil, fmt.Errorf("%w: %q", err, clip(l, 80))
		}
	}
	return lines, nil
}

type transaction struct {
	c   *Conn
	m   *Mail
	out []Outcome
}

func (t *transaction) all(stage Stage, r Reply) {
	for i := range t.out {
		t.out[i] = Outcome{Stage: stage, Reply: r}
	}
}

// accepted gives the indexes of the recipients that RCPT accepted.
func (t *transaction) accepted() []int {
	var idx []int
	for i, o := range t.out {
		if o.Stage == StageRcpt && o.Reply.Positive() {
			idx = append(idx, i)
		}
	}
	return idx
}

// fail clears outcomes that are not final: an accepted RCPT says nothing once
// the session broke.
func (t *transaction) fail(stage Stage, err error) error {
	for _, i := range t.accepted() {
		t.out[i] = Outcome{Stage: stage}
	}
	t.c.broken = true
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Stage: stage, Err: err}
}

// stepwise waits for each reply before the next command.
func (t *transaction) stepwise(ctx context.Context, commands []string) error {
	c := t.c
	r, err := c.command(ctx, c.opt.Timeouts.Command, commands[0])
	if err != nil {
		return t.fail(StageMail, err)
	}
	if !r.Positive() {
		t.all(StageMail, r)
		return t.reset(ctx, StageMail)
	}
	for i, line := range commands[1:] {
		r, err := c.command(ctx, c.opt.Timeouts.Command, line)
		if err != nil {
			return t.fail(StageRcpt, err)
		}
		t.out[i] = Outcome{Stage: StageRcpt, Reply: r}
		if c.broken { // 421
			return t.fail(StageRcpt, &Error{Stage: StageRcpt, Reply: r})
		}
	}
	if len(t.accepted()) == 0 {
		return t.reset(ctx, StageRcpt)
	}
	if r, err = c.command(ctx, c.opt.Timeouts.Data, "DATA"); err != nil {
		return t.fail(StageData, err)
	}
	return t.afterData(ctx, r)
}

// pipelined sends the whole envelope with DATA at once (RFC 2920 section 3.1).
func (t *transaction) pipelined(ctx context.Context, commands []string) error {
	c := t.c
	if err := c.write(ctx, c.opt.Timeouts.Command, strings.Join(commands, "\r\n")+"\r\nDATA\r\n"); err != nil {
		return t.fail(StageMail, err)
	}
	mail, err := c.read(ctx, c.opt.Timeouts.Command)
	if err != nil {
		return t.fail(StageMail, err)
	}
	if c.broken { // 421: the rest of the replies may never come
		t.all(StageMail, mail)
		return &Error{Stage: StageMail, Reply: mail}
	}
	for i := range t.out {
		r, err := c.read(ctx, c.opt.Timeouts.Command)
		if err != nil {
			if !mail.Positive() {
				t.all(StageMail, mail)
			}
			return t.fail(StageRcpt, err)
		}
		t.out[i] = Outcome{Stage: StageRcpt, Reply: r}
		if c.broken {
			return t.fail(StageRcpt, &Error{Stage: StageRcpt, Reply: r})
		}
	}
	if !mail.Positive() { // what RCPT got then ("need MAIL") is no verdict on the recipients
		t.all(StageMail, mail)
	}
	data, err := c.read(ctx, c.opt.Timeouts.Data)
	if err != nil {
		return t.fail(StageData, err)
	}
	if len(t.accepted()) > 0 {
		return t.afterData(ctx, data)
	}
	if data.Code == 354 {
		// Nobody is there to get it, but the server waits for content: an empty
		// one (RFC 2920 section 3.1). Whatever it says, there is no recipient.
		if _, err := c.command(ctx, c.opt.Timeouts.Final, "."); err != nil {
			return t.fail(StageFinal, err)
		}
	}
	return t.reset(ctx, StageRcpt)
}

// reset makes the session ready for the next transaction.
func (t *transaction) reset(ctx context.Context, stage Stage) error {
	if t.c.broken {
		return &Error{Stage: stage, Reply: t.out[len(t.out)-1].Reply}
	}
	r, err := t.c.command(ctx, t.c.opt.Timeouts.Command, "RSET")
	if err != nil || !r.Positive() {
		// The outcomes are known; only the connection is lost.
		t.c.broken = true
	}
	return nil
}

// afterData goes on from the reply to DATA.
func (t *transaction) afterData(ctx context.Context, r Reply) error {
	c := t.c
	if r.Code != 354 {
		if r.Positive() || r.Code/100 == 3 {
			return t.fail(StageData, fmt.Errorf("%w: %d to DATA", ErrReply, r.Code))
		}
		for _, i := range t.accepted() {
			t.out[i] = Outcome{Stage: StageData, Reply: r}
		}
		return t.reset(ctx, StageData)
	}
	if err := t.content(ctx); err != nil {
		return err
	}
	final, err := c.read(ctx, c.opt.Timeouts.Final)
	if err != nil {
		return t.fail(StageFinal, &Error{Stage: StageFinal, Err: err, Ambiguous: true})
	}
	if final.Code/100 == 3 {
		return t.fail(StageFinal, fmt.Errorf("%w: %d to the end of data", ErrReply, final.Code))
	}
	for _, i := range t.accepted() {
		t.out[i] = Outcome{Stage: StageFinal, Reply: final}
	}
	return nil
}

// content sends the message and the final dot.
func (t *transaction) content(ctx context.Context) error {
	c := t.c
	limit := c.opt.Timeouts.Block + time.Duration(t.m.Size/c.opt.Timeouts.MinRate)*time.Second
	block := &blockWriter{c: c, ctx: ctx, until: c.opt.Clock.Now().Add(limit)}
	dot := &dotWriter{w: bufio.NewWriterSize(block, 64<<10)}
	_, err := io.CopyBuffer(dot, t.m.Content, make([]byte, 32<<10))
	if err == nil {
		err = dot.end()
	}
	if err == nil {
		err = dot.w.Flush()
	}
	if err == nil {
		return nil
	}
	if block.err == nil {
		// Our own reading failed. The server must not see an end of data.
		return t.fail(StageContent, &Error{Stage: StageContent, Err: err, Local: true})
	}
	// A server that has had enough says why before it hangs up.
	if r, rerr := t.lastWords(ctx); rerr == nil && r.Code >= 400 {
		for _, i := range t.accepted() {
			t.out[i] = Outcome{Stage: StageFinal, Reply: r}
		}
		c.broken = true
		return &Error{Stage: StageFinal, Reply: r}
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return t.fail(StageContent, err)
}

func (t *transaction) lastWords(ctx context.Context) (Reply, error) {
	t.c.broken = false
	return t.c.read(ctx, t.c.opt.Timeouts.Quit)
}

// blockWriter gives every block its own deadline, and all of them one.
type blockWriter struct {
	c     *Conn
	ctx   context.Context
	until time.Time
	err   error
}

func (w *blockWriter) Write(p []byte) (int, error) {
	d := min(w.c.opt.Timeouts.Block, w.until.Sub(w.c.opt.Clock.Now()))
	err := w.c.deadline(w.ctx, d)
	n := 0
	if err == nil {
		n, err = w.c.nc.Write(p)
	}
	w.err = err
	return n, err
}
