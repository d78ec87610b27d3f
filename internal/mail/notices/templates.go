package notices

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	html "html/template"
	"io/fs"
	"path"
	"strconv"
	"strings"
	text "text/template"
	"time"

	"posthouse/internal/core/brand"
	"posthouse/internal/core/locale"
	"posthouse/internal/core/notice"
	"posthouse/internal/fault"
)

// Templates are files LANGUAGE/KIND.txt, which defines "subject" and "text",
// and LANGUAGE/KIND.html, which defines "content"; layout.html is around every
// content, LANGUAGE/common.txt and .html are what the kinds share.
//
//go:embed templates
var embedded embed.FS

// kinds are all that there is to write; data gives what a kind's templates show.
var kinds = []struct {
	kind notice.Kind
	data func() any
}{
	{notice.OrderWelcome, func() any { return &notice.OrderWelcomeData{} }},
	{notice.AccountWelcome, func() any { return &notice.AccountWelcomeData{} }},
	{notice.PasswordReset, func() any { return &notice.PasswordResetData{} }},
	{notice.PanelPassword, func() any { return &notice.PasswordResetData{} }},
	{notice.QuotaWarning, func() any { return &notice.QuotaData{} }},
	{notice.DNSProblem, func() any { return &notice.DNSProblemData{} }},
	{notice.HolderPassword, func() any { return &notice.HolderLinkData{} }},
	{notice.HolderVerification, func() any { return &notice.HolderLinkData{} }},
	{notice.WebhooksFailing, func() any { return &notice.WebhooksFailingData{} }},
}

// letter is the templates of one kind in one language.
type letter struct {
	text *text.Template
	html *html.Template
	data func() any
}

type letterKey struct {
	language string
	kind     notice.Kind
}

// letters are all templates.
type letters map[letterKey]letter

// loadLetters reads the embedded templates, and over them those of a folder:
// whatever file is there replaces the embedded one. Everything is tried out, so
// that a mistake ends the start and not a customer's mail.
func loadLetters(over fs.FS) (letters, error) {
	base, err := fs.Sub(embedded, "templates")
	if err != nil {
		return nil, fault.Wrap(err)
	}
	if over != nil {
		if err := checkNames(base, over); err != nil {
			return nil, err
		}
	}
	out := letters{}
	for _, l := range locale.All() {
		for _, k := range kinds {
			key := letterKey{l.Text, k.kind}
			if _, done := out[key]; done {
				continue
			}
			made, err := parseLetter(base, over, l.Text, string(k.kind))
			if err != nil {
				return nil, fault.Newf(fault.Invalid, "The template of %s in %s: %s", k.kind, l.Text, err)
			}
			made.data = k.data
			out[key] = made
		}
	}
	for _, l := range locale.All() {
		for _, s := range samples() {
			p, err := out.write(s, l)
			if err == nil && s.link != "" && !(strings.Contains(p.text, s.link) && strings.Contains(p.html, html.HTMLEscapeString(s.link))) {
				err = fault.New(fault.Invalid, "the link is not in it")
			}
			if err != nil {
				return nil, fault.Newf(fault.Invalid, "The template of %s in %s: %s", s.kind, l.Text, fault.Of(err).Text)
			}
		}
	}
	return out, nil
}

// checkNames refuses files that would never be read, such as a misspelt kind.
func checkNames(base, over fs.FS) error {
	return fs.WalkDir(over, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if _, err := fs.Stat(base, name); err != nil {
			return fault.Newf(fault.Invalid, "%s is not the name of a template", name)
		}
		return nil
	})
}

// read prefers the operator's file. A size is no template's beyond a megabyte.
func read(base, over fs.FS, name string) (string, error) {
	if over != nil {
		if raw, err := fs.ReadFile(over, name); err == nil {
			return string(raw), nil
		}
	}
	raw, err := fs.ReadFile(base, name)
	return string(raw), err
}

func parseLetter(base, over fs.FS, language, kind string) (letter, error) {
	funcs := functions(language)
	t := text.New(kind).Funcs(funcs).Option("missingkey=error")
	for _, name := range []string{"common.txt", kind + ".txt"} {
		raw, err := read(base, over, path.Join(language, name))
		if err == nil {
			_, err = t.New(name).Parse(raw)
		}
		if err != nil {
			return letter{}, err
		}
	}
	h := html.New("layout.html").Funcs(funcs).Option("missingkey=error")
	for _, name := range []string{"layout.html", path.Join(language, "common.html"), path.Join(language, kind+".html")} {
		raw, err := read(base, over, name)
		if err == nil {
			if name == "layout.html" {
				_, err = h.Parse(raw)
			} else {
				_, err = h.New(name).Parse(raw)
			}
		}
		if err != nil {
			return letter{}, err
		}
	}
	for _, name := range []string{"subject", "text"} {
		if t.Lookup(name) == nil {
			return letter{}, fmt.Errorf("%q is not defined", name)
		}
	}
	if h.Lookup("content") == nil {
		return letter{}, fmt.Errorf("%q is not defined", "content")
	}
	return letter{text: t, html: h}, nil
}

// view is what a template is given. Every string of it is one clean line.
type view struct {
	Lang    string // de-DE
	Subject string // in HTML only
	Brand   appearance
	Link    string // "" = none
	Expires string // the end of the link
	Panel   string // "" = unknown
	Webmail string
	// Signature is the customer's own, each part may be empty.
	Signature notice.Signature
	Data      any
}

// appearance is a brand as mails show it.
type appearance struct {
	Name       string
	LogoURL    string
	SupportURL string
	Colour     html.CSS // checked: #rrggbb
	OnColour   html.CSS // readable on it
}

// button is what the template of that name is given.
type button struct {
	view
	Address string
	Label   string
}

func functions(language string) map[string]any {
	return map[string]any{
		"button": func(v view, label string) button { return button{v, v.Link, label} },
		"open":   func(v view, address, label string) button { return button{v, address, label} },
		"size":   func(mb int64) string { return size(language, mb) },
		"when":   func(t time.Time) string { return when(t) },
		"plan":   planName,
	}
}

// size is a number of megabytes as people read it.
func size(language string, mb int64) string {
	octet := "B"
	if language == "fr" {
		octet = "o"
	}
	if mb < 1024 {
		return strconv.FormatInt(mb, 10) + " M" + octet
	}
	s := strings.TrimSuffix(strconv.FormatFloat(float64(mb)/1024, 'f', 1, 64), ".0")
	if language != "en" {
		s = strings.ReplaceAll(s, ".", ",")
	}
	return s + " G" + octet
}

// when is one form for all languages, which nobody takes for another day.
func when(t time.Time) string {
	if t.IsZero() {
		return "?"
	}
	return t.UTC().Format("2006-01-02 15:04") + " UTC"
}

// planName is a plan's name as a title: premium_trial is Premium Trial.
func planName(plan string) string {
	words := strings.Split(plan, "_")
	for i, w := range words {
		if w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}

// order is a letter to be written.
type order struct {
	kind      notice.Kind
	data      json.RawMessage
	brand     brand.Brand
	link      string
	expires   time.Time
	panel     string
	webmail   string
	signature notice.Signature
}

// page is a letter written.
type page struct{ subject, text, html string }

// write executes the templates of a kind in a language.
func (l letters) write(o order, in locale.Locale) (page, error) {
	t, ok := l[letterKey{in.Text, o.kind}]
	if !ok {
		return page{}, fault.Newf(fault.Internal, "There is no template of %s", o.kind)
	}
	data := t.data()
	if len(o.data) > 0 {
		cleaned, err := cleanJSON(o.data)
		if err == nil {
			err = json.Unmarshal(cleaned, data)
		}
		if err != nil {
			return page{}, fault.Newf(fault.Invalid, "The data of %s can't be read: %s", o.kind, err)
		}
	}
	tongue, region, _ := strings.Cut(in.Tag, "-")
	colour, on := colours(o.brand.Colour)
	v := view{
		Lang: tongue + "-" + strings.ToUpper(region), Link: clean(o.link), Panel: clean(o.panel), Webmail: clean(o.webmail), Data: data,
		Signature: notice.Signature{Business: clean(o.signature.Business), Email: clean(o.signature.Email)},
		Brand:     appearance{Name: clean(o.brand.Name), LogoURL: clean(o.brand.LogoURL), SupportURL: clean(o.brand.SupportURL), Colour: colour, OnColour: on},
	}
	if o.link != "" {
		v.Expires = when(o.expires)
	}
	var b bytes.Buffer
	if err := t.text.ExecuteTemplate(&b, "subject", v); err != nil {
		return page{}, fault.Newf(fault.Invalid, "%s", err)
	}
	var p page
	if p.subject = clean(b.String()); p.subject == "" {
		return page{}, fault.New(fault.Invalid, "the subject is empty")
	}
	v.Subject = p.subject
	b.Reset()
	if err := t.text.ExecuteTemplate(&b, "text", v); err != nil {
		return page{}, fault.Newf(fault.Invalid, "%s", err)
	}
	p.text = tidy(b.String())
	b.Reset()
	if err := t.html.Execute(&b, v); err != nil {
		return page{}, fault.Newf(fault.Invalid, "%s", err)
	}
	p.html = b.String()
	return p, nil
}

// tidy leaves one empty line where conditions left several.
func tidy(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	for strings.Contains(s, "\n\n\n") {
		s = strings.ReplaceAll(s, "\n\n\n", "\n\n")
	}
	return strings.TrimSpace(s) + "\n"
}

// clean makes a foreign value one line: no control characters, no line or
// paragraph separators, nothing that turns the direction of what follows.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r < ' ', r >= 0x7f && r < 0xa0, r == 0x2028, r == 0x2029:
			return ' '
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff, r == 0xfffd:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

// cleanJSON cleans every string of a document.
func cleanJSON(raw json.RawMessage) (json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	var walk func(any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case string:
			return clean(v)
		case []any:
			for i := range v {
				v[i] = walk(v[i])
			}
		case map[string]any:
			for k := range v {
				v[k] = walk(v[k])
			}
		}
		return v
	}
	return json.Marshal(walk(v))
}

// defaultColour is of brands without one.
const defaultColour = "#2457c5"

// colours gives a colour and black or white, whichever is read on it more easily.
func colours(c string) (colour, on html.CSS) {
	n, err := strconv.ParseUint(strings.TrimPrefix(c, "#"), 16, 32)
	if err != nil || len(c) != 7 || c[0] != '#' {
		c, n = defaultColour, 0x2457c5
	}
	if r, g, b := n>>16, n>>8&0xff, n&0xff; 299*r+587*g+114*b > 150*1000 {
		return html.CSS(c), "#16191f"
	}
	return html.CSS(c), "#ffffff"
}

// samples are a letter of every kind and form, for trying templates out.
func samples() []order {
	look := brand.Brand{Name: "Example Mail", SupportURL: "https://help.example.com/", Colour: "#0b7a5c"}
	end := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	link := "https://panel.example.com/password/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcd"
	of := func(k notice.Kind, data any, link string) order {
		raw, err := json.Marshal(data)
		if err != nil {
			panic(err) // our own types
		}
		return order{kind: k, data: raw, brand: look, link: link, expires: end, panel: "https://panel.example.com", webmail: "https://mail.example.com"}
	}
	welcome := notice.OrderWelcomeData{Domain: "shop.example", Email: "kim@example.org", Name: "Kim Lee", Plan: "premium_trial", Seats: 5, FirstAccount: "info@shop.example"}
	quota := notice.QuotaData{Email: "ann@shop.example", Name: "Ann", UsedMB: 4710, LimitMB: 5120, Percent: 92}
	holder := notice.HolderLinkData{Name: "Harry", Username: "hlee88", Email: "harry@lee.example"}
	signed := func(o order) order {
		o.signature = notice.Signature{Business: "Lee & Sons <Bakers>", Email: "office@lee.example"}
		return o
	}
	full := quota
	full.Full, full.UsedMB, full.Percent = true, 5120, 100
	return []order{
		of(notice.OrderWelcome, welcome, link), of(notice.OrderWelcome, notice.OrderWelcomeData{Domain: "shop.example", Plan: "free", Seats: 1}, ""),
		of(notice.AccountWelcome, notice.AccountWelcomeData{Email: "ann@shop.example", Name: "Ann"}, link),
		of(notice.AccountWelcome, notice.AccountWelcomeData{Email: "ann@shop.example"}, ""),
		of(notice.PasswordReset, notice.PasswordResetData{Email: "ann@shop.example", Name: "Ann"}, link),
		of(notice.PanelPassword, notice.PasswordResetData{Email: "kim@example.org", Name: "Kim"}, link),
		of(notice.QuotaWarning, quota, ""), of(notice.QuotaWarning, full, ""),
		of(notice.DNSProblem, notice.DNSProblemData{Domain: "shop.example", MXFound: notice.Words{"mx.old.example"}, MXExpected: notice.Words{"mx1.example.com", "mx2.example.com"},
			SPFExpected: notice.Words{"v=spf1 include:spf.example.com ~all"}}, ""),
		signed(of(notice.HolderPassword, holder, link+"?lang=en&h=AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcd")), of(notice.HolderPassword, notice.HolderLinkData{Username: "hlee88", Email: holder.Email}, link),
		signed(of(notice.HolderVerification, holder, link)), of(notice.HolderVerification, notice.HolderLinkData{Username: "hlee88", Email: holder.Email}, link),
		of(notice.WebhooksFailing, notice.WebhooksFailingData{URL: "https://hooks.example.org/posthouse", Since: end, LastError: "connection refused"}, ""),
		of(notice.WebhooksFailing, notice.WebhooksFailingData{URL: "https://hooks.example.org/posthouse", Since: end, LastError: "HTTP status 500", GivesUp: true}, ""),
	}
}

// known reports whether there are templates of a kind.
func known(k notice.Kind) bool {
	for _, v := range kinds {
		if v.kind == k {
			return true
		}
	}
	return false
}
