package resellerclub

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// checkReply is what is true of every reply there is (sections 3, 4, 15).
func (w *world) checkReply(path string, r reply) {
	w.t.Helper()
	if strings.TrimSpace(r.body) != r.body || strings.HasPrefix(r.body, "\ufeff") || r.body == "" {
		w.t.Errorf("something around the body %q", r.body)
	}
	if got := r.header.Get("Content-Length"); got != strconv.Itoa(len(r.body)) {
		w.t.Errorf("content length %q of %d bytes", got, len(r.body))
	}
	for _, s := range []seller{w.root, w.child, w.grandchild, w.sibling, w.foreign} {
		if strings.Contains(w.log.String(), s.key) {
			w.t.Errorf("the log has an API key:\n%s", w.log)
		}
	}
	if r.status == http.StatusTooManyRequests && r.header.Get("Retry-After") == "" {
		w.t.Error("429 without Retry-After")
	}
	if strings.HasSuffix(path, ".xml") && strings.HasPrefix(path, "/api/") {
		w.checkXML(r)
		return
	}
	if ct := r.header.Get("Content-Type"); ct != "application/json" {
		w.t.Errorf("content type %q", ct)
	}
	v, err := parsed(r.body)
	if err != nil {
		w.t.Fatalf("%v in %q", err, r.body)
	}
	if r.status == http.StatusOK {
		if !w.withError && has(v, "error") {
			w.t.Errorf("a success with an error: %s", r.body)
		}
		return
	}
	o, _ := v.(object)
	want := "status=ERROR message"
	if strings.HasPrefix(path, "/restapi/") {
		want = "status=error error message"
	}
	var got []string
	for i, m := range o {
		text, ok := m.value.(string)
		if !ok || text == "" {
			w.t.Errorf("%s of an error: %s", m.key, r.body)
		}
		if i == 0 {
			text = "=" + text
		} else {
			text = ""
		}
		got = append(got, m.key+text)
	}
	if r.status == http.StatusUnauthorized { // customers/v2/authenticate has more
		got = got[:min(len(got), 2)]
	}
	if strings.Join(got, " ") != want {
		w.t.Errorf("not the form of an error: %d %s", r.status, r.body)
	}
}

func (w *world) checkXML(r reply) {
	w.t.Helper()
	if ct := r.header.Get("Content-Type"); ct != "text/xml" {
		w.t.Errorf("content type %q", ct)
	}
	dec := xml.NewDecoder(strings.NewReader(r.body))
	depth, roots := 0, 0
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			w.t.Fatalf("%v in %q", err, r.body)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
				if r.status != http.StatusOK && r.status != http.StatusUnauthorized && tok.Name.Local != "response" {
					w.t.Errorf("not the form of an error: %d %s", r.status, r.body)
				}
			}
			depth++
		case xml.EndElement:
			depth--
		}
	}
	if roots != 1 {
		w.t.Errorf("%d elements at the root of %q", roots, r.body)
	}
}

// has reports whether a key is anywhere in v.
func has(v any, key string) bool {
	switch v := v.(type) {
	case object:
		for _, m := range v {
			if m.key == key || has(m.value, key) {
				return true
			}
		}
	case list:
		for _, x := range v {
			if has(x, key) {
				return true
			}
		}
	}
	return false
}

// written is v in a form.
func written(t testing.TB, v any, f form) string {
	t.Helper()
	var b bytes.Buffer
	if err := (&call{form: f}).write(&b, v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// parsed is a JSON text as a reply is made of; keys keep their order.
func parsed(body string) (any, error) {
	dec := json.NewDecoder(strings.NewReader(body))
	dec.UseNumber()
	v, err := parsedValue(dec)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("something after the value: %v", err)
	}
	return v, nil
}

func parsedValue(dec *json.Decoder) (any, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch tok := tok.(type) {
	case json.Delim:
		if tok == '[' {
			out := list{}
			for dec.More() {
				v, err := parsedValue(dec)
				if err != nil {
					return nil, err
				}
				out = append(out, v)
			}
			_, err := dec.Token()
			return out, err
		}
		out, seen := object{}, map[string]bool{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, err
			}
			name, ok := key.(string)
			if !ok || seen[name] {
				return nil, fmt.Errorf("key %v twice or no string", key)
			}
			seen[name] = true
			v, err := parsedValue(dec)
			if err != nil {
				return nil, err
			}
			out.set(name, v)
		}
		_, err := dec.Token()
		return out, err
	case json.Number:
		return number(tok), nil
	case nil:
		return nil, errors.New("null in a reply")
	default:
		return tok, nil
	}
}
