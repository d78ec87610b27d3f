package dkim

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	msgauth "github.com/emersion/go-msgauth/dkim"
	"pgregory.net/rapid"

	"posthouse/internal/fault"
)

var signedAt = time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)

// keys reads a signer of each algorithm and gives the zone that publishes them.
func keys(t testing.TB) ([]Signer, map[string]string) {
	t.Helper()
	zone := make(map[string]string)
	var signers []Signer
	for _, selector := range []string{"rsa", "ed25519"} {
		block, _ := pem.Decode(read(t, selector+".pem"))
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		signers = append(signers, Signer{Domain: "example.com", Selector: selector, Key: key.(crypto.Signer)})
	}
	publish(t, zone, signers)
	return signers, zone
}

func publish(t testing.TB, zone map[string]string, signers []Signer) {
	t.Helper()
	for _, s := range signers {
		record, err := Record(s.Key.Public())
		if err != nil {
			t.Fatal(err)
		}
		zone[s.Selector+"._domainkey."+s.Domain] = record
	}
}

// verify gives how many signatures are there and how many are good.
func verify(t testing.TB, msg string, zone map[string]string) (all, good int) {
	t.Helper()
	results, err := msgauth.VerifyWithOptions(strings.NewReader(msg), &msgauth.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		return []string{zone[name]}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Err == nil {
			good++
		}
	}
	return len(results), good
}

func mustSign(t testing.TB, msg string, signers []Signer) string {
	t.Helper()
	lines, err := Sign(strings.NewReader(msg), signedAt, signers)
	if err != nil {
		t.Fatal(err)
	}
	return string(lines)
}

const plain = "From: Ann <ann@example.com>\r\nTo: bob@example.org\r\nSubject: Hello\r\nDate: Mon, 02 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n\r\nHello  Bob \r\n\r\n"

func TestSign(t *testing.T) {
	signers, zone := keys(t)
	for name, msg := range map[string]string{
		"plain":             plain,
		"empty body":        "From: a@example.com\r\n\r\n",
		"only empty lines":  "From: a@example.com\r\n\r\n\r\n\r\n",
		"no final line end": "From: a@example.com\r\n\r\nx",
		"folded":            "From: a@example.com\r\nSubject:  a\r\n\t b  \r\nTo:\r\n b@example.com\r\n\r\nx\r\n",
		"two of a kind":     "From: a@example.com\r\nTo: b@x.org\r\nTo: c@x.org\r\nTO: d@x.org\r\n\r\nx\r\n",
		"white space":       "From: a@example.com\r\n\r\n \t\r\n a\t\tb \r\n\r\n \r\nc\r\n \t \r\n",
		"8 bit":             "From: j\xc3\xb6rg@example.com\r\nSubject: \xff\r\n\r\n\x00\xff\r\n",
		"space before the colon, lines that are no fields": "junk\r\nFrom : a@example.com\r\nmore junk\r\n\r\nx\r\n",
		"long lines": "From: a@example.com\r\nSubject: " + strings.Repeat("x", 100_000) + "\r\n\r\n" + strings.Repeat("y ", 100_000) + "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			lines := mustSign(t, msg, signers)
			if all, good := verify(t, lines+msg, zone); all != 2 || good != 2 {
				t.Errorf("%d of %d signatures are good:\n%s", good, all, lines)
			}
			for line := range strings.SplitSeq(strings.TrimSuffix(lines, "\r\n"), "\r\n") {
				if len(line) > 78 || strings.Trim(line, " \t") == "" {
					t.Errorf("line %q", line)
				}
			}
			if tags := strings.Count(lines, " l="); tags != 0 {
				t.Error("the body is signed in part only")
			}
			again, err := Sign(iotest.OneByteReader(strings.NewReader(msg)), signedAt, signers)
			if err != nil || string(again) != lines {
				t.Errorf("octet by octet: %v\n%s", err, again)
			}
		})
	}
}

// TestTampering: what may be changed on the way, and what must not.
func TestTampering(t *testing.T) {
	signers, zone := keys(t)
	signed := mustSign(t, plain, signers) + plain
	for _, c := range []struct {
		name, from, to string
		good           bool
	}{
		{"nothing", "", "", true},
		{"a trace field before", "DKIM-Signature", "Received: x\r\nDKIM-Signature", true},
		{"white space", "Hello  Bob", "Hello \t Bob", true},
		{"empty lines at the end", "Bob \r\n\r\n", "Bob\r\n\r\n\r\n", true},
		{"a field that isn't signed", "\r\nDate:", "\r\nX-New: y\r\nDate:", true},
		{"another subject", "Subject: Hello", "Subject: Hullo", false},
		{"a second From", "From: Ann", "From: eve@example.com\r\nFrom: Ann", false},
		{"a second From below", "\r\n\r\nHello", "\r\nFrom: eve@example.com\r\n\r\nHello", false},
		{"a second Subject", "\r\nSubject:", "\r\nSubject: x\r\nSubject:", false},
		{"a Reply-To", "\r\nDate:", "\r\nReply-To: eve@example.com\r\nDate:", false},
		{"a Content-Type", "\r\nDate:", "\r\nContent-Type: text/html\r\nDate:", false},
		{"more body", "Bob \r\n", "Bob \r\nand Eve\r\n", false},
		{"other body", "Bob", "Rob", false},
	} {
		msg := signed
		if c.from != "" {
			msg = strings.Replace(signed, c.from, c.to, 1)
			if msg == signed {
				t.Fatalf("%s: %q is not there", c.name, c.from)
			}
		}
		if _, good := verify(t, msg, zone); (good == 2) != c.good || good == 1 {
			t.Errorf("%s: %d good signatures", c.name, good)
		}
	}
}

func TestSignAnyBody(t *testing.T) {
	signers, zone := keys(t)
	rapid.Check(t, func(rt *rapid.T) {
		msg := "From: a@example.com\r\n" + rapid.StringMatching(`((To|Subject|X|cc):( |\t|\r\n |[a-z:;])*\r\n){0,4}`).Draw(rt, "header") + "\r\n" +
			rapid.StringMatching(`(\r\n| |\t|[a-z]){0,40}`).Draw(rt, "body")
		lines, err := Sign(strings.NewReader(msg), signedAt, signers[1:])
		if err != nil {
			rt.Fatal(err)
		}
		if _, good := verify(t, string(lines)+msg, zone); good != 1 {
			rt.Fatalf("%q is not verified", msg)
		}
	})
}

// TestRelaxedBody covers what the verifier above reads differently or not at all.
func TestRelaxedBody(t *testing.T) {
	for in, want := range map[string]string{
		"":                          "",
		"\r\n\r\n":                  "",
		" \t\r\n":                   "",
		"a":                         "a\r\n",
		"\r\n\r\na":                 "\r\n\r\na\r\n",
		" C \r\nD \t E\r\n\r\n\r\n": " C\r\nD E\r\n", // RFC 6376 section 3.4.5
		"a\nb\n":                    "a\r\nb\r\n",
		"a\rb \r\r\n\r":             "a\rb \r\r\n\r\r\n",
		"a \r b":                    "a \r b\r\n",
	} {
		for cut := range len(in) + 1 {
			var b bytes.Buffer
			r := relaxedBody{w: &b}
			for _, piece := range []string{in[:cut], in[cut:]} {
				if _, err := r.Write([]byte(piece)); err != nil {
					t.Fatal(err)
				}
			}
			r.close()
			if b.String() != want {
				t.Errorf("%q cut at %d: %q, want %q", in, cut, b.String(), want)
			}
		}
	}
	if got := string(canonicalField([]byte("SUBject \t:  a\r\n\t b \r\n"))); got != "subject:a b\r\n" {
		t.Errorf("%q", got)
	}
	if whole, none := mustSign(t, "From: a@b\r\n\r\n", nil), mustSign(t, "From: a@b\r\n", nil); whole != none {
		t.Error("a missing empty line matters")
	}
}

func TestSignErrors(t *testing.T) {
	signers, _ := keys(t)
	broken := errors.New("broken")
	for _, head := range []string{"From: a", "From: a\r\n\r\nbody"} {
		_, err := Sign(io.MultiReader(strings.NewReader(head), iotest.ErrReader(broken)), signedAt, signers)
		if f := fault.Of(err); !errors.Is(err, broken) || !f.Temporary {
			t.Errorf("%q: %v", head, err)
		}
	}
	if _, err := Sign(strings.NewReader("Subject: "+strings.Repeat("x", 2<<20)+"\r\n\r\n"), signedAt, signers); !fault.Is(err, fault.TooLarge) {
		t.Errorf("%v", err)
	}
	if _, err := Generate("dsa", rand.Reader); !fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
	if _, err := Record("no key"); !fault.Is(err, fault.Internal) {
		t.Errorf("%v", err)
	}
	if _, err := Sign(strings.NewReader(plain), signedAt, nil); err != nil {
		t.Errorf("no signers: %v", err)
	}
}

func TestGenerate(t *testing.T) {
	var signers []Signer
	for _, a := range []Algorithm{RSA, Ed25519} {
		key, err := Generate(a, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		signers = append(signers, Signer{Domain: "example.com", Selector: "new-" + string(a), Key: key})
	}
	if bits := signers[0].Key.Public().(*rsa.PublicKey).N.BitLen(); bits != 2048 {
		t.Errorf("%d bits", bits)
	}
	zone := make(map[string]string)
	publish(t, zone, signers)
	for name, record := range zone {
		if !strings.HasPrefix(record, "v=DKIM1; k=") || len(record) > 450 {
			t.Errorf("%s: %q", name, record)
		}
	}
	if all, good := verify(t, mustSign(t, plain, signers)+plain, zone); all != 2 || good != 2 {
		t.Errorf("%d of %d signatures are good", good, all)
	}
}

// TestBoundedMemory signs 64 MB whose body is nothing but line ends, and 64 MB of
// header fields that are not signed.
func TestBoundedMemory(t *testing.T) {
	signers, _ := keys(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, r := range []io.Reader{
		io.MultiReader(strings.NewReader("From: a@b\r\n\r\n"), repeat("\r\n", 16<<20), strings.NewReader("x")),
		repeat("X-Field: "+strings.Repeat("y", 60)+"\r\n", 16<<20),
	} {
		if _, err := Sign(r, signedAt, signers[1:]); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
		t.Errorf("%d octets were allocated", grown)
	}
}

func repeat(s string, total int64) io.Reader {
	return io.LimitReader(&repeater{chunk: []byte(strings.Repeat(s, 1000))}, total)
}

type repeater struct {
	chunk []byte
	at    int
}

func (r *repeater) Read(p []byte) (int, error) {
	n := copy(p, r.chunk[r.at:])
	r.at = (r.at + n) % len(r.chunk)
	return n, nil
}

func BenchmarkSign(b *testing.B) {
	signers, _ := keys(b)
	for name, size := range map[string]int{"4k": 4 << 10, "1M": 1 << 20} {
		msg := []byte(plain + strings.Repeat("The quick brown fox jumps over the lazy dog.\r\n", size/46))
		for i, which := range [][]Signer{signers[:1], signers[1:], signers} {
			b.Run(name+"/"+[]string{"rsa", "ed25519", "both"}[i], func(b *testing.B) {
				b.SetBytes(int64(len(msg)))
				for b.Loop() {
					if _, err := Sign(bytes.NewReader(msg), signedAt, which); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
