package harnesstest

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/govalues/decimal"
)

// A reply is read as: Object, []any, string, json.Number, bool, nil.
type Object = map[string]any

// Compact is a value as JSON, for messages.
func Compact(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// ParseJSON reads one value; a key twice is an error.
func ParseJSON(text string) (any, error) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	v, err := jsonValue(dec)
	if err != nil {
		return nil, fmt.Errorf("%w in %.300q", err, text)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("something after the value in %.300q", text)
	}
	return v, nil
}

func jsonValue(dec *json.Decoder) (any, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch tok {
	case json.Delim('['):
		out := []any{}
		for dec.More() {
			v, err := jsonValue(dec)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		_, err := dec.Token()
		return out, err
	case json.Delim('{'):
		out := Object{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, err
			}
			name := fmt.Sprint(key)
			if _, twice := out[name]; twice {
				return nil, fmt.Errorf("key %s twice", name)
			}
			if out[name], err = jsonValue(dec); err != nil {
				return nil, err
			}
		}
		_, err := dec.Token()
		return out, err
	}
	return tok, nil
}

// Holds compares a value with a template: an object has at least the template's
// members, everything else is equal; "*" is anything but null, "*x*" a text with
// x in it, "#absent" a member that is not there.
func Holds(where string, want, got any) error {
	switch v := want.(type) {
	case Object:
		o, ok := got.(Object)
		if !ok {
			return fmt.Errorf("%s is %s", where, Compact(got))
		}
		for k, x := range v {
			if x == "#absent" {
				if _, there := o[k]; there {
					return fmt.Errorf("%s.%s is there: %s", where, k, Compact(got))
				}
				continue
			}
			if err := Holds(where+"."+k, x, o[k]); err != nil {
				return err
			}
		}
		return nil
	case []any:
		l, ok := got.([]any)
		if !ok || len(l) != len(v) {
			return fmt.Errorf("%s is %s, want %s", where, Compact(got), Compact(want))
		}
		for i := range v {
			if err := Holds(fmt.Sprintf("%s[%d]", where, i), v[i], l[i]); err != nil {
				return err
			}
		}
		return nil
	case string:
		text, ok := got.(string)
		if v == "*" && got != nil {
			return nil
		}
		if part, isPart := strings.CutPrefix(v, "*"); isPart && ok && strings.Contains(text, strings.TrimSuffix(part, "*")) {
			return nil
		}
	}
	if w, ok := want.(json.Number); ok {
		g, ok := got.(json.Number)
		a, errA := decimal.Parse(w.String())
		b, errB := decimal.Parse(fmt.Sprint(g))
		if ok && errA == nil && errB == nil && a.Cmp(b) == 0 {
			return nil
		}
	}
	if Compact(want) != Compact(got) {
		return fmt.Errorf("%s is %s, want %s", where, Compact(got), Compact(want))
	}
	return nil
}
