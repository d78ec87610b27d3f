package imapd

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"posthouse/internal/fault"
)

// command is one command as received.
type command struct {
	pooled *[]byte
	text   []byte // without the last CRLF; see parser
	tag    string
	name   string
	uid    bool           // the UID form
	args   parser         // behind the name
	append *appendLiteral // APPEND: the message that is to come; nil when there is none
}

// appendLiteral is a message literal that has been announced and not yet read.
type appendLiteral struct {
	size   int64
	sync   bool
	binary bool
	at     int // where in text its announcement begins
}

var commandBuffers = sync.Pool{New: func() any { b := make([]byte, 0, 512); return &b }}

func (c *command) release() {
	if c.pooled != nil {
		if cap(c.text) <= 16<<10 {
			*c.pooled = c.text[:0]
		}
		commandBuffers.Put(c.pooled)
	}
	*c = command{}
}

// handler executes a command. A returned error becomes NO or BAD; see answer.
type handler func(*session, *command) error

// commandSpec is an entry of the command table.
type commandSpec struct {
	in      state // states in which it is allowed
	run     handler
	uid     bool // has a UID form
	expunge bool // EXPUNGE may be told at its end (RFC 9051 section 7.5.1)
}

const (
	anyState  = stateNotAuthenticated | stateAuthenticated | stateSelected
	loggedIn  = stateAuthenticated | stateSelected
	inMailbox = stateSelected
)

// commandTable has every command. It is filled at start and never changes.
var commandTable map[string]commandSpec

func init() {
	commandTable = map[string]commandSpec{
		"CAPABILITY":   {in: anyState, run: (*session).cmdCapability, expunge: true},
		"NOOP":         {in: anyState, run: (*session).cmdNoop, expunge: true},
		"LOGOUT":       {in: anyState, run: (*session).cmdLogout},
		"ID":           {in: anyState, run: (*session).cmdID, expunge: true},
		"STARTTLS":     {in: stateNotAuthenticated, run: (*session).cmdStartTLS},
		"AUTHENTICATE": {in: stateNotAuthenticated, run: (*session).cmdAuthenticate},
		"LOGIN":        {in: stateNotAuthenticated, run: (*session).cmdLogin},
		"ENABLE":       {in: loggedIn, run: (*session).cmdEnable, expunge: true},
		"SELECT":       {in: loggedIn, run: (*session).cmdSelect},
		"EXAMINE":      {in: loggedIn, run: (*session).cmdExamine},
		"CREATE":       {in: loggedIn, run: (*session).cmdCreate, expunge: true},
		"DELETE":       {in: loggedIn, run: (*session).cmdDelete, expunge: true},
		"RENAME":       {in: loggedIn, run: (*session).cmdRename, expunge: true},
		"SUBSCRIBE":    {in: loggedIn, run: (*session).cmdSubscribe, expunge: true},
		"UNSUBSCRIBE":  {in: loggedIn, run: (*session).cmdUnsubscribe, expunge: true},
		"LIST":         {in: loggedIn, run: (*session).cmdList, expunge: true},
		"LSUB":         {in: loggedIn, run: (*session).cmdLsub, expunge: true},
		"NAMESPACE":    {in: loggedIn, run: (*session).cmdNamespace, expunge: true},
		"STATUS":       {in: loggedIn, run: (*session).cmdStatus, expunge: true},
		"APPEND":       {in: loggedIn, run: (*session).cmdAppend, expunge: true},
		"IDLE":         {in: loggedIn, run: (*session).cmdIdle, expunge: true},
		"GETQUOTA":     {in: loggedIn, run: (*session).cmdGetQuota, expunge: true},
		"GETQUOTAROOT": {in: loggedIn, run: (*session).cmdGetQuotaRoot, expunge: true},
		"CHECK":        {in: inMailbox, run: (*session).cmdNoop, expunge: true},
		"CLOSE":        {in: inMailbox, run: (*session).cmdClose},
		"UNSELECT":     {in: inMailbox, run: (*session).cmdUnselect},
		"EXPUNGE":      {in: inMailbox, run: (*session).cmdExpunge, uid: true, expunge: true},
		"SEARCH":       {in: inMailbox, run: (*session).cmdSearch, uid: true},
		"FETCH":        {in: inMailbox, run: (*session).cmdFetch, uid: true},
		"STORE":        {in: inMailbox, run: (*session).cmdStore, uid: true},
		"COPY":         {in: inMailbox, run: (*session).cmdCopy, uid: true, expunge: true},
		"MOVE":         {in: inMailbox, run: (*session).cmdMove, uid: true, expunge: true},
	}
}

// receive reads one command with its literals, but for the message of an APPEND.
func (s *session) receive() error {
	line, literal, whole := s.srv.limits.Line, int64(s.srv.limits.Literal), s.srv.limits.Command
	if s.state == stateNotAuthenticated {
		line, literal, whole = preAuthLine, preAuthLine, preAuthCommand
	}
	c := &s.cmd
	c.pooled = commandBuffers.Get().(*[]byte)
	c.text = (*c.pooled)[:0]
	for {
		start := len(c.text)
		var err error
		c.text, err = s.in.line(c.text, line)
		if errors.Is(err, errLineTooLong) {
			return s.skipLine(c)
		}
		if err != nil {
			return err
		}
		size, sync, binary, at, ok := literalSuffix(c.text[start:])
		if !ok {
			return nil
		}
		at += start
		if isAppend, message := appendMessage(c.text, at); isAppend && message && s.state != stateNotAuthenticated {
			c.append = &appendLiteral{size: size, sync: sync, binary: binary, at: at}
			return nil
		}
		if size > literal || len(c.text)+int(size) > whole {
			s.srv.metrics.aborted.Inc()
			if !sync {
				// RFC 7888 section 4: what can't be read over has to end the connection.
				return byeError("[TOOBIG] Literal too large")
			}
			s.tooLong(c, "Literal too large")
			return nil
		}
		if sync {
			s.out.str("+ OK\r\n")
			if err := s.out.flush(); err != nil {
				return err
			}
		}
		c.text = append(c.text, '\r', '\n')
		from := len(c.text)
		c.text = append(c.text, make([]byte, size)...)
		if _, err := io.ReadFull(&s.in, c.text[from:]); err != nil {
			s.srv.metrics.aborted.Inc()
			return err
		}
	}
}

// skipLine reads over the rest of an overlong line after login; before, it ends the session.
func (s *session) skipLine(c *command) error {
	if s.state == stateNotAuthenticated {
		return byeError("[TOOBIG] Line too long")
	}
	tail, err := s.in.discardLine(maxDiscard)
	if errors.Is(err, errLineTooLong) {
		return byeError("[TOOBIG] Line too long")
	}
	if err != nil {
		return err
	}
	if _, sync, _, _, ok := literalSuffix(tail); ok && !sync {
		return byeError("[TOOBIG] Line too long")
	}
	s.tooLong(c, "Command too long")
	return nil
}

// tooLong answers a command that was not taken; c is then empty.
func (s *session) tooLong(c *command, text string) {
	tag, _ := splitTag(c.text)
	if tag == "" {
		tag = "*"
	}
	s.out.str(tag, " BAD [TOOBIG] ", text, "\r\n")
	s.bad++
	c.release()
}

// appendMessage says whether text begins an APPEND, and whether the literal
// announced at position at is its message rather than its mailbox name.
func appendMessage(text []byte, at int) (isAppend, message bool) {
	tag, rest := splitTag(text)
	if tag == "" || len(rest) < 7 || !bytes.EqualFold(rest[:7], []byte("APPEND ")) {
		return false, false
	}
	return true, at > len(text)-len(rest)+7
}

// splitTag gives the tag (RFC 9051 section 2.2.1), "" when there is no good one, and what follows its blank.
func splitTag(text []byte) (string, []byte) {
	i := bytes.IndexByte(text, ' ')
	if i <= 0 || i > maxTag {
		return "", nil
	}
	for _, c := range text[:i] {
		if !(isAtomChar(c) || c == ']') || c == '+' {
			return "", nil
		}
	}
	return string(text[:i]), text[i+1:]
}

// execute runs the command received and answers it.
func (s *session) execute() error {
	c := &s.cmd
	if c.pooled == nil {
		return s.tooBad() // answered already
	}
	tag, rest := splitTag(c.text)
	if tag == "" {
		s.out.str("* BAD Expected a tag and a command\r\n")
		s.bad++
		return s.tooBad()
	}
	c.tag = tag
	c.args = parser{b: rest, utf8: s.enabled&(extRev2|extUTF8) != 0}
	name, err := c.args.word()
	if name == "UID" && err == nil && c.args.take(' ') {
		c.uid = true
		name, err = c.args.word()
	}
	spec, known := commandTable[name]
	if err != nil || !known || c.uid && !spec.uid {
		s.srv.metrics.unknown.Inc()
		return s.answer(c, spec, syntaxError("Unknown command"))
	}
	c.name = name
	s.srv.metrics.commands[name].Inc()
	if spec.in&s.state == 0 {
		return s.answer(c, commandSpec{}, syntaxError("Command not allowed now"))
	}
	return s.answer(c, spec, spec.run(s, c))
}

// answer ends a command: a nil error was answered by the handler.
func (s *session) answer(c *command, spec commandSpec, err error) error {
	if err == nil {
		s.bad = 0
		return nil
	}
	var syntax syntaxError
	var bye byeError
	switch {
	case errors.Is(err, errHandOver), errors.Is(err, errBye), errors.As(err, &bye), s.out.err != nil:
		return err
	case errors.As(err, &syntax):
		s.tagged(c, "BAD ", string(syntax))
		s.bad++
		if err := s.abandon(c); err != nil {
			return err
		}
		return s.tooBad()
	}
	var wire wireError
	if errors.As(err, &wire) {
		return err
	}
	if err := s.abandon(c); err != nil {
		return err
	}
	s.bad = 0
	if s.state == stateSelected {
		if err := s.sync(spec.expunge || c.uid && c.name != "SEARCH"); err != nil {
			return err
		}
	}
	s.no(c, err)
	if s.failures >= s.srv.limits.FailedLogins && !s.loggedIn {
		return byeError("Too many failed log-ins")
	}
	return nil
}

// wireError is trouble with the connection, met inside a handler.
type wireError struct{ error }

func (e wireError) Unwrap() error { return e.error }

// abandon gets rid of an APPEND's message that nobody read. One that waits for
// our go-ahead will not be sent; another is read over if that is bearable.
func (s *session) abandon(c *command) error {
	if c.append == nil {
		return nil
	}
	l := c.append
	c.append = nil
	s.srv.metrics.aborted.Inc()
	if l.sync {
		return nil
	}
	if l.size > s.srv.limits.MessageSize {
		return byeError("[TOOBIG] Literal too large")
	}
	return s.skipMessage(l.size)
}

func (s *session) tooBad() error {
	limit := s.srv.limits.Bad
	if s.state == stateNotAuthenticated {
		limit = s.srv.limits.BadPreAuth
	}
	if s.bad >= limit {
		return byeError("Too many bad commands")
	}
	return nil
}

// tagged writes `tag status text`.
func (s *session) tagged(c *command, status, text string) {
	s.out.str(c.tag, " ", status)
	s.out.text(text)
	s.out.crlf()
}

// ok ends a command well, after telling what happened meanwhile.
func (s *session) ok(c *command, text string) error {
	if s.state == stateSelected {
		spec := commandTable[c.name]
		// RFC 9051 section 7.5.1: not during FETCH, STORE and SEARCH; their UID forms may.
		if err := s.sync(spec.expunge || c.uid); err != nil {
			return err
		}
	}
	s.tagged(c, "OK ", text)
	return nil
}

// no answers NO with the response code of RFC 9051 section 7.1 that fits err.
func (s *session) no(c *command, err error) {
	var coded noError
	if errors.As(err, &coded) {
		s.tagged(c, "NO ", coded.text)
		return
	}
	f := fault.Of(err)
	switch f.Code {
	case fault.Internal, fault.Unavailable:
		s.log().Error("imap command failed", "command", c.name, "error", err)
	default:
	}
	s.tagged(c, "NO ", responseCode(f)+f.Text)
}

// noError is a NO with a resp-text of our own.
type noError struct{ text string }

func (e noError) Error() string { return "imapd: " + e.text }

func responseCode(f *fault.Error) string {
	switch f.Code {
	case fault.Unauthenticated:
		return "[AUTHENTICATIONFAILED] "
	case fault.Forbidden:
		return "[NOPERM] "
	case fault.NotFound, fault.AccountNotFound:
		return "[NONEXISTENT] "
	case fault.AlreadyExists:
		return "[ALREADYEXISTS] "
	case fault.TooMany, fault.TooLarge:
		return "[LIMIT] "
	case fault.OverQuota:
		return "[OVERQUOTA] "
	case fault.Invalid, fault.Conflict:
		return "[CANNOT] "
	case fault.Unavailable:
		return "[UNAVAILABLE] "
	case fault.Internal:
		return "[SERVERBUG] "
	default:
		return ""
	}
}
