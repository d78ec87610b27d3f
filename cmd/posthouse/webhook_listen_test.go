package main

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/webhook"
)

func TestWhatAReceiverShows(t *testing.T) {
	key, err := webhook.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	read, err := signingKey(webhook.SecretText(key))
	if err != nil || !bytes.Equal(read, key) {
		t.Fatalf("the secret was read as %x, %v", read, err)
	}
	at := time.Unix(1_800_000_000, 0)
	body := []byte(`{"id":"e-1","event":"MAIL_ORDER_STATUS_UPDATED","data":{"titanOrderId":7,"domainName":"a.example","oldStatus":"active","newStatus":"suspended"}}`)
	signed := http.Header{}
	signed.Set("webhook-id", "e-1")
	signed.Set("webhook-timestamp", webhook.Timestamp(at))
	signed.Set("webhook-signature", "v1,AAAA "+webhook.Sign(key, "e-1", at, body))
	late := signed.Clone()
	late.Set("webhook-timestamp", webhook.Timestamp(at.Add(time.Second)))
	for _, tc := range []struct {
		name   string
		header http.Header
		want   string
	}{
		{"signed", signed, "MAIL_ORDER_STATUS_UPDATED     7  a.example  active -> suspended  id e-1  signature valid\n"},
		{"signed for another moment", late, "signature WRONG\n"},
		{"not signed", http.Header{}, "signature missing\n"},
	} {
		var out bytes.Buffer
		if err := (&webhookListenCmd{}).show(&out, tc.header, body, key); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(out.String(), tc.want) {
			t.Errorf("%s: %q", tc.name, out.String())
		}
	}
	key, text, err := webhook.FormatBaseKit.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if read, err = signingKey(text); err != nil || !bytes.Equal(read, key) {
		t.Fatalf("the secret was read as %s, %v", read, err)
	}
	body = []byte(`{"eventName":"account_holder.created","accountHolder":{"ref":7,"username":"kim"}}`)
	signed, late = http.Header{}, http.Header{}
	for name, value := range webhook.FormatBaseKit.Headers(key, "e-2", at, body) {
		signed.Set(name, value)
		late.Set(name, value+"0")
	}
	for state, header := range map[string]http.Header{"valid": signed, "WRONG": late, "missing": {}} {
		var out bytes.Buffer
		if err := (&webhookListenCmd{}).show(&out, header, body, key); err != nil {
			t.Fatal(err)
		}
		if want := "signature " + state + "\n"; !strings.HasPrefix(out.String(), "account_holder.created        7  kim  id ") || !strings.HasSuffix(out.String(), want) {
			t.Errorf("%s: %q", state, out.String())
		}
	}
	for _, bad := range []string{"whsec_", "whsec_%", "x"} {
		if _, err := signingKey(bad); err == nil {
			t.Errorf("%q was taken as a secret", bad)
		}
	}
}
