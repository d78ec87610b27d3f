package mailstore

import (
	"context"
	"io"
	"strings"

	"posthouse/internal/fault"
	"posthouse/internal/mailstore/search"
	"posthouse/internal/message"
)

// MatchText gives the UIDs of a view's messages whose text contains needle,
// without regard to case, a run of white space counting as one space. header is
// the field's name with FieldHeader; there an empty needle matches every message
// that has the field (RFC 9051 section 6.4.4), elsewhere it matches all.
func (s *Store) MatchText(ctx context.Context, v *View, field TextField, header, needle string) (uids []uint32, err error) {
	q, ok := newQuery(field, header, needle)
	if !ok {
		return nil, fault.New(fault.Invalid, "Unknown search field")
	}
	if q.needle == "" && q.header == "" {
		for i := range v.Entries {
			uids = append(uids, v.Entries[i].UID)
		}
		return uids, nil
	}
	if len(v.Entries) == 0 {
		return nil, nil
	}
	return s.search.match(ctx, v, q)
}

// query is what MatchText asks for.
type query struct {
	fields search.Fields // where it may be
	header string        // a field with this name, or ""
	needle string        // folded
}

func newQuery(field TextField, header, needle string) (query, bool) {
	q := query{needle: search.Fold(needle)}
	switch field {
	case FieldSubject:
		q.fields = search.Subject
	case FieldFrom:
		q.fields = search.From
	case FieldTo:
		q.fields = search.To
	case FieldCc:
		q.fields = search.Cc
	case FieldBcc:
		q.fields = search.Bcc
	case FieldHeader:
		q.header = strings.ToLower(strings.TrimSpace(header))
		if q.header == "" {
			return q, false
		}
		if q.fields = search.FieldOf(q.header); q.fields != search.Header && q.needle != "" {
			q.header = "" // a place of its own
		}
	case FieldBody:
		q.fields = search.Body
	case FieldText:
		q.fields = search.All
	default:
		return q, false
	}
	return q, true
}

// headerLimit bounds the header that a search reads.
const headerLimit = 256 << 10

// textOf hands a message's text to emit, field by field, folded; it stops early
// when emit reports false.
func textOf(c *Content, p *message.Part, body bool, emit func(f search.Fields, name, text string) bool) error {
	header := make([]byte, min(p.BodyOffset, headerLimit, c.Size()))
	if _, err := c.ReadAt(header, 0); err != nil && err != io.EOF {
		return err
	}
	for f := range message.HeaderFields(header) {
		name := strings.ToLower(f.Name)
		if name == "" {
			continue
		}
		if !emit(search.FieldOf(name), name, search.Fold(message.DecodeHeader(f.Value()))) {
			return nil
		}
	}
	if !body {
		return nil
	}
	more := true
	return message.Text(p, c, func(text string) {
		if more {
			more = emit(search.Body, "", search.Fold(text))
		}
	})
}

// matches looks for the query in the message itself.
func (q query) matches(c *Content) (bool, error) {
	p, err := c.Part()
	if err != nil {
		return false, err
	}
	found := false
	tail := "" // end of the body text so far: a needle may span two pieces
	err = textOf(c, p, q.fields&search.Body != 0, func(f search.Fields, name, text string) bool {
		switch {
		case f&q.fields == 0 || q.header != "" && name != q.header:
		case f != search.Body:
			if q.fields == search.All {
				text = name + ": " + text // TEXT sees the field's name too
			}
			found = strings.Contains(text, q.needle)
		default:
			if strings.HasSuffix(tail, " ") {
				text = strings.TrimPrefix(text, " ")
			}
			text = tail + text
			found = strings.Contains(text, q.needle)
			tail = text[max(0, len(text)-len(q.needle)):]
		}
		return !found
	})
	return found, err
}
