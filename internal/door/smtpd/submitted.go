package smtpd

import (
	"bytes"
	"io"
	"mime"
	"net/mail"
	"slices"
	"strings"

	"posthouse/internal/mailaddr"
)

// The replies to a submitted header section.
var (
	replyHeaderSyntax = &reply{550, "5.6.0", "The header has a line that is no header field"}
	replyNoFrom       = &reply{550, "5.6.0", "The message has no From field"}
	replyTwoFroms     = &reply{550, "5.6.0", "The message has more than one From field"}
	replyFromSyntax   = &reply{550, "5.6.0", "The From field can't be read"}
	replyForeignFrom  = &reply{550, "5.7.1", "The From field must be an address of your account"}
	replyTwoSenders   = &reply{550, "5.6.0", "The message has more than one Sender field"}
	replySenderSyntax = &reply{550, "5.6.0", "The Sender field can't be read"}
	replyForeignBy    = &reply{550, "5.7.1", "The Sender field must be an address of your account"}
)

// maxAddressField bounds a From or Sender field before it is parsed.
const maxAddressField = 16 << 10

// submittedHeader is what a first pass over a submitted header section found.
type submittedHeader struct {
	from, sender  []byte // values
	hasDate       bool
	hasMessageID  bool
	froms         int
	senders       int
	removesFields bool
}

// removed reports the fields that a submitted message must not carry: blind
// copies are told by RCPT, and Return-Path is written by who delivers (RFC
// 5321 section 4.4).
func removed(f field) bool {
	return f.is("bcc") || f.is("resent-bcc") || f.is("return-path")
}

// inspectSubmitted refuses header sections that are not for certain what they
// seem: a line that is no field may hide, from one reader or another, a From
// behind it.
func inspectSubmitted(header []byte) (h submittedHeader, bad *reply) {
	for f, rest, ok := nextField(header); ok; f, rest, ok = nextField(rest) {
		switch {
		case f.name == nil || f.raw[0] == ' ' || f.raw[0] == '\t':
			return h, replyHeaderSyntax
		case f.is("from"):
			h.froms++
			h.from = f.value()
		case f.is("sender"):
			h.senders++
			h.sender = f.value()
		case f.is("date"):
			h.hasDate = true
		case f.is("message-id"):
			h.hasMessageID = true
		case removed(f):
			h.removesFields = true
		}
	}
	switch {
	case h.froms == 0:
		return h, replyNoFrom
	case h.froms > 1:
		return h, replyTwoFroms
	case h.senders > 1:
		return h, replyTwoSenders
	}
	return h, nil
}

// authorMayBe checks the authors' addresses against those of the account (RFC
// 6409 section 8.1): every one must be an own address, and there must be one.
func (h *submittedHeader) authorMayBe(own []mailaddr.Address) *reply {
	from, ok := fieldAddresses(h.from)
	if !ok {
		return replyFromSyntax
	}
	if !allOwn(from, own) {
		return replyForeignFrom
	}
	if h.senders == 0 {
		return nil
	}
	sender, ok := fieldAddresses(h.sender)
	if !ok || len(sender) != 1 {
		return replySenderSyntax
	}
	if !allOwn(sender, own) {
		return replyForeignBy
	}
	return nil
}

func allOwn(addresses, own []mailaddr.Address) bool {
	for _, a := range addresses {
		if !slices.ContainsFunc(own, func(o mailaddr.Address) bool { return o.Normal() == a.Normal() }) {
			return false
		}
	}
	return true
}

// addressParser takes display names in any character set: they don't matter here.
var addressParser = mail.AddressParser{WordDecoder: &mime.WordDecoder{
	CharsetReader: func(_ string, input io.Reader) (io.Reader, error) { return input, nil },
}}

// fieldAddresses parses an address list strictly; ok only if there is one address at least.
func fieldAddresses(value []byte) ([]mailaddr.Address, bool) {
	if len(value) > maxAddressField {
		return nil, false
	}
	unfolded := strings.ReplaceAll(string(value), "\r\n", "")
	list, err := addressParser.ParseList(unfolded)
	if err != nil || len(list) == 0 {
		return nil, false
	}
	out := make([]mailaddr.Address, len(list))
	for i, l := range list {
		at := strings.LastIndexByte(l.Address, '@')
		if at < 0 {
			return nil, false
		}
		// The parser has unquoted the local part; String quotes it again where needed.
		a, err := mailaddr.Parse(mailaddr.Address{Local: l.Address[:at], Domain: l.Address[at+1:]}.String(), mailaddr.AllowUTF8)
		if err != nil {
			return nil, false
		}
		out[i] = a
	}
	return out, true
}

// writeSubmitted writes trace, then the header section without what must go and
// with what is missing (RFC 6409 sections 8.2 and 8.3), then the empty line.
func (h *submittedHeader) writeSubmitted(w io.Writer, trace, header []byte, date, messageID string) error {
	b := make([]byte, 0, len(trace)+len(header)+256)
	b = append(b, trace...)
	if h.removesFields {
		for f, rest, ok := nextField(header); ok; f, rest, ok = nextField(rest) {
			if !removed(f) {
				b = append(b, f.raw...)
			}
		}
	} else {
		b = append(b, bytes.TrimSuffix(header, crlf)...)
		if !bytes.HasSuffix(header, []byte("\r\n\r\n")) {
			b = append(b, crlf...) // no empty line was there to take away
		}
	}
	if !h.hasDate {
		b = append(b, "Date: "...)
		b = append(b, date...)
		b = append(b, crlf...)
	}
	if !h.hasMessageID {
		b = append(b, "Message-ID: <"...)
		b = append(b, messageID...)
		b = append(b, ">\r\n"...)
	}
	b = append(b, crlf...)
	_, err := w.Write(b)
	return err
}
