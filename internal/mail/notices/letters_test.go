package notices

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/mail"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"posthouse/internal/core/brand"
	"posthouse/internal/core/locale"
	"posthouse/internal/core/notice"
	"posthouse/internal/goldentest"
	"posthouse/internal/mailaddr"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func embeddedLetters(t testing.TB) letters {
	t.Helper()
	l, err := loadLetters(nil)
	must(t, err)
	return l
}

// unframed gives the content of a letter, and what layout.html puts around it,
// which is the same for all letters of a language.
func unframed(t *testing.T, p page) (content, frame string) {
	t.Helper()
	head, rest, begins := strings.Cut(p.html, "<tr><td class=\"sheet\" style=\"background:#ffffff\">\n")
	content, foot, ends := strings.Cut(rest, "</td></tr>\n<tr><td class=\"foot\">")
	head, after, titled := strings.Cut(head, html.EscapeString(p.subject)+"</title>")
	if !begins || !ends || !titled {
		t.Fatalf("no layout around\n%s", p.html)
	}
	return content, head + "SUBJECT</title>" + after + "CONTENT\n" + foot
}

// TestGolden has every kind and form in every language.
func TestGolden(t *testing.T) {
	l := embeddedLetters(t)
	for _, in := range locale.All() {
		if in.Tag == "en-gb" {
			continue // the texts of en-us
		}
		seen := map[notice.Kind]int{}
		for _, s := range samples() {
			seen[s.kind]++
			p, err := l.write(s, in)
			must(t, err)
			name := filepath.Join("testdata", in.Text, fmt.Sprintf("%s-%d", s.kind, seen[s.kind]))
			goldentest.Compare(t, name+".txt", p.subject+"\n\n"+p.text)
			content, frame := unframed(t, p)
			goldentest.Compare(t, name+".html", content)
			frames := filepath.Join("testdata", in.Text, "frame.html")
			if s.signature != (notice.Signature{}) {
				frames = filepath.Join("testdata", in.Text, "frame-signed.html")
			}
			goldentest.Compare(t, frames, frame)
			for _, bad := range []string{"<no value>", "ZgotmplZ", "{{", "%!"} {
				if strings.Contains(p.text+p.html+p.subject, bad) {
					t.Errorf("%s holds %q", name, bad)
				}
			}
		}
		if len(seen) != len(kinds) {
			t.Errorf("samples of %d kinds of %d", len(seen), len(kinds))
		}
	}
}

func TestLocaleFallsBack(t *testing.T) {
	l := embeddedLetters(t)
	s := samples()[0]
	for asked, want := range map[string]string{"de": "bereit", "de-AT": "bereit", "DE_de": "bereit", "pt-PT": "pronto", "ja-jp": "is ready", "": "is ready", "\r\nX": "is ready"} {
		p, err := l.write(s, locale.Match(asked))
		must(t, err)
		if !strings.Contains(p.subject, want) {
			t.Errorf("%q gives %q", asked, p.subject)
		}
	}
}

func TestBrandIsShown(t *testing.T) {
	l := embeddedLetters(t)
	s := samples()[0]
	s.brand = brand.Brand{Name: "Tom & Jerry <Mail>", LogoURL: "https://cdn.example/logo.png?a=1&b=2", SupportURL: "https://help.example/?q=a&b", Colour: "#ffe08a"}
	p, err := l.write(s, locale.Match("fr"))
	must(t, err)
	for _, want := range []string{`src="https://cdn.example/logo.png?a=1&amp;b=2"`, "Tom &amp; Jerry &lt;Mail&gt;", "#ffe08a", "#16191f", `href="https://help.example/?q=a&amp;b"`} {
		if !strings.Contains(p.html, want) {
			t.Errorf("no %s in the HTML", want)
		}
	}
	if !strings.Contains(p.text, "Tom & Jerry <Mail>\nAide: https://help.example/?q=a&b") {
		t.Errorf("the text ends %q", p.text)
	}
	s.brand = brand.Brand{Name: "X", LogoURL: "javascript:alert(1)", SupportURL: "javascript:alert(2)", Colour: "red;} body{background:url(//evil)"}
	if p, err = l.write(s, locale.Match("fr")); err != nil || strings.Contains(p.html, "javascript") || strings.Contains(p.html, "evil") {
		t.Errorf("%v %s", err, p.html)
	}
}

// hostile is what a customer may be called.
const hostile = "Kim\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script>\u202e\u2028{{.Link}}\x00"

func hostileOrder() order {
	o := samples()[0]
	raw, err := json.Marshal(notice.OrderWelcomeData{Domain: hostile, Name: hostile, Email: hostile, Plan: "pro", Seats: 1, FirstAccount: hostile})
	if err != nil {
		panic(err)
	}
	o.data, o.brand = raw, brand.Brand{Name: hostile, SenderName: hostile}
	return o
}

func composed(t testing.TB, o order, in locale.Locale) []byte {
	t.Helper()
	p, err := embeddedLetters(t).write(o, in)
	must(t, err)
	from, err := mailaddr.Parse("no-reply@mail.example")
	must(t, err)
	to, err := mailaddr.Parse("kim@example.org")
	must(t, err)
	raw, err := compose(bytes.NewReader(bytes.Repeat([]byte{7}, 64)), envelope{fromName: cmp.Or(o.brand.SenderName, o.brand.Name), from: from, to: to,
		date: time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC), language: in.Tag}, p)
	must(t, err)
	return raw
}

func TestNothingInjects(t *testing.T) {
	for _, in := range locale.All() {
		raw := composed(t, hostileOrder(), in)
		m, err := mail.ReadMessage(bytes.NewReader(raw))
		must(t, err)
		want := map[string]bool{"Mime-Version": true, "Content-Type": true, "Content-Language": true, "Auto-Submitted": true, "X-Auto-Response-Suppress": true,
			"Message-Id": true, "Subject": true, "To": true, "From": true, "Date": true}
		for k, v := range m.Header {
			if !want[k] || len(v) != 1 {
				t.Errorf("%s: field %s: %q", in.Tag, k, v)
			}
		}
		if from, err := m.Header.AddressList("From"); err != nil || len(from) != 1 || from[0].Address != "no-reply@mail.example" {
			t.Errorf("From is %v %v", from, err)
		}
		o := hostileOrder()
		p, err := embeddedLetters(t).write(o, in)
		must(t, err)
		if strings.Contains(p.html, "<script") || strings.ContainsAny(p.subject, "\r\n\x00") || strings.Contains(p.text+p.html, "\u202e") || strings.Contains(p.text, "\r") {
			t.Errorf("%q %s", p.subject, p.html)
		}
	}
}

// TestPythonReadsIt has an independent reader parse what we write.
func TestPythonReadsIt(t *testing.T) {
	const script = `
import sys, email, email.policy, json, base64
def defects(p):
    d = [str(x) for x in p.defects]
    for h in p.values(): d += [str(x) for x in getattr(h, 'defects', [])]
    for c in p.iter_parts() if p.is_multipart() else []: d += defects(c)
    return d
def read(raw):
  m = email.message_from_bytes(base64.b64decode(raw), policy=email.policy.default)
  return {'subject': m['subject'], 'from': str(m['from'].addresses[0]), 'to': m['to'].addresses[0].addr_spec, 'date': m['date'].datetime.isoformat(),
  'type': m.get_content_type(), 'parts': [p.get_content_type() for p in m.iter_parts()], 'text': m.get_body(('plain',)).get_content(),
  'html': m.get_body(('html',)).get_content(), 'auto': m['auto-submitted'], 'id': m['message-id'], 'defects': defects(m)}
print(json.dumps([read(raw) for raw in json.load(sys.stdin)]))`
	type letter struct {
		Subject, From, To, Date, Type, Text, HTML, Auto, ID string
		Parts, Defects                                      []string
	}
	var all [][]byte
	var pages []page
	for _, in := range locale.All() {
		for _, o := range append(samples(), hostileOrder()) {
			raw := composed(t, o, in)
			for n, line := range bytes.Split(raw, []byte("\r\n")) {
				if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
					t.Fatalf("line %d is %d long or has a bare end", n, len(line))
				}
				for _, b := range line {
					if b >= 0x80 {
						t.Fatalf("line %d is not ASCII: %q", n, line)
					}
				}
			}
			p, err := embeddedLetters(t).write(o, in)
			must(t, err)
			all, pages = append(all, raw), append(pages, p)
		}
	}
	input, err := json.Marshal(all)
	must(t, err)
	cmd := exec.Command("python3", "-c", script)
	cmd.Stdin = bytes.NewReader(input)
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		t.Fatalf("%s", exit.Stderr)
	}
	must(t, err)
	var read []letter
	must(t, json.Unmarshal(out, &read))
	if len(read) != len(all) {
		t.Fatalf("%d of %d read", len(read), len(all))
	}
	for i, got := range read {
		lf := strings.NewReplacer("\r\n", "\n")
		if p := pages[i]; got.Subject != p.subject || lf.Replace(got.Text) != p.text || lf.Replace(got.HTML) != p.html || len(got.Defects) > 0 || got.Type != "multipart/alternative" ||
			strings.Join(got.Parts, " ") != "text/plain text/html" || got.Auto != "auto-generated" || got.To != "kim@example.org" ||
			got.Date != "2027-01-02T03:04:05+00:00" || !strings.HasSuffix(got.ID, "@mail.example>") || !strings.HasSuffix(got.From, "<no-reply@mail.example>") {
			t.Errorf("%+v\nof %s", got, all[i])
		}
	}
}

func TestOperatorsTemplates(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	l, err := loadLetters(fstest.MapFS{"de/password_reset.txt": file(`{{define "subject"}}Meins{{end}}{{define "text"}}Hier: {{.Link}}{{end}}`)})
	must(t, err)
	var reset order
	for _, s := range samples() {
		if s.kind == notice.PasswordReset {
			reset = s
		}
	}
	p, err := l.write(reset, locale.Match("de"))
	must(t, err)
	if p.subject != "Meins" || !strings.HasPrefix(p.text, "Hier: https://") || !strings.Contains(p.html, "Neues Passwort") {
		t.Errorf("%+v", p)
	}
	l, err = loadLetters(fstest.MapFS{"de/common.txt": file(`{{define "footer"}}Gruß{{end}}`)})
	must(t, err)
	if p, err = l.write(reset, locale.Match("de")); err != nil || !strings.HasSuffix(p.text, "\nGruß\n") {
		t.Errorf("a footer of one's own: %v %s", err, p.text)
	}
	for what, files := range map[string]fstest.MapFS{
		"syntax":        {"de/password_reset.txt": file(`{{define "subject"}}x{{end}}{{define "text"}}{{.Link}{{end}}`)},
		"unknown field": {"de/password_reset.html": file(`{{define "content"}}{{.Link}} {{.Data.Nothing}}{{end}}`)},
		"no subject":    {"de/password_reset.txt": file(`{{define "subject"}} {{end}}{{define "text"}}{{.Link}}{{end}}`)},
		"no link":       {"de/password_reset.txt": file(`{{define "subject"}}x{{end}}{{define "text"}}x{{end}}`)},
		"misspelt kind": {"de/pasword_reset.txt": file(`x`)},
		"language":      {"xx/password_reset.txt": file(`x`)},
		"no content":    {"fr/quota_warning.html": file(`x`), "layout.html": file(`{{template "other" .}}`)},
	} {
		if _, err := loadLetters(files); err == nil {
			t.Errorf("%s: taken", what)
		} else {
			t.Log(what, err)
		}
	}
}

func TestBadData(t *testing.T) {
	l := embeddedLetters(t)
	for _, o := range []order{
		{kind: "nothing"}, {kind: notice.QuotaWarning, data: json.RawMessage(`{"usedMb":"x"}`)}, {kind: notice.QuotaWarning, data: json.RawMessage(`{`)},
	} {
		if _, err := l.write(o, locale.Match("en")); err == nil {
			t.Errorf("%+v was written", o)
		}
	}
	p, err := l.write(order{kind: notice.DNSProblem, data: json.RawMessage(`{"domain":"a.example","mxFound":"","mxExpected":"mx.example","spfFound":null,"spfExpected":["v=spf1 -all"],"more":1}`)}, locale.Match("en"))
	must(t, err)
	for _, want := range []string{"MX should be: mx.example\n", "MX is: missing\n", "SPF should be: v=spf1 -all\n", "SPF is: missing\n"} {
		if !strings.Contains(p.text, want) {
			t.Errorf("no %q in %s", want, p.text)
		}
	}
}

func FuzzCompose(f *testing.F) {
	f.Add(hostile, hostile)
	f.Add("Kim", "=?utf-8?q?x?=")
	l := embeddedLetters(f)
	from, _ := mailaddr.Parse("no-reply@mail.example")
	to, _ := mailaddr.Parse("kim@example.org")
	f.Fuzz(func(t *testing.T, name, domain string) {
		raw, err := json.Marshal(notice.OrderWelcomeData{Domain: domain, Name: name, Seats: 1})
		must(t, err)
		p, err := l.write(order{kind: notice.OrderWelcome, data: raw, brand: brand.Brand{Name: name}}, locale.Match("en"))
		must(t, err)
		out, err := compose(bytes.NewReader(make([]byte, 64)), envelope{fromName: name, from: from, to: to, date: time.Unix(0, 0)}, p)
		must(t, err)
		m, err := mail.ReadMessage(bytes.NewReader(out))
		must(t, err)
		if len(m.Header) != 10 {
			t.Fatalf("%d fields: %v", len(m.Header), m.Header)
		}
		if _, err := io.ReadAll(m.Body); err != nil {
			t.Fatal(err)
		}
	})
}
