// Package smtptest is a real SMTP server on loopback for tests: a sink that
// keeps what it gets, and whose every step a test can replace to make it
// refuse, stall, lie or die.
package smtptest

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// Message is one message that the sink answered 250 (or was told to lose).
type Message struct {
	From       string // with parameters, as it stood behind MAIL FROM:
	Recipients []string
	Content    string // dots unstuffed
	TLS        bool
	Helo       string
}

// Action replaces the default reaction to a step.
type Action struct {
	Raw   string           // written as it is; "" = the default reply
	Do    func(c net.Conn) // runs after Raw, before anything else
	Close bool             // hang up afterwards
}

// Config of a sink.
type Config struct {
	Listen     string   // "" = 127.0.0.1:0
	Extensions []string // offered in EHLO; nil = the usual ones
	TLS        *tls.Config
	Implicit   bool // TLS from the first octet
	// On is asked at each step: CONNECT, EHLO, HELO, STARTTLS, MAIL, RCPT, DATA,
	// "." (the end of the content), RSET, QUIT. Nil, or a nil Action: the default.
	On func(verb, line string) *Action
}

// Server is a running sink.
type Server struct {
	Addr string

	cfg Config
	ln  net.Listener
	wg  sync.WaitGroup
	got chan Message

	mu       sync.Mutex
	messages []Message
	commands []string
	sessions int
	live     int
	mostLive int
	conns    map[net.Conn]struct{}
}

// Start starts a sink that ends with the test.
func Start(tb testing.TB, cfg Config) *Server {
	tb.Helper()
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:0"
	}
	if cfg.Extensions == nil {
		cfg.Extensions = []string{"PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "SIZE 10000000", "ENHANCEDSTATUSCODES"}
	}
	ln, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		tb.Fatal(err)
	}
	s := &Server{Addr: ln.Addr().String(), cfg: cfg, ln: ln, got: make(chan Message, 4096), conns: map[net.Conn]struct{}{}}
	s.wg.Go(s.serve)
	tb.Cleanup(s.Stop)
	return s
}

// Stop ends the sink and its sessions.
func (s *Server) Stop() {
	_ = s.ln.Close()
	s.mu.Lock()
	for c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

// Got gives each message once, as it comes.
func (s *Server) Got() <-chan Message { return s.got }

// Messages gives all messages so far.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.messages...)
}

// Commands gives all command lines of all sessions so far.
func (s *Server) Commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.commands...)
}

// Sessions tells how many connections there were, and the most at one time.
func (s *Server) Sessions() (total, most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions, s.mostLive
}

func (s *Server) serve() {
	for {
		c, err := s.ln.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.sessions++
		s.live++
		s.mostLive = max(s.mostLive, s.live)
		s.conns[c] = struct{}{}
		s.mu.Unlock()
		s.wg.Go(func() {
			(&session{s: s, c: c, raw: c}).run()
			_ = c.Close()
			s.mu.Lock()
			s.live--
			delete(s.conns, c)
			s.mu.Unlock()
		})
	}
}

type session struct {
	s   *Server
	c   net.Conn
	raw net.Conn
	br  *bufio.Reader
	tls bool
	msg Message

	begun bool // MAIL was accepted
}

// act does the step's action or writes the default; it reports whether to go on
// and whether the step counts as done: the default or another 2xx was written.
func (n *session) act(verb, line, def string) (goOn, isDef bool) {
	var a *Action
	if n.s.cfg.On != nil {
		a = n.s.cfg.On(verb, line)
	}
	if a == nil {
		_, err := io.WriteString(n.c, def)
		return err == nil, true
	}
	if a.Raw != "" {
		def = a.Raw
	} else if a.Do != nil || a.Close {
		def = ""
	}
	if _, err := io.WriteString(n.c, def); err != nil {
		return false, false
	}
	if a.Do != nil {
		a.Do(n.c)
	}
	return !a.Close, a.Raw == "" && a.Do == nil || strings.HasPrefix(a.Raw, "2")
}

func (n *session) run() {
	if n.s.cfg.Implicit {
		n.c, n.tls = tls.Server(n.c, n.s.cfg.TLS), true
	}
	n.br = bufio.NewReader(n.c)
	if ok, _ := n.act("CONNECT", "", "220 sink.test ESMTP\r\n"); !ok {
		return
	}
	for {
		line, err := n.br.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		n.s.mu.Lock()
		n.s.commands = append(n.s.commands, line)
		n.s.mu.Unlock()
		verb, arg, _ := strings.Cut(line, " ")
		if !n.step(strings.ToUpper(verb), arg, line) {
			return
		}
	}
}

func (n *session) step(verb, arg, line string) bool {
	ok := true
	switch verb {
	case "EHLO":
		n.msg.Helo = arg
		lines := append([]string{"sink.test"}, n.s.cfg.Extensions...)
		if n.s.cfg.TLS != nil && !n.tls {
			lines = append(lines, "STARTTLS")
		}
		var b strings.Builder
		for i, l := range lines {
			sep := "-"
			if i == len(lines)-1 {
				sep = " "
			}
			b.WriteString("250" + sep + l + "\r\n")
		}
		ok, _ = n.act(verb, line, b.String())
	case "HELO":
		n.msg.Helo = arg
		ok, _ = n.act(verb, line, "250 sink.test\r\n")
	case "STARTTLS":
		var def bool
		ok, def = n.act(verb, line, "220 go on\r\n")
		if ok && def {
			n.c, n.tls = tls.Server(n.c, n.s.cfg.TLS), true
			n.br = bufio.NewReader(n.c)
		}
	case "MAIL":
		n.msg = Message{Helo: n.msg.Helo, TLS: n.tls}
		if ok, n.begun = n.act(verb, line, "250 2.1.0 ok\r\n"); n.begun {
			n.msg.From = strings.TrimPrefix(arg, "FROM:")
		}
	case "RCPT":
		reply := "250 2.1.5 ok\r\n"
		if !n.begun {
			reply = "503 5.5.1 need MAIL\r\n"
		}
		var def bool
		ok, def = n.act(verb, line, reply)
		if def && n.begun {
			n.msg.Recipients = append(n.msg.Recipients, strings.TrimPrefix(arg, "TO:"))
		}
	case "DATA":
		def, reply := len(n.msg.Recipients) > 0, "354 go on\r\n"
		if !def {
			reply = "503 5.5.1 no recipients\r\n"
		}
		var isDef bool
		ok, isDef = n.act(verb, line, reply)
		if ok && def && isDef {
			return n.data()
		}
	case "RSET":
		n.begun = false
		n.msg = Message{Helo: n.msg.Helo, TLS: n.tls}
		ok, _ = n.act(verb, line, "250 2.0.0 ok\r\n")
	case "QUIT":
		n.act(verb, line, "221 2.0.0 bye\r\n")
		return false
	default:
		ok, _ = n.act(verb, line, "500 5.5.2 unknown\r\n")
	}
	return ok
}

func (n *session) data() bool {
	var b strings.Builder
	for {
		line, err := n.br.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		b.WriteString(strings.TrimPrefix(line, "."))
	}
	n.msg.Content = b.String()
	m := n.msg
	keep := func() {
		n.s.mu.Lock()
		n.s.messages = append(n.s.messages, m)
		n.s.mu.Unlock()
		select {
		case n.s.got <- m:
		default:
		}
	}
	var a *Action
	if n.s.cfg.On != nil {
		a = n.s.cfg.On(".", m.From)
	}
	if a == nil || strings.HasPrefix(a.Raw, "2") {
		keep()
	}
	reply := "250 2.0.0 taken\r\n"
	if a != nil {
		reply = a.Raw
	}
	if _, err := io.WriteString(n.c, reply); err != nil {
		return false
	}
	if a != nil && a.Do != nil {
		a.Do(n.c)
	}
	n.begun, n.msg = false, Message{Helo: n.msg.Helo, TLS: n.tls}
	return a == nil || !a.Close
}

// Reply is an action that answers with one line.
func Reply(line string) *Action { return &Action{Raw: line + "\r\n"} }

// HangUp is an action that closes without a word.
func HangUp() *Action { return &Action{Close: true} }
