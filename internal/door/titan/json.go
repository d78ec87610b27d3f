package titan

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"posthouse/internal/fault"
)

// Bounds on a request body (titan.md 2.4 and ours).
const (
	maxBody  = 1 << 20
	maxDepth = 32   // levels of arrays and objects
	maxItems = 1000 // of an array that somebody reads
	keptDeep = 2    // levels below which nothing is read, only checked
)

type jsonType int

const (
	typeNull jsonType = iota
	typeBool
	typeNumber
	typeString
	typeArray
	typeObject
)

// value is a JSON value, or a query parameter as a string.
type value struct {
	typ    jsonType
	text   string // of a string, or a number as it was written
	yes    bool
	items  []value
	fields map[string]value
	raw    []byte // of an object, as it was written
}

var errUnparsable = fault.New(fault.Invalid, "Unknown error in parsing request").WithReason("UNPARSABLE")

// parseBody reads a JSON object. No bytes are {}; so is an empty array, which
// is what PHP makes of an empty map. Refused beyond RFC 8259: a key twice in
// one object (which one would a rule have been checked against?), bytes that
// are not UTF-8, more than maxDepth levels. Keys that known does not have are
// checked but not kept.
func parseBody(body []byte, known map[string]bool) (map[string]value, error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil
	}
	if !utf8.Valid(body) {
		return nil, errUnparsable
	}
	p := parser{dec: json.NewDecoder(bytes.NewReader(body)), body: body, known: known}
	p.dec.UseNumber()
	v, err := p.value(0, keptDeep)
	if err != nil {
		return nil, err
	}
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errUnparsable
	}
	switch {
	case v.typ == typeObject:
		return v.fields, nil
	case v.typ == typeArray && len(v.items) == 0:
		return nil, nil
	}
	return nil, errUnparsable
}

type parser struct {
	dec   *json.Decoder
	body  []byte
	known map[string]bool
}

// value reads one value at depth and keeps what is up to keep levels below it.
func (p *parser) value(depth, keep int) (value, error) {
	tok, err := p.dec.Token()
	if err != nil {
		return value{}, errUnparsable
	}
	switch t := tok.(type) {
	case nil:
		return value{typ: typeNull}, nil
	case bool:
		return value{typ: typeBool, yes: t}, nil
	case json.Number:
		return value{typ: typeNumber, text: t.String()}, nil
	case string:
		return value{typ: typeString, text: t}, nil
	case json.Delim:
		if depth >= maxDepth {
			return value{}, fault.Newf(fault.Invalid, "The request body is nested deeper than %d levels", maxDepth).WithReason("TOO_DEEP")
		}
		if t == '[' {
			return p.array(depth, keep)
		}
		if t == '{' {
			return p.object(depth, keep)
		}
	}
	return value{}, errUnparsable
}

func (p *parser) array(depth, keep int) (value, error) {
	v := value{typ: typeArray}
	for n := 0; p.dec.More(); n++ {
		item, err := p.value(depth+1, keep-1)
		if err != nil {
			return value{}, err
		}
		switch {
		case keep <= 0:
		case n >= maxItems:
			return value{}, fault.Newf(fault.Invalid, "The request body has an array of more than %d items", maxItems).WithReason("TOO_MANY_ITEMS")
		default:
			v.items = append(v.items, item)
		}
	}
	return v, p.end()
}

func (p *parser) object(depth, keep int) (value, error) {
	start := p.dec.InputOffset() - 1
	v := value{typ: typeObject}
	if keep > 0 {
		v.fields = make(map[string]value)
	}
	seen := make(map[string]struct{})
	for p.dec.More() {
		tok, err := p.dec.Token()
		if err != nil {
			return value{}, errUnparsable
		}
		key, ok := tok.(string)
		if !ok {
			return value{}, errUnparsable
		}
		if _, twice := seen[key]; twice {
			return value{}, fault.Newf(fault.Invalid, "The request body has the key %s twice", shown(key)).WithReason("DUPLICATE_KEY")
		}
		seen[key] = struct{}{}
		below := keep - 1
		if depth == 0 && !p.known[key] {
			below = 0
		}
		member, err := p.value(depth+1, below)
		if err != nil {
			return value{}, err
		}
		if keep > 0 && (depth > 0 || p.known[key]) {
			v.fields[key] = member
		}
	}
	if err := p.end(); err != nil {
		return value{}, err
	}
	v.raw = p.body[start:p.dec.InputOffset()]
	return v, nil
}

// end reads the closing bracket.
func (p *parser) end() error {
	if _, err := p.dec.Token(); err != nil {
		return errUnparsable
	}
	return nil
}

// shown bounds what of a caller's text comes back in a fault.
func shown(s string) string {
	const most = 64
	if len(s) > most {
		s = s[:most]
	}
	out := make([]rune, 0, len(s))
	for _, r := range s {
		if r >= ' ' && r != 0x7f && r != utf8.RuneError {
			out = append(out, r)
		}
	}
	return string(out)
}
