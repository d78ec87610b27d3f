package message

import (
	"bytes"
	"strings"
)

// entityKind says what a header belongs to.
type entityKind uint8

const (
	rootEntity    entityKind = iota
	messageEntity            // an embedded message
	partEntity               // a part of a multipart
	digestEntity             // a part of a multipart/digest, by default a message (RFC 2046 section 5.1.5)
)

type fieldID uint8

const (
	noField fieldID = iota
	fieldFrom
	fieldSender
	fieldReplyTo
	fieldTo
	fieldCc
	fieldBcc
	fieldDate
	fieldSubject
	fieldInReplyTo
	fieldMessageID
	fieldType
	fieldEncoding
	fieldDisposition
	fieldContentID
	fieldDescription
	fieldMD5
	fieldLanguage
	fieldLocation
	numFields
)

// found is a wanted value within scanner.values.
type found struct {
	id         fieldID
	start, end int
}

// interpret fills p from the collected header. One string holds all values.
func (s *scanner) interpret(p *Part, kind entityKind) {
	s.collect(kind)
	text := string(s.values)
	var first [numFields]string
	var have [numFields]bool
	for _, f := range s.found {
		if !have[f.id] {
			have[f.id], first[f.id] = true, text[f.start:f.end]
		}
	}
	if kind == rootEntity || kind == messageEntity {
		p.Envelope = &Envelope{
			Date: first[fieldDate], Subject: first[fieldSubject], InReplyTo: first[fieldInReplyTo], MessageID: first[fieldMessageID],
		}
		s.addressFields(p.Envelope, text, &have)
	}
	p.ID, p.Description, p.MD5, p.Location = first[fieldContentID], first[fieldDescription], first[fieldMD5], first[fieldLocation]
	if p.Encoding = lower(firstToken(first[fieldEncoding])); p.Encoding == "" {
		p.Encoding = "7bit"
	}
	if have[fieldDisposition] {
		p.Disposition, p.DispositionParams = s.parameterised(first[fieldDisposition])
	}
	if have[fieldLanguage] {
		p.Language = languages(first[fieldLanguage])
	}
	p.Type, p.Subtype = "text", "plain"
	switch {
	case have[fieldType]:
		media, params := s.parameterised(first[fieldType])
		if t, sub, ok := strings.Cut(media, "/"); ok && t != "" && sub != "" {
			p.Type, p.Subtype = strings.TrimSpace(t), strings.TrimSpace(sub)
		}
		p.Params = params
	case kind == digestEntity:
		p.Type, p.Subtype = "message", "rfc822"
	default:
		p.Params = usASCII
	}
}

// usASCII is the default of RFC 2045 section 5.2, shared by all parts.
var usASCII = []Param{{"charset", "us-ascii"}}

// collect finds the wanted fields in the header and unfolds their values.
func (s *scanner) collect(kind entityKind) {
	s.values, s.found = s.values[:0], s.found[:0]
	envelope := kind == rootEntity || kind == messageEntity
	for h := s.header; len(h) > 0; {
		end := fieldEnd(h)
		id, value := identify(h[:end])
		if id >= fieldType || id != noField && envelope {
			start := len(s.values)
			s.values = appendUnfolded(s.values, value)
			s.found = append(s.found, found{id, start, len(s.values)})
		}
		h = h[end:]
	}
}

// fieldEnd returns the length of the first field with its continuation lines.
func fieldEnd(h []byte) int {
	for end := 0; ; {
		i := bytes.IndexByte(h[end:], '\n')
		if i < 0 {
			return len(h)
		}
		if end += i + 1; end == len(h) || h[end] != ' ' && h[end] != '\t' {
			return end
		}
	}
}

// identify recognises a wanted field and returns its value.
func identify(field []byte) (fieldID, []byte) {
	var name [32]byte
	n := 0
	for ; n < len(field) && n < len(name) && field[n] != ':'; n++ {
		c := field[n]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		name[n] = c
	}
	if n == len(field) || field[n] != ':' {
		return noField, nil
	}
	value := field[n+1:]
	for n > 0 && (name[n-1] == ' ' || name[n-1] == '\t') {
		n-- // obsolete syntax, RFC 5322 section 4.5
	}
	var id fieldID
	switch string(name[:n]) {
	case "from":
		id = fieldFrom
	case "sender":
		id = fieldSender
	case "reply-to":
		id = fieldReplyTo
	case "to":
		id = fieldTo
	case "cc":
		id = fieldCc
	case "bcc":
		id = fieldBcc
	case "date":
		id = fieldDate
	case "subject":
		id = fieldSubject
	case "in-reply-to":
		id = fieldInReplyTo
	case "message-id":
		id = fieldMessageID
	case "content-type":
		id = fieldType
	case "content-transfer-encoding":
		id = fieldEncoding
	case "content-disposition":
		id = fieldDisposition
	case "content-id":
		id = fieldContentID
	case "content-description":
		id = fieldDescription
	case "content-md5":
		id = fieldMD5
	case "content-language":
		id = fieldLanguage
	case "content-location":
		id = fieldLocation
	}
	return id, value
}

// appendUnfolded appends value without line ends, NUL and white space around.
func appendUnfolded(dst, value []byte) []byte {
	value = bytes.Trim(value, " \t\r\n")
	if bytes.IndexByte(value, '\n') < 0 && bytes.IndexByte(value, '\r') < 0 && bytes.IndexByte(value, 0) < 0 {
		return append(dst, value...)
	}
	for _, c := range value {
		if c != '\n' && c != '\r' && c != 0 {
			dst = append(dst, c)
		}
	}
	return dst
}

// addressFields fills the address lists from one array. To, Cc and Bcc may occur
// several times; the first of the others counts.
func (s *scanner) addressFields(e *Envelope, text string, have *[numFields]bool) {
	var ends [fieldBcc + 1]int
	s.list = s.list[:0]
	for id := fieldFrom; id <= fieldBcc; id++ {
		if have[id] {
			for _, f := range s.found {
				if f.id != id {
					continue
				}
				s.list = appendAddresses(s.list, text[f.start:f.end], s.lim.Addresses-s.addresses-len(s.list))
				if id < fieldTo {
					break
				}
			}
		}
		ends[id] = len(s.list)
	}
	if len(s.list) == 0 {
		return
	}
	s.addresses += len(s.list)
	all := append(make([]EnvelopeAddress, 0, len(s.list)), s.list...)
	list := func(id fieldID) []EnvelopeAddress {
		if ends[id] == ends[id-1] {
			return nil
		}
		return all[ends[id-1]:ends[id]:ends[id]]
	}
	e.From, e.Sender, e.ReplyTo, e.To, e.Cc, e.Bcc = list(fieldFrom), list(fieldSender), list(fieldReplyTo), list(fieldTo), list(fieldCc), list(fieldBcc)
	e.inherit()
}

// inherit gives an absent Sender or Reply-To the value of From (RFC 9051 section 7.5.2).
func (e *Envelope) inherit() {
	if e.Sender == nil {
		e.Sender = e.From
	}
	if e.ReplyTo == nil {
		e.ReplyTo = e.From
	}
}

// sameList reports whether two lists are one and the same array.
func sameList(a, b []EnvelopeAddress) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// languages splits Content-Language (RFC 3282).
func languages(value string) []string {
	const most = 16
	var tags []string
	for tag := range strings.SplitSeq(value, ",") {
		if tag = strings.TrimSpace(tag); tag != "" && len(tags) < most {
			tags = append(tags, tag)
		}
	}
	return tags
}
