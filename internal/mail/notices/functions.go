package notices

import (
	"strconv"
	"strings"
	"time"
)

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
