package basekit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"posthouse/test/harness/harnesstest"
)

// webhookShape is the body of section 11.
const webhookShape = `{eventName:s,accountHolder:{ref:ref,firstName:s,lastName:s,email:s,username:s,created:s,brand:{ref:ref,name:s},
	packages:[{ref:ref,name:s,productType:s,startDate:s,endDate:s?}],metadata:{*:s}}}`

// TestWebhooks receives the events of account holders, signed (B-25).
func TestWebhooks(t *testing.T) {
	t.Parallel()
	w := start(t).world(t, ways[0])
	type delivery struct{ body, signature string }
	got := make(chan delivery, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got <- delivery{string(b), r.Header.Get("X-Delivery-Hmac-SHA256")}
	}))
	t.Cleanup(receiver.Close)
	var hook struct{ SigningSecret string }
	w.tells(t, &hook, "webhook", "add", w.names["brand"], receiver.URL, "--format", "basekit", "--json")
	next := func(want string) {
		t.Helper()
		var d delivery
		select {
		case d = <-got:
		case <-time.After(patience):
			t.Fatalf("nothing comes that is %s", want)
		}
		mac := hmac.New(sha256.New, []byte(hook.SigningSecret))
		mac.Write([]byte(d.body))
		if d.signature != hex.EncodeToString(mac.Sum(nil)) {
			t.Errorf("signature %q of %s", d.signature, d.body)
		}
		v, err := harnesstest.ParseJSON(d.body)
		if err != nil {
			t.Fatal(err)
		}
		s, err := parseShape(webhookShape)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.fits("webhook", v); err != nil {
			t.Error(err)
		}
		template, err := harnesstest.ParseJSON(w.fill(want))
		if err != nil {
			t.Fatal(err)
		}
		if err := harnesstest.Holds("webhook", template, v); err != nil {
			t.Error(err)
		}
		created := w.at(v, "accountHolder.created")
		if _, err := time.Parse(time.RFC3339, created); err != nil {
			t.Error(err)
		}
	}
	w.names["u"] = w.at(w.ask("POST users", `{"brandRef":{brand},"firstName":"Anna","lastName":"Ash","username":"anna-{tag}","password":"Correct-Horse-7","email":"anna@{tag}.example","languageCode":"en","metadata":{"id":"c1"}}`, 201), "accountHolder.ref")
	next(`{"eventName":"account_holder.created","accountHolder":{"ref":{u},"firstName":"Anna","lastName":"Ash","email":"anna@{tag}.example","username":"anna-{tag}","brand":{"ref":{brand}},"packages":[],"metadata":{"id":"c1"}}}`)
	w.ask("POST users/{u}/account-packages", `{"packageRef":{mail},"billingFrequency":12}`, 200)
	next(`{"eventName":"account_holder.package_change","accountHolder":{"ref":{u},"packages":[{"ref":{mail},"productType":"subscription"}]}}`)
}
