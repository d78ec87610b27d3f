package smtpd

import (
	"strconv"
	"strings"

	"posthouse/internal/dsn"
	"posthouse/internal/mailaddr"
)

// The limits of command lines, CRLF included (RFC 5321 section 4.5.3.1.4 with
// what SIZE, DSN, AUTH and SMTPUTF8 add; RFC 4954 section 4 for AUTH).
const (
	maxCommandLine = 4096
	maxAuthLine    = 12288 + 2
)

// verb is a command's name in upper case.
type verb string

// splitVerb parts a command line. Known verbs don't allocate.
func splitVerb(line []byte) (v verb, args string) {
	end := len(line)
	for i, c := range line {
		if c == ' ' || c == '\t' {
			end = i
			break
		}
	}
	v = lookVerb(line[:end])
	if v == "" {
		return "", ""
	}
	return v, string(line[end:])
}

var verbs = [...]verb{"MAIL", "RCPT", "DATA", "BDAT", "EHLO", "HELO", "QUIT", "RSET", "NOOP", "STARTTLS", "AUTH", "VRFY", "EXPN", "HELP"}

func lookVerb(word []byte) verb {
	for _, v := range verbs {
		if len(v) == len(word) && equalFoldASCII(word, string(v)) {
			return v
		}
	}
	return ""
}

// equalFoldASCII compares with upper, which is in upper case; other letters
// that fold to ASCII ones, such as the Kelvin sign, don't count.
func equalFoldASCII(word []byte, upper string) bool {
	for i, c := range word {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c != upper[i] {
			return false
		}
	}
	return true
}

// foreignTalk recognises the first words of other protocols, which browsers can
// be made to send here with commands in what follows.
func foreignTalk(line []byte) bool {
	for _, word := range [...]string{"GET ", "POST ", "PUT ", "HEAD ", "OPTIONS ", "CONNECT ", "DELETE ", "TRACE ", "PATCH ", "PRI * ", "HOST:", "USER-AGENT:", "CONTENT-", "SSH-"} {
		if len(line) >= len(word) && equalFoldASCII(line[:len(word)], word) {
			return true
		}
	}
	return false
}

// control reports whether a command line has octets that none may have.
func control(line []byte) bool {
	for _, c := range line {
		if c < ' ' && c != '\t' || c == 0x7f {
			return true
		}
	}
	return false
}

// bodyType is the BODY parameter (RFC 6152).
type bodyType uint8

const (
	bodyUnsaid bodyType = iota
	body7Bit
	body8BitMIME
)

// mailCommand is a parsed MAIL.
type mailCommand struct {
	from     mailaddr.Address
	size     int64 // 0 = not told
	body     bodyType
	smtpUTF8 bool
	ret      string // "", "FULL" or "HDRS" (RFC 3461)
	envID    string // xtext, as given
}

// rcptCommand is a parsed RCPT.
type rcptCommand struct {
	to     mailaddr.Address
	notify string // as given in upper case: "NEVER", or a list of SUCCESS, FAILURE, DELAY; "" = not told
	orcpt  string // "type;address" in xtext, as given; "" = not told
}

// extensions are what the EHLO reply offered as far as parameters go.
type extensions struct {
	dsn, auth bool
}

// cutPath takes the word before the path, such as "FROM:", off args. White
// space around the colon is wrong but widespread.
func cutPath(args, word string) (string, bool) {
	args = strings.TrimLeft(args, " \t")
	if len(args) < len(word) || !strings.EqualFold(args[:len(word)], word) {
		return "", false
	}
	args, ok := strings.CutPrefix(strings.TrimLeft(args[len(word):], " \t"), ":")
	return strings.TrimLeft(args, " \t"), ok
}

func parseMail(args string, ext extensions) (m mailCommand, bad *reply) {
	path, ok := cutPath(args, "FROM")
	if !ok {
		return m, replyMailSyntax
	}
	// UTF-8 is judged after the parameters, one of which allows it.
	from, rest, err := mailaddr.ParseReversePath(path, mailaddr.AllowUTF8)
	if err != nil {
		return m, badPath(err, "5.1.7")
	}
	m.from = from
	bad = eachParam(rest, func(key, value string, hasValue bool) *reply { return m.param(key, value, hasValue, ext) })
	if bad != nil {
		return m, bad
	}
	if !m.smtpUTF8 {
		if _, _, err := mailaddr.ParseReversePath(path); err != nil {
			return m, badPath(err, "5.1.7")
		}
	}
	return m, nil
}

func (m *mailCommand) param(key, value string, hasValue bool, ext extensions) *reply {
	switch key {
	case "SIZE":
		n, ok := parseSize(value)
		if !ok {
			return replySizeParam
		}
		m.size = n
	case "BODY":
		switch strings.ToUpper(value) {
		case "7BIT":
			m.body = body7Bit
		case "8BITMIME":
			m.body = body8BitMIME
		default:
			return &reply{501, "5.5.4", "BODY must be 7BIT or 8BITMIME"}
		}
	case "SMTPUTF8":
		if hasValue {
			return &reply{501, "5.5.4", "SMTPUTF8 takes no value"}
		}
		m.smtpUTF8 = true
	case "RET":
		m.ret = strings.ToUpper(value)
		if !ext.dsn || (m.ret != "FULL" && m.ret != "HDRS") {
			return notOffered(ext.dsn, key)
		}
	case "ENVID":
		id, ok := decodeXtext(value)
		if !ext.dsn || !ok || id == "" || len(value) > 100 {
			return notOffered(ext.dsn, key)
		}
		m.envID = value
	case "AUTH":
		// RFC 4954 section 5: understood, and not believed.
		if _, ok := decodeXtext(value); !ext.auth || !ok || value == "" || len(value) > 500 {
			return notOffered(ext.auth, key)
		}
	default:
		return notOffered(false, key)
	}
	return nil
}

func parseRcpt(args string, smtpUTF8 bool, ext extensions) (r rcptCommand, bad *reply) {
	path, ok := cutPath(args, "TO")
	if !ok {
		return r, replyRcptSyntax
	}
	var opts []mailaddr.Option
	if smtpUTF8 {
		opts = append(opts, mailaddr.AllowUTF8)
	}
	to, rest, err := mailaddr.ParseForwardPath(path, opts...)
	if err != nil {
		return r, badPath(err, "5.1.3")
	}
	r.to = to
	return r, eachParam(rest, func(key, value string, _ bool) *reply { return r.param(key, value, ext) })
}

func (r *rcptCommand) param(key, value string, ext extensions) *reply {
	switch key {
	case "NOTIFY":
		r.notify = strings.ToUpper(value)
		if !ext.dsn || !validNotify(r.notify) {
			return notOffered(ext.dsn, key)
		}
	case "ORCPT":
		kind, addr, ok := strings.Cut(value, ";")
		decoded, ok2 := decodeXtext(addr)
		if !ext.dsn || !ok || !ok2 || !isKeyword(kind) || decoded == "" || len(value) > 500 {
			return notOffered(ext.dsn, key)
		}
		r.orcpt = value
	default:
		return notOffered(false, key)
	}
	return nil
}

// validNotify checks RFC 3461 section 4.1: NEVER stands alone.
func validNotify(v string) bool {
	if v == "NEVER" {
		return true
	}
	seen := ""
	for word := range strings.SplitSeq(v, ",") {
		if (word != "SUCCESS" && word != "FAILURE" && word != "DELAY") || strings.Contains(seen, word) {
			return false
		}
		seen += word
	}
	return true
}

func badPath(err error, enhanced string) *reply {
	if mailaddr.IsUTF8Required(err) {
		return replyUTF8
	}
	return &reply{501, enhanced, safeText(err)}
}

// notOffered is the reply to a parameter: unknown here, or its value is wrong.
func notOffered(known bool, key string) *reply {
	if known {
		return &reply{501, "5.5.4", "The value of " + key + " is not valid"}
	}
	return &reply{555, "5.5.4", "Parameter " + key + " is not offered"}
}

// maxParams is more than there are parameters.
const maxParams = 16

// eachParam reads esmtp-params (RFC 5321 section 4.1.2); keys come in upper case.
func eachParam(s string, fn func(key, value string, hasValue bool) *reply) *reply {
	var seen [maxParams]string
	for n := 0; ; n++ {
		trimmed := strings.TrimLeft(s, " ")
		if trimmed == "" {
			return nil
		}
		if len(trimmed) == len(s) || n == maxParams {
			return &reply{501, "5.5.4", "The parameters are malformed"}
		}
		var param string
		param, s = trimmed, ""
		if i := strings.IndexByte(trimmed, ' '); i >= 0 {
			param, s = trimmed[:i], trimmed[i:]
		}
		key, value, hasValue := strings.Cut(param, "=")
		if !isKeyword(key) || (hasValue && !isValue(value)) {
			return &reply{501, "5.5.4", "The parameters are malformed"}
		}
		key = strings.ToUpper(key)
		for _, k := range seen[:n] {
			if k == key {
				return &reply{501, "5.5.4", "Parameter " + key + " is given twice"}
			}
		}
		seen[n] = key
		if bad := fn(key, value, hasValue); bad != nil {
			return bad
		}
	}
}

func isKeyword(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		alnum := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !alnum && (c != '-' || i == 0) {
			return false
		}
	}
	return s != "" && len(s) <= 32
}

// isValue is esmtp-value; octets above 127 come with SMTPUTF8, and "=" from
// clients that forget to encode it.
func isValue(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c == 0x7f {
			return false
		}
	}
	return s != ""
}

// parseSize reads size-value of RFC 1870: 1 to 20 digits. What overflows is
// larger than any limit.
func parseSize(s string) (int64, bool) {
	if len(s) == 0 || len(s) > 20 {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 1<<63 - 1, true
	}
	return n, true
}

// decodeXtext decodes xtext into printable characters.
func decodeXtext(s string) (string, bool) {
	text, ok := dsn.DecodeXtext(s)
	if !ok || !printable(text) {
		return "", false
	}
	return text, true
}

func printable(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] == 0x7f {
			return false
		}
	}
	return true
}
