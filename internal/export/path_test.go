package export

import (
	"path"
	"strings"
	"testing"
	"unicode/utf8"

	"posthouse/internal/clock"
	"posthouse/internal/core/legalexport"
)

func TestFolderPath(t *testing.T) {
	for name, want := range map[string]string{
		"INBOX": "INBOX", "Työ/Straße 1": "Työ/Straße 1", "..": "%2E%2E", ".": "%2E", "a/../b": "a/%2E%2E/b", "/etc": "%/etc", "a//b": "a/%/b", "": "%",
		"a%2Eb": "a%252Eb", "-rf": "%2Drf", "~root": "%7Eroot", "a\x00b\nc": "a%00b%0Ac", "C:\\x": "C%3A%5Cx", "x.EML": "x%2EEML", ".eml": "%2Eeml", "x.eml.old": "x.eml.old",
		"end ": "end%20", "end.": "end%2E", "a\u202egpj": "a%E2%80%AEgpj", "a\xffb": "a%FFb",
	} {
		if got := folderPath(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	a, b := folderPath(strings.Repeat("ä", 300)+"1"), folderPath(strings.Repeat("ä", 300)+"2")
	if a == b || len(a) > maxComponent+8 || !utf8.ValidString(a) {
		t.Errorf("%q %q", a, b)
	}
}

func FuzzFolderPath(f *testing.F) {
	for _, s := range []string{"INBOX", "a/../b", "x.eml", "\xff/\x00", strings.Repeat("ü", 200)} {
		f.Add(s, s+"x")
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		a, b := folderPath(one), folderPath(two)
		if (a == b) != (one == two) {
			t.Errorf("%q and %q: %q and %q", one, two, a, b)
		}
		if clean := path.Clean("root/" + a); clean != "root/"+a || !utf8.ValidString(a) {
			t.Errorf("%q is not clean: %q", one, a)
		}
		for _, c := range strings.Split(a, "/") {
			if c == "" || c == "." || c == ".." || len(c) > 255 || strings.HasSuffix(strings.ToLower(c), suffix) || strings.ContainsAny(c, "\x00\n\r\\:") {
				t.Errorf("%q has the part %q", one, c)
			}
		}
	})
}

func TestLinks(t *testing.T) {
	c := clock.NewManual(start)
	l := NewLinks(func() string { return "https://mail.example/" }, []byte("key"), c)
	const file = "7_job-3.tar.gz"
	link := l.URL(file)
	base, query, _ := strings.Cut(link, "?")
	if base != "https://mail.example/exports/"+file {
		t.Fatal(link)
	}
	expires, signature, _ := strings.Cut(strings.TrimPrefix(query, "expires="), "&signature=")
	if err := l.Verify(file, expires, signature); err != nil {
		t.Fatal(err)
	}
	flipped := "0" + signature[1:]
	if signature[0] == '0' {
		flipped = "1" + signature[1:]
	}
	for name, try := range map[string][3]string{
		"another job": {"7_job-4.tar.gz", expires, signature}, "another account": {"8_job-3.tar.gz", expires, signature}, "a later end": {file, expires + "0", signature},
		"a flipped bit": {file, expires, flipped}, "half a signature": {file, expires, signature[:32]}, "none": {file, expires, ""}, "no end": {file, "", signature},
		"a moved border": {file + "\n" + expires, "", signature}, "no hex": {file, expires, "zz" + signature[2:]},
	} {
		if err := l.Verify(try[0], try[1], try[2]); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if NewLinks(nil, []byte("other"), c).Verify(file, expires, signature) == nil {
		t.Error("signed by another key")
	}
	c.Advance(LinkLife - 1e9)
	if err := l.Verify(file, expires, signature); err != nil {
		t.Error(err)
	}
	c.Advance(1e9)
	if l.Verify(file, expires, signature) == nil {
		t.Error("it never ends")
	}
}

func TestFileNames(t *testing.T) {
	j := legalexport.Job{ID: 3, AccountID: 7}
	if a, id, ok := legalexport.ParseFileName(j.FileName()); !ok || a != 7 || id != 3 {
		t.Error(a, id, ok)
	}
	for _, bad := range []string{"", "7_job-3.tar", "../7_job-3.tar.gz", "07_job-3.tar.gz", "7_job-03.tar.gz", "7_job-3.tar.gz.manifest", "0_job-3.tar.gz", "-7_job-3.tar.gz", "7_3.tar.gz"} {
		if _, _, ok := legalexport.ParseFileName(bad); ok {
			t.Errorf("%q is taken", bad)
		}
	}
}
