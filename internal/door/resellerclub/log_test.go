package resellerclub

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"posthouse/internal/core/reseller"
)

// Neither credentials nor anything else that a caller sends is in the log or in
// the metrics' names, whatever becomes of the call.
func TestNothingSecretIsLogged(t *testing.T) {
	w := newWorld(t)
	const password, mailbox, token = "Auth!Pass9word", "Mail!Box9word", "5c0f6a52-1d7e-4b8a-a3c4-77e2b1906d18"
	w.changeSeller(w.child, func(r *reseller.Reseller) { r.PasswordHash = "plain:" + password })
	var outcome func() (any, error)
	op := &operation{path: "test/secret", methods: post, params: []param{{"passwd", "String", true}, {"token", "String", true}},
		serve: func(_ context.Context, _ *call, p *params) (any, error) {
			p.text("passwd")
			p.text("token")
			if err := p.fault(); err != nil {
				return nil, err
			}
			return outcome()
		}}
	inRest := *op
	inRest.path, inRest.style = "test/secret/{token}", restful
	w.serveAlso(op, &inRest)
	secrets := []any{"passwd", mailbox, "token", token, "new-passwd", mailbox, "old-passwd", mailbox}
	for name, f := range map[string]func() (any, error){
		"success":  func() (any, error) { return true, nil },
		"refusal":  func() (any, error) { return nil, &wireFault{status: 500, text: textNotAllowed} },
		"fault":    func() (any, error) { return nil, errors.New("the database is down") },
		"panic":    func() (any, error) { panic(password + mailbox + token) },
		"no reply": func() (any, error) { return struct{ s string }{mailbox}, nil },
	} {
		outcome = f
		for _, auth := range [][]any{
			{"auth-userid", w.child.id, "api-key", w.child.key},
			{"auth-userid", w.child.id, "auth-password", password},
			{"auth-userid", w.root.id, "api-key", w.child.key},
			{"auth-userid", w.root.id, "auth-password", password},
			{"auth-userid", w.child.key, "api-key", password},
		} {
			q := strings.TrimPrefix(seller{}.with(append(auth, secrets...)), seller{}.with(nil)+"&")
			w.send(http.MethodPost, "/api/test/secret.json?"+q, "", "")
			w.send(http.MethodPost, "/api/test/secret.xml", "application/x-www-form-urlencoded", q)
			w.send(http.MethodGet, "/api/test/secret.json?"+q, "", "")
			w.send(http.MethodPost, "/restapi/test/secret/"+token+"?"+q, "", "")
			w.send(http.MethodPost, "/api/"+w.child.key+"/"+mailbox+".json?"+q, "", "")
			w.send(http.MethodPost, "/api/test/secret.json?"+q, "multipart/form-data; boundary=b", "--b\r\n"+q)
			w.send(http.MethodPost, "/api/test/secret.json?"+q, "", strings.Repeat("a=1&", 9999)+q)
		}
		log := w.log.String()
		for _, s := range []string{w.child.key, password, mailbox, token} {
			if i := strings.Index(log, s); i >= 0 {
				t.Fatalf("%s: the log has %s: …%s", name, s, log[max(0, i-200):min(len(log), i+100)])
			}
		}
	}
	if n := strings.Count(w.log.String(), "resellerclub request"); n != 5*5*7 {
		t.Errorf("%d lines in the log", n)
	}
}
