package resellerclub

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"posthouse/test/harness/harnesstest"
)

// A reply is read as: object, []any, string, json.Number, bool. Both forms give
// the same.
type object = harnesstest.Object

func compact(v any) string { return harnesstest.Compact(v) }

func parseJSON(text string) (any, error) { return harnesstest.ParseJSON(text) }

func holds(where string, want, got any) error { return harnesstest.Holds(where, want, got) }

// A shape says which keys a reply has, no others, and of which JSON type each
// value is:
//
//	s id money flag sec   strings: any, digits, three decimals, true or false, UNIX seconds
//	n int b               native: a number, a whole number, a Boolean
//	{a:s,b?:n}            an object; b may be missing
//	{<id>:X}              an object keyed by numbers, at least one; also <slab>, <name> and <months>, which may be none
//	paged{...}            a paged map whose rows are keyed "1" to "n" (section 3)
//	[X] []                a list whose items are X; an empty one
type shape struct {
	kind    string
	members []member // in the order of the text
	item    *shape   // of a list, of keys and of paged
}

type member struct {
	key      string
	optional bool
	shape    *shape
}

var scalars = map[string]*regexp.Regexp{
	"s": nil, "id": regexp.MustCompile(`^[0-9]+$`), "money": regexp.MustCompile(`^-?[0-9]+\.[0-9]{3}$`),
	"flag": regexp.MustCompile(`^(true|false)$`), "sec": regexp.MustCompile(`^[0-9]{1,12}$`), "cents": regexp.MustCompile(`^-?[0-9]+\.[0-9]{2}$`),
}

var keys = map[string]*regexp.Regexp{
	"<id>": regexp.MustCompile(`^[0-9]+$`), "<slab>": regexp.MustCompile(`^[0-9]+-[0-9]+$`), "<name>": regexp.MustCompile(`^[a-z_]+$`), "<months>": regexp.MustCompile(`^(1|3|6|12)$`),
}

// parseShape reads a shape's text.
func parseShape(text string) (*shape, error) {
	s, rest, err := shapeOf(strings.Join(strings.Fields(text), ""))
	if err == nil && rest != "" {
		err = fmt.Errorf("%q after the shape", rest)
	}
	return s, err
}

var word = regexp.MustCompile(`^[a-z]+`)

func shapeOf(t string) (*shape, string, error) {
	switch {
	case strings.HasPrefix(t, "[]"):
		return &shape{kind: "[]"}, t[2:], nil
	case strings.HasPrefix(t, "["):
		item, rest, err := shapeOf(t[1:])
		if err != nil || !strings.HasPrefix(rest, "]") {
			return nil, "", fmt.Errorf("list at %.20q: %v", t, err)
		}
		return &shape{kind: "[", item: item}, rest[1:], nil
	case strings.HasPrefix(t, "paged{"):
		item, rest, err := shapeOf(t[5:])
		return &shape{kind: "paged", item: item}, rest, err
	case strings.HasPrefix(t, "{<"):
		kind, rest, _ := strings.Cut(t[1:], ":")
		if keys[kind] == nil {
			return nil, "", fmt.Errorf("map at %.20q", t)
		}
		item, rest, err := shapeOf(rest)
		if err != nil || !strings.HasPrefix(rest, "}") {
			return nil, "", fmt.Errorf("map at %.20q: %v", t, err)
		}
		return &shape{kind: kind, item: item}, rest[1:], nil
	case strings.HasPrefix(t, "{"):
		return objectShape(t[1:])
	}
	w := word.FindString(t)
	if _, ok := scalars[w]; !ok && w != "n" && w != "int" && w != "b" {
		return nil, "", fmt.Errorf("no shape at %.20q", t)
	}
	return &shape{kind: w}, t[len(w):], nil
}

func objectShape(t string) (*shape, string, error) {
	out := &shape{kind: "{"}
	for t != "" && t[0] != '}' {
		key, rest, ok := strings.Cut(t, ":")
		if !ok {
			return nil, "", fmt.Errorf("no key at %.20q", t)
		}
		m := member{key: strings.TrimSuffix(key, "?"), optional: strings.HasSuffix(key, "?")}
		var err error
		if m.shape, t, err = shapeOf(rest); err != nil {
			return nil, "", err
		}
		out.members = append(out.members, m)
		t = strings.TrimPrefix(t, ",")
	}
	if t == "" {
		return nil, "", errors.New("an object does not end")
	}
	return out, t[1:], nil
}

// fits says what of a value is not of the shape.
func (s *shape) fits(where string, v any) error {
	wrong := func() error { return fmt.Errorf("%s is %s, not %s", where, compact(v), s.kind) }
	o, isObject := v.(object)
	switch s.kind {
	case "n", "int":
		n, ok := v.(json.Number)
		if !ok || s.kind == "int" && strings.ContainsAny(n.String(), ".eE") {
			return wrong()
		}
	case "b":
		if _, ok := v.(bool); !ok {
			return wrong()
		}
	case "[]":
		if l, ok := v.([]any); !ok || len(l) != 0 {
			return wrong()
		}
	case "[":
		l, ok := v.([]any)
		if !ok {
			return wrong()
		}
		for i, x := range l {
			if err := s.item.fits(fmt.Sprintf("%s[%d]", where, i), x); err != nil {
				return err
			}
		}
	case "<id>", "<slab>", "<name>", "<months>":
		if !isObject || len(o) == 0 && s.kind != "<months>" {
			return wrong()
		}
		for k, x := range o {
			if !keys[s.kind].MatchString(k) {
				return fmt.Errorf("%s has the key %q", where, k)
			}
			if err := s.item.fits(where+"."+k, x); err != nil {
				return err
			}
		}
	case "paged":
		return s.pagedFits(where, v)
	case "{":
		if !isObject {
			return wrong()
		}
		left := maps.Clone(o)
		for _, m := range s.members {
			x, ok := left[m.key]
			if !ok && !m.optional {
				return fmt.Errorf("%s.%s is missing in %s", where, m.key, compact(v))
			}
			if !ok {
				continue
			}
			if err := m.shape.fits(where+"."+m.key, x); err != nil {
				return err
			}
			delete(left, m.key)
		}
		if len(left) > 0 {
			return fmt.Errorf("%s has %v besides", where, slices.Sorted(maps.Keys(left)))
		}
	default:
		text, ok := v.(string)
		if re := scalars[s.kind]; !ok || re != nil && !re.MatchString(text) {
			return wrong()
		}
	}
	return nil
}

func (s *shape) pagedFits(where string, v any) error {
	o, ok := v.(object)
	if !ok {
		return fmt.Errorf("%s is no paged map: %s", where, compact(v))
	}
	n, err := strconv.Atoi(fmt.Sprint(o["recsonpage"]))
	all, allErr := strconv.Atoi(fmt.Sprint(o["recsindb"]))
	_, text := o["recsonpage"].(string)
	_, allText := o["recsindb"].(string)
	if err != nil || allErr != nil || !text || !allText || n > all || len(o) != n+2 {
		return fmt.Errorf("%s: counters of %s", where, compact(v))
	}
	for i := 1; i <= n; i++ {
		if err := s.item.fits(fmt.Sprintf("%s.%d", where, i), o[strconv.Itoa(i)]); err != nil {
			return err
		}
	}
	return nil
}

// String is the shape as the docs print it.
func (s *shape) String() string {
	switch s.kind {
	case "[":
		return "[" + s.item.String() + "]"
	case "<id>", "<slab>", "<name>", "<months>":
		return "{" + s.kind + ": " + s.item.String() + "}"
	case "paged":
		return "paged " + s.item.String()
	case "{":
		var parts []string
		for _, m := range s.members {
			q := ""
			if m.optional {
				q = "?"
			}
			parts = append(parts, m.key+q+": "+m.shape.String())
		}
		return "{" + strings.Join(parts, ", ") + "}"
	default:
		return s.kind
	}
}

// element is any XML element.
type element struct {
	XMLName xml.Name
	Text    string    `xml:",chardata"`
	In      []element `xml:",any"`
}

// parseXML reads the twin of a JSON reply; an error is read as its JSON twin.
func parseXML(text string) (any, error) {
	var e element
	if err := xml.Unmarshal([]byte(text), &e); err != nil {
		return nil, fmt.Errorf("%w in %.300q", err, text)
	}
	if e.XMLName.Local == "response" {
		out := object{}
		for _, in := range e.In {
			out[in.XMLName.Local] = in.Text
		}
		return out, nil
	}
	return e.value()
}

func (e element) value() (any, error) {
	switch e.XMLName.Local {
	case "string":
		return e.Text, nil
	case "int", "float":
		return json.Number(e.Text), nil
	case "boolean":
		return e.Text == "true", nil
	case "vector":
		out := []any{}
		for _, in := range e.In {
			v, err := in.value()
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case "hashtable":
		out := object{}
		for _, in := range e.In {
			if in.XMLName.Local != "entry" || len(in.In) != 2 || in.In[0].XMLName.Local != "string" {
				return nil, fmt.Errorf("entry %v", in)
			}
			v, err := in.In[1].value()
			if err != nil {
				return nil, err
			}
			out[in.In[0].Text] = v
		}
		return out, nil
	}
	return nil, fmt.Errorf("element %s", e.XMLName.Local)
}

func TestShapes(t *testing.T) {
	for _, c := range []struct {
		shape, json string
		ok          bool
	}{
		{"int", "5", true}, {"int", `"5"`, false}, {"int", "5.0", false}, {"n", "5.0", true}, {"b", "true", true}, {"b", `"true"`, false},
		{"flag", `"true"`, true}, {"flag", "true", false}, {"id", `"5"`, true}, {"id", "5", false}, {"money", `"-1.250"`, true}, {"money", `"-1.25"`, false},
		{"{a:s,b?:n}", `{"a":"x"}`, true}, {"{a:s,b?:n}", `{"a":"x","b":1}`, true}, {"{a:s}", `{"a":"x","b":1}`, false}, {"{a:s}", "{}", false}, {"{a:s}", "[]", false},
		{"{}", "{}", true}, {"{}", `{"a":1}`, false}, {"[]", "[]", true}, {"[]", "[1]", false}, {"[{a:n}]", `[{"a":1},{"a":2}]`, true}, {"[{a:n}]", `[{"a":1},{}]`, false},
		{"{<id>:{a:s}}", `{"7":{"a":""}}`, true}, {"{<id>:{a:s}}", `{"x":{"a":""}}`, false}, {"{<id>:s}", "{}", false},
		{"paged{a:s}", `{"recsonpage":"1","recsindb":"9","1":{"a":"x"}}`, true}, {"paged{a:s}", `{"recsonpage":"0","recsindb":"0"}`, true},
		{"paged{a:s}", `{"recsonpage":1,"recsindb":"9","1":{"a":"x"}}`, false}, {"paged{a:s}", `{"recsonpage":"1","recsindb":"9","2":{"a":"x"}}`, false},
		{"paged{a:s}", `{"recsonpage":"1","recsindb":"1","1":{"a":"x"},"status":"x"}`, false}, {"{a:{b:[[n]]},c:s}", `{"a":{"b":[[1]]},"c":""}`, true},
	} {
		s, err := parseShape(c.shape)
		if err != nil {
			t.Fatal(err)
		}
		v, err := parseJSON(c.json)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.fits("reply", v); (got == nil) != c.ok {
			t.Errorf("%s of %s: %v", c.json, c.shape, got)
		}
	}
	for _, bad := range []string{"", "x", "{a}", "{a:s", "[s", "{a:s}}", "{<id>:s"} {
		if s, err := parseShape(bad); err == nil {
			t.Errorf("%q is %v", bad, s)
		}
	}
}
