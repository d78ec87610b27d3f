package locale

import "testing"

func TestMatch(t *testing.T) {
	for asked, want := range map[string]string{
		"": "en-us", "en-us": "en-us", "EN_GB": "en-gb", " de-de ": "de-de", "de": "de-de", "de-at": "de-de", "en-au": "en-us",
		"pt-pt": "pt-br", "xx": "en-us", "en-": "en-us", "../de": "en-us", "-": "en-us", "zh-hant-tw": "en-us",
	} {
		if got := Match(asked).Tag; got != want {
			t.Errorf("%q gives %s, want %s", asked, got, want)
		}
	}
	seen := map[string]bool{}
	for _, l := range All() {
		if seen[l.Tag] || l.Text == "" || l.Name == "" || Match(l.Tag) != l {
			t.Errorf("%+v", l)
		}
		seen[l.Tag] = true
	}
	if All()[0].Tag != Default {
		t.Error("the first one is not the default")
	}
}
