package message

import (
	"encoding/binary"

	"posthouse/internal/fault"
)

// The compact form: a version, the numbers of parts, parameters, addresses,
// envelopes and languages in the whole tree (so that decoding allocates each kind
// once), then the parts in depth-first order. Numbers are varints, offsets are
// relative to the parent, strings are a length or a place in the dictionary.
const binaryVersion = 1

// dictionary holds the strings that most messages have. Its order is part of the
// format: append only, and only together with a new version.
var dictionary = [...]string{
	"", "text", "plain", "html", "multipart", "alternative", "mixed", "related", "message", "rfc822", "report", "signed", "delivery-status",
	"application", "octet-stream", "pdf", "image", "png", "jpeg", "gif", "7bit", "8bit", "binary", "quoted-printable", "base64",
	"charset", "utf-8", "UTF-8", "us-ascii", "US-ASCII", "iso-8859-1", "ISO-8859-1", "windows-1252", "boundary", "name", "filename", "attachment",
	"inline", "format", "flowed", "delsp", "yes", "type", "report-type", "protocol", "micalg", "en", "calendar", "method", "size",
	"gmail.com", "example.com", "example.org", "localhost", MissingHost, MissingMailbox,
}

var dictionaryIndex = func() map[string]int {
	m := make(map[string]int, len(dictionary))
	for i, s := range dictionary {
		m[s] = i
	}
	return m
}()

// longestEntry bounds what is looked up in the dictionary.
const longestEntry = 16

type totals struct{ parts, params, addresses, envelopes, languages int }

func (t *totals) add(p *Part) {
	t.parts++
	t.params += len(p.Params) + len(p.DispositionParams)
	t.languages += len(p.Language)
	if e := p.Envelope; e != nil {
		t.envelopes++
		t.addresses += len(e.From) + len(e.To) + len(e.Cc) + len(e.Bcc)
		if !sameList(e.Sender, e.From) {
			t.addresses += len(e.Sender)
		}
		if !sameList(e.ReplyTo, e.From) {
			t.addresses += len(e.ReplyTo)
		}
	}
	for _, c := range p.Children {
		t.add(c)
	}
}

// AppendBinary appends the compact form of p to dst.
func (p *Part) AppendBinary(dst []byte) []byte {
	var t totals
	t.add(p)
	dst = append(dst, binaryVersion)
	for _, n := range [...]int{t.parts, t.params, t.addresses, t.envelopes, t.languages} {
		dst = binary.AppendUvarint(dst, uint64(n))
	}
	return p.appendTo(dst, 0)
}

// The bits of a part's flags.
const (
	flagEnvelope    = 1 << iota // its header is a message's
	flagDisposition             // Content-Disposition
	flagRare                    // ID, Description, MD5, Language or Location
	flagChildren
)

func (p *Part) appendTo(dst []byte, base int64) []byte {
	envelope := p.Envelope != nil
	rare := p.ID != "" || p.Description != "" || p.MD5 != "" || p.Location != "" || len(p.Language) > 0
	var flags byte
	for i, set := range [...]bool{envelope, p.Disposition != "" || len(p.DispositionParams) > 0, rare, len(p.Children) > 0} {
		if set {
			flags |= 1 << i
		}
	}
	dst = append(dst, flags)
	dst = binary.AppendUvarint(dst, uint64(p.HeaderOffset-base))
	dst = binary.AppendUvarint(dst, uint64(p.BodyOffset-p.HeaderOffset))
	dst = binary.AppendUvarint(dst, uint64(p.BodySize))
	dst = binary.AppendUvarint(dst, uint64(p.Lines))
	dst = appendString(dst, p.Type)
	dst = appendString(dst, p.Subtype)
	dst = appendString(dst, p.Encoding)
	dst = appendParams(dst, p.Params)
	if flags&flagDisposition != 0 {
		dst = appendString(dst, p.Disposition)
		dst = appendParams(dst, p.DispositionParams)
	}
	if rare {
		for _, s := range [...]string{p.ID, p.Description, p.MD5, p.Location} {
			dst = appendString(dst, s)
		}
		dst = binary.AppendUvarint(dst, uint64(len(p.Language)))
		for _, s := range p.Language {
			dst = appendString(dst, s)
		}
	}
	if envelope {
		dst = p.Envelope.appendTo(dst)
	}
	if len(p.Children) > 0 {
		dst = binary.AppendUvarint(dst, uint64(len(p.Children)))
		for _, c := range p.Children {
			dst = c.appendTo(dst, p.HeaderOffset)
		}
	}
	return dst
}

func (e *Envelope) appendTo(dst []byte) []byte {
	for _, s := range [...]string{e.Date, e.Subject, e.InReplyTo, e.MessageID} {
		dst = appendString(dst, s)
	}
	dst = appendAddressList(dst, e.From, nil)
	dst = appendAddressList(dst, e.Sender, e.From)
	dst = appendAddressList(dst, e.ReplyTo, e.From)
	dst = appendAddressList(dst, e.To, nil)
	dst = appendAddressList(dst, e.Cc, nil)
	return appendAddressList(dst, e.Bcc, nil)
}

// appendAddressList writes 0 for a list that is the same as from, else its length + 1.
func appendAddressList(dst []byte, list, from []EnvelopeAddress) []byte {
	if len(from) > 0 && sameList(list, from) {
		return append(dst, 0)
	}
	dst = binary.AppendUvarint(dst, uint64(len(list))+1)
	for _, a := range list {
		dst = appendString(dst, a.Name)
		dst = appendString(dst, a.Route)
		dst = appendString(dst, a.Mailbox)
		dst = appendString(dst, a.Host)
	}
	return dst
}

func appendParams(dst []byte, params []Param) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(params)))
	for _, p := range params {
		dst = appendString(dst, p.Name)
		dst = appendString(dst, p.Value)
	}
	return dst
}

// appendString writes 2n for a string of length n, 2i+1 for the dictionary's entry i.
func appendString(dst []byte, s string) []byte {
	if len(s) <= longestEntry {
		if i, ok := dictionaryIndex[s]; ok {
			return binary.AppendUvarint(dst, uint64(i)<<1|1)
		}
	}
	dst = binary.AppendUvarint(dst, uint64(len(s))<<1)
	return append(dst, s...)
}

var errDamaged = fault.New(fault.Internal, "The stored structure of a message is damaged")
