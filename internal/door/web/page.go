package web

import (
	"bytes"
	"embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"posthouse/internal/core/brand"
	"posthouse/internal/core/locale"
	"posthouse/internal/fault"
)

//go:embed templates/*.html templates/web.css templates/documents/* texts/*.json
var files embed.FS

// pages are the parsed templates and the texts by language. A page is a file
// templates/NAME.html that defines "content".
type pages struct {
	byName map[string]*template.Template
	texts  map[string]map[string]string
	style  template.CSS

	// Documents are whole pages for paper too: templates/documents/NAME.html.
	documents     map[string]*template.Template
	documentStyle template.CSS
}

func loadPages() (*pages, error) {
	p := &pages{byName: map[string]*template.Template{}, texts: map[string]map[string]string{}, documents: map[string]*template.Template{}}
	style, err := files.ReadFile("templates/web.css")
	if err != nil {
		return nil, fault.Wrap(err)
	}
	p.style = template.CSS(style)
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		return nil, fault.Wrap(err)
	}
	for _, name := range names {
		if path.Base(name) == "layout.html" {
			continue
		}
		t, err := template.New("layout.html").Option("missingkey=error").ParseFS(files, "templates/layout.html", name)
		if err != nil {
			return nil, fault.Wrap(err)
		}
		p.byName[strings.TrimSuffix(path.Base(name), ".html")] = t
	}
	if err := p.loadDocuments(); err != nil {
		return nil, err
	}
	for _, l := range locale.All() {
		if p.texts[l.Text] != nil {
			continue
		}
		raw, err := files.ReadFile("texts/" + l.Text + ".json")
		if err != nil {
			return nil, fault.Wrap(err)
		}
		texts := map[string]string{}
		if err := json.Unmarshal(raw, &texts); err != nil {
			return nil, fault.Wrap(err)
		}
		p.texts[l.Text] = texts
	}
	return p, nil
}

func (p *pages) loadDocuments() error {
	style, err := files.ReadFile("templates/documents/document.css")
	if err != nil {
		return fault.Wrap(err)
	}
	p.documentStyle = template.CSS(style)
	names, err := fs.Glob(files, "templates/documents/*.html")
	if err != nil {
		return fault.Wrap(err)
	}
	for _, name := range names {
		t, err := template.New(path.Base(name)).Option("missingkey=error").Funcs(template.FuncMap{"dict": dict}).ParseFS(files, name)
		if err != nil {
			return fault.Wrap(err)
		}
		p.documents[strings.TrimSuffix(path.Base(name), ".html")] = t
	}
	return nil
}

// dict lets a template hand several values to another one.
func dict(pairs ...any) map[string]any {
	out := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if name, ok := pairs[i].(string); ok {
			out[name] = pairs[i+1]
		}
	}
	return out
}

// text gives one in a language.
func (p *pages) text(l locale.Locale, name string) string {
	return view{texts: p.texts[l.Text], fallback: p.texts["en"]}.T(name)
}

// view is what every template is given.
type view struct {
	Lang   string
	Title  string
	Brand  brand.Brand
	Colour string // checked, or the default
	OnIt   string // text colour that can be read on Colour
	Nonce  string
	Style  template.CSS
	Framed bool
	Frame  template.URL // the query of links and forms, "" outside a frame
	Theme  string
	Data   any

	texts, fallback map[string]string
}

// T gives a text in the reader's language; {brand} in it is the brand's name.
func (v view) T(name string) string {
	s, ok := v.texts[name]
	if !ok {
		s, ok = v.fallback[name]
	}
	if !ok {
		return name
	}
	return strings.ReplaceAll(s, "{brand}", v.Brand.Name)
}

// page answers with a page: title names a text.
func (q *request) page(status int, name, title string, data any) error {
	return q.render(status, q.door.pages.byName[name], q.door.pages.style, title, data)
}

// document answers with a page that is laid out for itself.
func (q *request) document(name, title string, data any) error {
	return q.render(http.StatusOK, q.door.pages.documents[name], q.door.pages.documentStyle, title, data)
}

func (q *request) render(status int, t *template.Template, style template.CSS, title string, data any) error {
	if q.locale.Tag == "" {
		q.speak("")
	}
	nonce := make([]byte, 16)
	if _, err := io.ReadFull(q.door.serving.Random, nonce); err != nil {
		return fault.Unavail("No randomness", err)
	}
	v := view{
		Lang: languageTag(q.locale), Brand: q.brand, Nonce: base64.RawURLEncoding.EncodeToString(nonce), Style: style,
		Framed: q.framed, Frame: q.frameQuery(), Theme: q.theme, Data: data, texts: q.door.pages.texts[q.locale.Text], fallback: q.door.pages.texts["en"],
	}
	if v.Brand.Name == "" {
		v.Brand.Name = v.T("product")
	}
	if _, ok := logoOrigin(v.Brand.LogoURL); !ok {
		v.Brand.LogoURL = ""
	}
	v.Colour, v.OnIt = colours(q.brand.Colour)
	v.Title = v.T(title)
	if t == nil {
		return fault.Newf(fault.Internal, "There is no page for %s", title)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, v); err != nil {
		return fault.Wrap(err)
	}
	q.headers()
	q.w.Header().Set("Content-Security-Policy", q.policy(v.Nonce))
	return q.send(status, "text/html; charset=utf-8", []byte(locale.Upright(b.String()))) // what strangers have named can't turn the rest
}

// languageTag is a tag as HTML writes it: en-US.
func languageTag(l locale.Locale) string {
	tongue, region, _ := strings.Cut(l.Tag, "-")
	return tongue + "-" + strings.ToUpper(region)
}

// headers are those of every answer: nothing is kept, told on, guessed or framed.
func (q *request) headers() {
	h := q.w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
	if q.secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if h.Get("Content-Security-Policy") == "" {
		h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors "+q.ancestors())
	}
	if q.ancestors() == "'none'" {
		h.Set("X-Frame-Options", "DENY") // it knows no list of origins
	}
}

// policy is what a page may load and do: its own style, the brand's logo, forms
// to this host.
func (q *request) policy(nonce string) string {
	images := "'self'"
	if o, ok := logoOrigin(q.brand.LogoURL); ok {
		images += " " + o
	}
	forms := strings.Join(append([]string{"'self'"}, q.formsTo...), " ")
	return "default-src 'none'; style-src 'nonce-" + nonce + "'; img-src " + images +
		"; base-uri 'none'; form-action " + forms + "; frame-ancestors " + q.ancestors()
}

// ancestors are who may frame the answer.
func (q *request) ancestors() string {
	if !q.framed {
		return "'none'"
	}
	var out []string
	for _, o := range q.frameOrigins {
		if o, ok := origin(o); ok {
			out = append(out, o)
		}
	}
	if len(out) == 0 {
		return "'none'"
	}
	return strings.Join(out, " ")
}

func logoOrigin(logo string) (string, bool) {
	if logo == "" {
		return "", false
	}
	return origin(logo)
}

// origin gives scheme://host[:port] of a web address, and refuses what could
// end a directive of the policy.
func origin(s string) (string, bool) {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil {
		return "", false
	}
	if strings.Trim(strings.ToLower(u.Host), "abcdefghijklmnopqrstuvwxyz0123456789-.:[]") != "" {
		return "", false
	}
	for _, r := range u.Host {
		if r <= ' ' || r == ';' || r == ',' || r == '\'' || r == '"' || r > '~' {
			return "", false
		}
	}
	return u.Scheme + "://" + u.Host, true
}

// defaultColour is of brands that have none.
const defaultColour = "#2457c5"

// colours gives a colour and black or white, whichever can be read on it.
func colours(c string) (colour, onIt string) {
	n, err := strconv.ParseUint(strings.TrimPrefix(c, "#"), 16, 32)
	if err != nil || len(c) != 7 || c[0] != '#' {
		c, n = defaultColour, 0x2457c5
	}
	r, g, b := n>>16, n>>8&0xff, n&0xff
	if 299*r+587*g+114*b > 150*1000 { // perceived brightness, 0 to 255
		return c, "#16191f"
	}
	return c, "#ffffff"
}

func (q *request) send(status int, kind string, body []byte) error {
	q.headers()
	h := q.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	q.status = status
	q.w.WriteHeader(status)
	if q.r.Method == http.MethodHead {
		return nil
	}
	if _, err := q.w.Write(body); err != nil {
		q.door.serving.Log.Debug("the answer did not reach the client", "request", q.id, "error", err)
	}
	return nil
}
