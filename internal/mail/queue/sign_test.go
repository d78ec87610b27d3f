package queue

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"posthouse/internal/core/dnssetup"
	"posthouse/internal/mail/smtptest"
	"posthouse/internal/store/sqldb"
)

// What arrives verifies with another implementation, whose keys come from what is published.
func TestSigned(t *testing.T) {
	b := newBench(t, sqldb.SQLite, nil)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	edPublic, edKey, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	der, err := x509.MarshalPKIXPublicKey(rsaKey.Public())
	must(t, err)
	txt := map[string]string{
		"titan._domainkey.here.test":   "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der),
		"titaned._domainkey.here.test": "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(edPublic),
	}
	b.dir.keys["here.test"] = []dnssetup.DKIMSigner{
		{Domain: "here.test", Selector: "titan", Algorithm: "rsa", Key: rsaKey},
		{Domain: "here.test", Selector: "titaned", Algorithm: "ed25519", Key: edKey},
	}
	sink := smtptest.Start(t, smtptest.Config{})
	b.foreign("far.test", sink.Addr)
	long := b.submission(1, "x@far.test", "bob@here.test")
	long.Content = strings.NewReader(text + strings.Repeat(".dots and no end of line", 5000))
	b.submit(1, "x@far.test")
	b.submitted(long)
	b.drain()
	check := func(content string) {
		t.Helper()
		v, err := dkim.VerifyWithOptions(strings.NewReader(content), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) { return []string{txt[name]}, nil }})
		must(t, err)
		if len(v) != 2 || v[0].Err != nil || v[1].Err != nil || v[0].Domain != "here.test" {
			t.Errorf("%+v", v)
		}
	}
	for _, m := range sink.Messages() {
		check(m.Content)
	}
	check(b.inbox(2)[0])
}
