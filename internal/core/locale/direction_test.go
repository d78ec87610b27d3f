package locale

import "testing"

func TestUpright(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "Harry Lee": "Harry Lee", "Lee\u202eexe.fdp": "Leeexe.fdp", "\u2066a\u2069\u202a\u202b\u202c\u202d": "a",
		"شركة\u200f \u200eLtd": "شركة\u200f \u200eLtd", "dash \u2014 and \u2060": "dash \u2014 and \u2060", "\xe2\x80": "\xe2\x80", "\xff\u202e\xe2": "\xff\xe2",
	} {
		if got := Upright(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
