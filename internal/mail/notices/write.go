package notices

import (
	"bytes"
	"encoding/json"
	html "html/template"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/core/brand"
	"posthouse/internal/core/locale"
	"posthouse/internal/core/notice"
	"posthouse/internal/fault"
)

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
