package web

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"posthouse/internal/core/locale"
)

// Every language has every text, and every placeholder of the English one.
func TestTexts(t *testing.T) {
	p, err := loadPages()
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Sorted(maps.Keys(p.texts["en"]))
	for _, l := range locale.All() {
		if got := slices.Sorted(maps.Keys(p.texts[l.Text])); !slices.Equal(got, want) {
			t.Errorf("%s has %q, want %q", l.Text, got, want)
		}
	}
	for _, f := range failures {
		for _, name := range []string{"error." + f.text + ".title", f.Text()} {
			if p.texts["en"][name] == "" {
				t.Errorf("no text %s", name)
			}
		}
	}
	var raw map[string]any
	b, err := files.ReadFile("texts/en.json")
	if err != nil || json.Unmarshal(b, &raw) != nil {
		t.Fatal("en.json", err)
	}
}

func TestColours(t *testing.T) {
	for in, want := range map[string][2]string{
		"": {defaultColour, "#ffffff"}, "#000000": {"#000000", "#ffffff"}, "#ffe08a": {"#ffe08a", "#16191f"}, "#FFFFFF": {"#FFFFFF", "#16191f"},
		"red": {defaultColour, "#ffffff"}, "#12345": {defaultColour, "#ffffff"}, "#12345;}": {defaultColour, "#ffffff"}, "1234567": {defaultColour, "#ffffff"},
	} {
		if c, on := colours(in); c != want[0] || on != want[1] {
			t.Errorf("%q gives %s, %s", in, c, on)
		}
	}
}

func TestOrigin(t *testing.T) {
	for in, want := range map[string]string{
		"https://cdn.example/logo.png": "https://cdn.example", "http://127.0.0.1:8080": "http://127.0.0.1:8080", "https://[::1]:8/x": "https://[::1]:8",
		"javascript:alert(1)": "", "https://a b": "", "https://x;script-src *": "", "https://user@x.example": "", "//x.example": "", "https://": "",
		"https://*.example": "", "data:image/png;base64,": "", "https://x'.example": "",
	} {
		if got, _ := origin(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}
