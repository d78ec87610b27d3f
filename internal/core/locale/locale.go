// Package locale is the list of languages that pages and mails are written in
// (T-44). A translation is a line here and a file of texts where texts are kept.
package locale

import "strings"

// Default is shown to whoever asks for a language that there is not.
const Default = "en-us"

// Locale is one language, as partners ask for it.
type Locale struct {
	Tag  string // lower case, language-region
	Text string // tag of the texts that it shows: regions may share them
	Name string // in the language itself
}

// All gives the languages; the first of each language is the one for the
// language without a region.
func All() []Locale {
	return []Locale{
		{"en-us", "en", "English (US)"},
		{"en-gb", "en", "English (UK)"},
		{"de-de", "de", "Deutsch"},
		{"es-es", "es", "Español"},
		{"fr-fr", "fr", "Français"},
		{"pt-br", "pt", "Português (Brasil)"},
	}
}

// Match gives the locale for what a caller asked for: the same tag, else
// another region of the language, else the default.
func Match(asked string) Locale {
	asked = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(asked), "_", "-"))
	language, _, _ := strings.Cut(asked, "-")
	all := All()
	var sibling *Locale
	for i, l := range all {
		if l.Tag == asked {
			return l
		}
		if own, _, _ := strings.Cut(l.Tag, "-"); own == language && sibling == nil {
			sibling = &all[i]
		}
	}
	if sibling == nil {
		return all[0]
	}
	return *sibling
}
