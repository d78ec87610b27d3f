package smtpclient

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Bounds of a reply. RFC 5321 section 4.5.3.1.5 allows 512 octets a line; live
// servers exceed it with long URLs.
const (
	maxReplyLine  = 2048
	maxReplyLines = 128
)

// Reply is a server's answer to one command.
type Reply struct {
	Code     int    // three digits, 200 to 599
	Enhanced string // "5.1.1", or "" when the server gave none
	Lines    []string
}

// ErrReply says that a peer does not speak SMTP: a malformed, endless or
// inconsistent reply.
var ErrReply = errors.New("malformed SMTP reply")

// Positive reports a 2xx reply.
func (r Reply) Positive() bool { return r.Code/100 == 2 }

// Permanent reports a 5xx reply.
func (r Reply) Permanent() bool { return r.Code/100 == 5 }

// Text is the reply's lines, joined by a space, without codes.
func (r Reply) Text() string { return strings.Join(r.Lines, " ") }

// String is the reply on one line, as a log or a Diagnostic-Code field shows it.
func (r Reply) String() string {
	s := fmt.Sprintf("%03d", r.Code)
	if r.Enhanced != "" {
		s += " " + r.Enhanced
	}
	if t := r.Text(); t != "" {
		s += " " + t
	}
	return s
}

// readReply reads one reply, however many lines it has (RFC 5321 section 4.2.1).
func readReply(br *bufio.Reader) (Reply, error) {
	var r Reply
	for {
		line, err := readLine(br)
		if err != nil {
			return Reply{}, err
		}
		code, more, text, ok := splitReplyLine(line)
		if !ok {
			return Reply{}, fmt.Errorf("%w: %q", ErrReply, clip(line, 80))
		}
		if len(r.Lines) == 0 {
			r.Code = code
		} else if code != r.Code {
			return Reply{}, fmt.Errorf("%w: codes %d and %d in one reply", ErrReply, r.Code, code)
		}
		if enh, rest, ok := splitEnhanced(code, text); ok {
			if r.Enhanced == "" {
				r.Enhanced = enh
			}
			text = rest
		}
		r.Lines = append(r.Lines, text)
		if !more {
			return r, nil
		}
		if len(r.Lines) >= maxReplyLines {
			return Reply{}, fmt.Errorf("%w: more than %d lines", ErrReply, maxReplyLines)
		}
	}
}

// readLine reads to LF within maxReplyLine octets. A bare LF ends a line too:
// nothing that a server says here is passed on to a third party unescaped.
func readLine(br *bufio.Reader) (string, error) {
	var b []byte
	for {
		part, err := br.ReadSlice('\n')
		if len(b)+len(part) > maxReplyLine {
			return "", fmt.Errorf("%w: line longer than %d octets", ErrReply, maxReplyLine)
		}
		b = append(b, part...)
		if err == nil {
			break
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if errors.Is(err, io.EOF) && len(b) > 0 {
			err = io.ErrUnexpectedEOF
		}
		return "", err
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

func splitReplyLine(line string) (code int, more bool, text string, ok bool) {
	if len(line) < 3 {
		return 0, false, "", false
	}
	for i := range 3 {
		if line[i] < '0' || line[i] > '9' {
			return 0, false, "", false
		}
		code = code*10 + int(line[i]-'0')
	}
	if code < 200 || code > 599 {
		return 0, false, "", false
	}
	if len(line) > 3 {
		switch line[3] {
		case '-':
			more = true
		case ' ':
		default:
			return 0, false, "", false
		}
		text = printable(line[4:])
	}
	return code, more, text, true
}

// splitEnhanced takes an enhanced status code (RFC 2034 section 4) off text. Its
// class must be that of the reply.
func splitEnhanced(code int, text string) (enhanced, rest string, ok bool) {
	word, rest, _ := strings.Cut(text, " ")
	parts := strings.Split(word, ".")
	if len(parts) != 3 || len(parts[0]) != 1 || int(parts[0][0]-'0') != code/100 {
		return "", "", false
	}
	for _, p := range parts[1:] {
		if len(p) == 0 || len(p) > 3 {
			return "", "", false
		}
		for i := range len(p) {
			if p[i] < '0' || p[i] > '9' {
				return "", "", false
			}
		}
	}
	if c := parts[0][0]; c != '2' && c != '4' && c != '5' {
		return "", "", false
	}
	return word, rest, true
}

// printable makes foreign text safe for logs and DSNs: controls and octets
// beyond ASCII become "?".
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r < 0x20 || r > 0x7e:
			return '?'
		}
		return r
	}, strings.TrimSpace(s))
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
