package resellerclub

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"posthouse/internal/money"
)

// A reply is made of: string (a JSON string), number and bool (native), object
// and list. What the contract writes as a string is made one by whoever builds
// the reply (section 3).

// number is a native JSON number, as it is written.
type number string

// object is a map whose keys keep their order.
type object []member

type member struct {
	key   string
	value any
}

// list is an array.
type list []any

func (o *object) set(key string, v any)           { *o = append(*o, member{key, v}) }
func (o *object) id(key string, v int64)          { o.set(key, strconv.FormatInt(v, 10)) }
func (o *object) flag(key string, v bool)         { o.set(key, strconv.FormatBool(v)) }
func (o *object) time(key string, v time.Time)    { o.id(key, v.Unix()) }
func (o *object) value(key string, v money.Value) { o.set(key, v.String()) }

func whole(n int64) number { return number(strconv.FormatInt(n, 10)) }

// appendJSON writes v without spaces.
func appendJSON(b *bytes.Buffer, v any) error {
	switch v := v.(type) {
	case object:
		b.WriteByte('{')
		for i, m := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := appendString(b, m.key); err != nil {
				return err
			}
			b.WriteByte(':')
			if err := appendJSON(b, m.value); err != nil {
				return err
			}
		}
		b.WriteByte('}')
	case list:
		b.WriteByte('[')
		for i, x := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := appendJSON(b, x); err != nil {
				return err
			}
		}
		b.WriteByte(']')
	case number:
		b.WriteString(string(v))
	case string:
		return appendString(b, v)
	case bool:
		b.WriteString(strconv.FormatBool(v))
	default:
		return fmt.Errorf("a reply holds a %T", v)
	}
	return nil
}

// appendString writes a JSON string. Markup stays as it is: no reply is ever
// taken for HTML.
func appendString(b *bytes.Buffer, s string) error {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the encoder's newline
	return nil
}

// paged is a paged map: counters, and rows keyed from "1" (section 3).
func paged(total int, rows []object) object {
	var out object
	out.set("recsonpage", strconv.Itoa(len(rows)))
	out.set("recsindb", strconv.Itoa(total))
	for i, r := range rows {
		out.set(strconv.Itoa(i+1), r)
	}
	return out
}
