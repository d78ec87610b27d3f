package resellerclub

import (
	"encoding/xml"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// The two forms of everything (section 3, R-02).
func TestForms(t *testing.T) {
	for _, c := range []struct {
		v         any
		json, xml string
	}{
		{number("10004822"), "10004822", "<int>10004822</int>"},
		{number("-12.5"), "-12.5", "<float>-12.5</float>"},
		{true, "true", "<boolean>true</boolean>"},
		{"5c0f6a52", `"5c0f6a52"`, "<string>5c0f6a52</string>"},
		{"", `""`, "<string></string>"},
		{`a"b\<c>&'d'`, `"a\"b\\<c>&'d'"`, `<string>a"b\&lt;c&gt;&amp;'d'</string>`},
		{"]]>", `"]]>"`, "<string>]]&gt;</string>"},
		{"&lt;!ENTITY", `"&lt;!ENTITY"`, "<string>&amp;lt;!ENTITY</string>"},
		{"a\tb\r\nc", `"a\tb\r\nc"`, "<string>a&#9;b&#13;&#10;c</string>"},
		{"\x01\x1f\x7f", `"\u0001\u001f` + "\x7f" + `"`, "<string>&#65533;&#65533;&#127;</string>"},
		{"Jörg \U0001F600", `"Jörg ` + "\U0001F600" + `"`, "<string>J&#246;rg &#128512;</string>"},
		{"\xff", `"\ufffd"`, "<string>&#65533;</string>"},
		{object{}, "{}", "<hashtable></hashtable>"},
		{list{}, "[]", "<vector></vector>"},
		{object{{"b", "1"}, {"a", list{"x", number("2"), object{{"c", false}}}}}, `{"b":"1","a":["x",2,{"c":false}]}`,
			"<hashtable><entry><string>b</string><string>1</string></entry><entry><string>a</string><vector><string>x</string><int>2</int>" +
				"<hashtable><entry><string>c</string><boolean>false</boolean></entry></hashtable></vector></entry></hashtable>"},
	} {
		if got := written(t, c.v, asJSON); got != c.json {
			t.Errorf("JSON %s, want %s", got, c.json)
		}
		if got := written(t, c.v, asXML); got != c.xml {
			t.Errorf("XML %s, want %s", got, c.xml)
		}
	}
}

// made builds a value from bytes: what a reply may be made of, with any text.
func made(b []byte, depth int) (any, []byte) {
	take := func(n int) string {
		n = min(n, len(b))
		s := string(b[:n])
		b = b[n:]
		return s
	}
	if len(b) < 2 || depth > 6 {
		return string(b), nil
	}
	kind, n := b[0]%6, int(b[1])
	b = b[2:]
	switch kind {
	case 0:
		return n%2 == 0, b
	case 1:
		return number(fmt.Sprint(n - 128)), b
	case 2:
		return number(fmt.Sprintf("%d.%d", n, n)), b
	case 3:
		out := list{}
		for range n % 5 {
			var v any
			v, b = made(b, depth+1)
			out = append(out, v)
		}
		return out, b
	case 4:
		out := object{}
		for i := range n % 5 {
			key := fmt.Sprint(i, " ", take(4))
			var v any
			v, b = made(b, depth+1)
			out.set(key, v)
		}
		return out, b
	default:
		return take(n), b
	}
}

// FuzzJSON writes any value and reads it back.
func FuzzJSON(f *testing.F) {
	f.Add([]byte{4, 3, 'a', 'b', '"', 0, 5, 4, '<', 0xff, '&', 0, 3, 2, 0, 1, 1, 9})
	f.Fuzz(func(t *testing.T, b []byte) {
		v, _ := made(b, 0)
		text := written(t, v, asJSON)
		if !utf8.ValidString(text) || strings.TrimSpace(text) != text {
			t.Fatalf("%q", text)
		}
		back, err := parsed(text)
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if want := cleaned(v, nil); !reflect.DeepEqual(back, want) {
			t.Errorf("%#v came back as %#v", want, back)
		}
	})
}

// FuzzXML writes any value and reads it back.
func FuzzXML(f *testing.F) {
	f.Add([]byte{4, 3, 'a', 'b', '"', 0, 5, 4, '<', 0xff, '&', 0, 3, 2, 0, 1, 1, 9})
	f.Add([]byte{5, 9, '\r', '\n', ' ', ']', ']', '>', 0xef, 0xbf, 0xbe})
	f.Fuzz(func(t *testing.T, b []byte) {
		v, _ := made(b, 0)
		text := written(t, v, asXML)
		for i := range len(text) {
			if text[i] < 0x20 || text[i] >= 0x7f {
				t.Fatalf("%q is not printable ASCII", text)
			}
		}
		back, err := parsedXML(text)
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if want := cleaned(v, holdable); !reflect.DeepEqual(back, want) {
			t.Errorf("%#v came back as %#v", want, back)
		}
	})
}

// holdable replaces what XML 1.0 can't hold.
func holdable(r rune) rune {
	if r < 0x20 && !strings.ContainsRune("\t\r\n", r) || r == 0xfffe || r == 0xffff {
		return utf8.RuneError
	}
	return r
}

// cleaned is v with its texts as a form can hold them.
func cleaned(v any, keep func(rune) rune) any {
	text := func(s string) string {
		s = string([]rune(s)) // U+FFFD for each byte that is no UTF-8
		if keep != nil {
			s = strings.Map(keep, s)
		}
		return s
	}
	switch v := v.(type) {
	case string:
		return text(v)
	case list:
		out := list{}
		for _, x := range v {
			out = append(out, cleaned(x, keep))
		}
		return out
	case object:
		out := object{}
		for _, m := range v {
			out.set(text(m.key), cleaned(m.value, keep))
		}
		return out
	default:
		return v
	}
}

// element is any XML element.
type element struct {
	XMLName xml.Name
	Text    string    `xml:",chardata"`
	In      []element `xml:",any"`
}

// parsedXML reads the mapping back.
func parsedXML(text string) (any, error) {
	var e element
	if err := xml.Unmarshal([]byte(text), &e); err != nil {
		return nil, err
	}
	return e.value()
}

func (e element) value() (any, error) {
	switch e.XMLName.Local {
	case "string":
		return e.Text, nil
	case "int", "float":
		return number(e.Text), nil
	case "boolean":
		return e.Text == "true", nil
	case "vector":
		out := list{}
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
			out.set(in.In[0].Text, v)
		}
		return out, nil
	default:
		return nil, fmt.Errorf("element %s", e.XMLName.Local)
	}
}
