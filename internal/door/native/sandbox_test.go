package native

import (
	"strings"
	"testing"
)

func TestSandboxDNS(t *testing.T) {
	w := sqliteWorld(t)
	if a := w.do(w.key, "GET", "/v1/sandbox/dns", "").want(200, ""); a.body["set"] != false {
		t.Error(a.raw)
	}
	w.do(w.key, "PUT", "/v1/sandbox/dns", `{"records":[{"name":"Shop.example.","type":"MX","preference":10,"value":"mx1.mail.example"},{"name":"x.example","type":"NS","failure":"timeout"}]}`).want(200, "")
	if a := w.do(w.key, "GET", "/v1/sandbox/dns", ""); a.body["set"] != true || !strings.Contains(a.raw, `{"name":"shop.example","type":"MX","preference":10,"value":"mx1.mail.example"}`) {
		t.Error(a.raw)
	}
	for _, bad := range []string{`{}`, `{"records":null}`, `{"records":[{"name":"a b","type":"MX","value":"x.example"}]}`, `{"records":[{"name":"a.example","type":"A","value":"192.0.2.1"}]}`,
		`{"records":[{"name":"a.example","type":"MX","preference":65536,"value":"x.example"}]}`, `{"records":[` + strings.Repeat(`{"name":"a.example","type":"TXT","value":"x"},`, 500) + `{"name":"a.example","type":"TXT","value":"x"}]}`} {
		if a := w.do(w.key, "PUT", "/v1/sandbox/dns", bad); a.status != 422 {
			t.Errorf("%.80s: %d %.200s", bad, a.status, a.raw)
		}
	}
	w.do(w.key, "PUT", "/v1/sandbox/dns", `{"records":[`+strings.Repeat(" ", 1<<20)+`]}`).want(413, "BODY_TOO_LARGE")
	w.do(w.foreign, "DELETE", "/v1/sandbox/dns", "").want(204, "") // its own, of which there are none
	if a := w.do(w.key, "GET", "/v1/sandbox/dns", ""); a.body["set"] != true {
		t.Errorf("another partner has taken it away: %s", a.raw)
	}
	defer func() {
		w.do(w.key, "DELETE", "/v1/sandbox/dns", "").want(204, "")
		if a := w.do(w.key, "GET", "/v1/sandbox/dns", "").want(200, ""); a.body["set"] != false {
			t.Errorf("still there: %s", a.raw)
		}
	}()
	if a := w.do(w.foreign, "GET", "/v1/sandbox/dns", ""); a.body["set"] != false {
		t.Error(a.raw)
	}
}

func TestSandboxMessages(t *testing.T) {
	w := sqliteWorld(t)
	for i := range 5 {
		w.mail.add(w.partner, int64(100-i))
	}
	w.mail.add(w.other, 50)
	first := w.do(w.key, "GET", "/v1/sandbox/messages?limit=3", "").want(200, "")
	second := w.do(w.key, "GET", first.text("next"), "").want(200, "")
	if len(first.items()) != 3 || len(second.items()) != 2 || second.text("next") != "" || first.items()[0]["content"] != "/v1/sandbox/messages/100/content" {
		t.Error(first.raw, second.raw)
	}
	w.do(w.key, "GET", "/v1/sandbox/messages/100", "").want(200, "")
	foreign, none := w.do(w.key, "GET", "/v1/sandbox/messages/50", ""), w.do(w.key, "GET", "/v1/sandbox/messages/51", "")
	if masked(foreign) != masked(none) || foreign.status != 404 {
		t.Error(foreign.raw, none.raw)
	}
}
