package basekit

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"posthouse/test/harness/harnesstest"
)

type object = harnesstest.Object

// A shape says which keys a reply has, no others, and of which JSON type each
// value is:
//
//	i ref n     a whole number, one from 1 on, any number
//	f b         0 or 1, true or false
//	s id money  strings: any, of digits, with two decimals
//	yn          the string Y or N
//	d           a date object (section 3.2)
//	X?          X or null
//	{a:s,b~:n}  an object; b may be missing
//	{*:X}       an object with any keys
//	[X] []      a list whose items are X; an empty one
//	@name       one of objects
type shape struct {
	kind     string
	name     string // of an object, for the page
	nullable bool
	members  []member // in the order of the text
	item     *shape   // of lists, and of objects with any keys
}

type member struct {
	key      string
	optional bool
	shape    *shape
}

var texts = map[string]*regexp.Regexp{"s": nil, "id": regexp.MustCompile(`^[0-9]+$`), "money": regexp.MustCompile(`^-?[0-9]+\.[0-9]{2}$`), "yn": regexp.MustCompile(`^[YN]$`)}

var numbers = map[string]*regexp.Regexp{"i": regexp.MustCompile(`^-?[0-9]+$`), "ref": regexp.MustCompile(`^[1-9][0-9]*$`), "n": nil, "f": regexp.MustCompile(`^[01]$`)}

// parseShape reads a shape's text.
func parseShape(text string) (*shape, error) {
	s, rest, err := shapeOf(strings.Join(strings.Fields(text), ""))
	if err == nil && rest != "" {
		err = fmt.Errorf("%q after the shape", rest)
	}
	return s, err
}

var word = regexp.MustCompile(`^@?[A-Za-z]+`)

func shapeOf(t string) (*shape, string, error) {
	s, rest, err := bareShape(t)
	if err != nil {
		return nil, "", err
	}
	if after, ok := strings.CutPrefix(rest, "?"); ok {
		s.nullable, rest = true, after
	}
	return s, rest, nil
}

func bareShape(t string) (*shape, string, error) {
	switch {
	case strings.HasPrefix(t, "[]"):
		return &shape{kind: "[]"}, t[2:], nil
	case strings.HasPrefix(t, "["):
		item, rest, err := shapeOf(t[1:])
		if err != nil || !strings.HasPrefix(rest, "]") {
			return nil, "", fmt.Errorf("list at %.20q: %v", t, err)
		}
		return &shape{kind: "[", item: item}, rest[1:], nil
	case strings.HasPrefix(t, "{*:"):
		item, rest, err := shapeOf(t[3:])
		if err != nil || !strings.HasPrefix(rest, "}") {
			return nil, "", fmt.Errorf("map at %.20q: %v", t, err)
		}
		return &shape{kind: "{*", item: item}, rest[1:], nil
	case strings.HasPrefix(t, "{"):
		return objectShape(t[1:])
	}
	w := word.FindString(t)
	if name, ok := strings.CutPrefix(w, "@"); ok {
		text := objects()[name]
		if text == "" {
			return nil, "", fmt.Errorf("no object %s", name)
		}
		s, err := parseShape(text)
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", name, err)
		}
		s.name = name
		return s, t[len(w):], nil
	}
	_, text := texts[w]
	_, number := numbers[w]
	if !text && !number && w != "b" && w != "d" {
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
		m := member{key: strings.TrimSuffix(key, "~"), optional: strings.HasSuffix(key, "~")}
		var err error
		if m.shape, t, err = shapeOf(rest); err != nil {
			return nil, "", err
		}
		if slices.ContainsFunc(out.members, func(o member) bool { return o.key == m.key }) {
			return nil, "", fmt.Errorf("%s twice", m.key)
		}
		out.members = append(out.members, m)
		t = strings.TrimPrefix(t, ",")
	}
	if t == "" {
		return nil, "", errors.New("an object does not end")
	}
	return out, t[1:], nil
}

var wallClock = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}$`)

// fits says all that is not of the shape.
func (s *shape) fits(where string, v any) error {
	wrong := func() error {
		return fmt.Errorf("%s is %.300s, not %s", where, harnesstest.Compact(v), s)
	}
	if v == nil {
		if s.nullable {
			return nil
		}
		return wrong()
	}
	if re, ok := numbers[s.kind]; ok {
		n, isNumber := v.(json.Number)
		if !isNumber || re != nil && !re.MatchString(n.String()) {
			return wrong()
		}
		return nil
	}
	if re, ok := texts[s.kind]; ok {
		text, isText := v.(string)
		if !isText || re != nil && !re.MatchString(text) {
			return wrong()
		}
		return nil
	}
	o, isObject := v.(object)
	l, isList := v.([]any)
	switch s.kind {
	case "b":
		if _, ok := v.(bool); !ok {
			return wrong()
		}
	case "d":
		date, _ := o["date"].(string)
		zone, _ := o["timezone"].(string)
		if len(o) != 3 || !wallClock.MatchString(date) || zone == "" || o["timezone_type"] != json.Number("3") {
			return wrong()
		}
	case "[]":
		if !isList || len(l) != 0 {
			return wrong()
		}
	case "[":
		if !isList {
			return wrong()
		}
		var all []error
		for i, x := range l {
			all = append(all, s.item.fits(fmt.Sprintf("%s[%d]", where, i), x))
		}
		return errors.Join(all...)
	case "{*":
		if !isObject {
			return wrong()
		}
		var all []error
		for k, x := range o {
			all = append(all, s.item.fits(where+"."+k, x))
		}
		return errors.Join(all...)
	case "{":
		if !isObject {
			return wrong()
		}
		return s.membersFit(where, o)
	}
	return nil
}

func (s *shape) membersFit(where string, o object) error {
	var all []error
	left := maps.Clone(o)
	for _, m := range s.members {
		x, ok := left[m.key]
		switch {
		case ok:
			all = append(all, m.shape.fits(where+"."+m.key, x))
			delete(left, m.key)
		case !m.optional:
			all = append(all, fmt.Errorf("%s.%s is missing", where, m.key))
		}
	}
	if len(left) > 0 {
		all = append(all, fmt.Errorf("%s has %v besides", where, slices.Sorted(maps.Keys(left))))
	}
	return errors.Join(all...)
}

// String is the shape as the docs print it.
func (s *shape) String() string {
	out := s.kind
	switch {
	case s.name != "":
		out = s.name
	case s.kind == "[":
		out = "[" + s.item.String() + "]"
	case s.kind == "{*":
		out = "{any: " + s.item.String() + "}"
	case s.kind == "{":
		out = s.whole()
	}
	if s.nullable {
		out += " or null"
	}
	return out
}

// whole is an object with its members, though it has a name.
func (s *shape) whole() string {
	var parts []string
	for _, m := range s.members {
		q := ""
		if m.optional {
			q = "?"
		}
		parts = append(parts, m.key+q+": "+m.shape.String())
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func TestShapes(t *testing.T) {
	const date = `{"date":"2026-11-22 10:00:00.000000","timezone_type":3,"timezone":"Europe/London"}`
	for _, c := range []struct {
		shape, json string
		ok          bool
	}{
		{"i", "5", true}, {"i", "-5", true}, {"i", `"5"`, false}, {"i", "5.0", false}, {"i", "null", false}, {"i?", "null", true}, {"n", "5.0", true}, {"ref", "0", false}, {"ref", "7", true},
		{"b", "true", true}, {"b", "1", false}, {"f", "1", true}, {"f", "2", false}, {"f", "true", false}, {"s", `""`, true}, {"s", "null", false}, {"s?", "5", false},
		{"id", `"5"`, true}, {"id", `""`, false}, {"money", `"8.00"`, true}, {"money", `"8.000"`, false}, {"money", "8.00", false}, {"yn", `"Y"`, true}, {"yn", `"y"`, false},
		{"d", date, true}, {"d?", "null", true}, {"d", `"2026-11-22T10:00:00Z"`, false}, {"d", strings.Replace(date, "3", `"3"`, 1), false}, {"d", strings.Replace(date, ".000000", "", 1), false},
		{"{a:s,b~:n}", `{"a":"x"}`, true}, {"{a:s,b~:n}", `{"a":"x","b":1}`, true}, {"{a:s}", `{"a":"x","b":1}`, false}, {"{a:s}", "{}", false}, {"{a:s}", "[]", false},
		{"{}", "{}", true}, {"{}", `{"a":1}`, false}, {"{}", "[]", false}, {"{*:s}", "{}", true}, {"{*:s}", "[]", false}, {"{*:s?}", `{"a":null,"b":"x"}`, true}, {"{*:i}", `{"a":"1"}`, false},
		{"[]", "[]", true}, {"[]", "[1]", false}, {"[{a:n}]", `[{"a":1},{"a":2}]`, true}, {"[{a:n}]", `[{"a":1},{}]`, false}, {"{a:{b:[[n]]}?,c:s}", `{"a":{"b":[[1]]},"c":""}`, true},
	} {
		s, err := parseShape(c.shape)
		if err != nil {
			t.Fatal(err)
		}
		v, err := harnesstest.ParseJSON(c.json)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.fits("reply", v); (got == nil) != c.ok {
			t.Errorf("%s of %s: %v", c.json, c.shape, got)
		}
	}
	for _, bad := range []string{"", "x", "{a}", "{a:s", "[s", "{a:s}}", "{*:s", "{a:s,a:s}", "@nothing"} {
		if s, err := parseShape(bad); err == nil {
			t.Errorf("%q is %v", bad, s)
		}
	}
}
