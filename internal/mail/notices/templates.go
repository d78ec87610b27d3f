package notices

import (
	"embed"
	"fmt"
	html "html/template"
	"io/fs"
	"path"
	"strings"
	text "text/template"

	"posthouse/internal/core/locale"
	"posthouse/internal/core/notice"
	"posthouse/internal/fault"
)

// Templates are files LANGUAGE/KIND.txt, which defines "subject" and "text",
// and LANGUAGE/KIND.html, which defines "content"; layout.html is around every
// content, layout.txt defines the "footer" of texts, LANGUAGE/common.txt and
// .html are the words that the kinds share.
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
	for _, name := range []string{"layout.txt", path.Join(language, "common.txt"), path.Join(language, kind+".txt")} {
		raw, err := read(base, over, name)
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

// known reports whether there are templates of a kind.
func known(k notice.Kind) bool {
	for _, v := range kinds {
		if v.kind == k {
			return true
		}
	}
	return false
}
