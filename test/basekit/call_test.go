package basekit

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"posthouse/test/harness/harnesstest"
)

// caller gives an API user, made when it is first needed: "" with a brand's
// rights, "admin", "operator", "foreign".
func (w *world) caller(as string) *apiUser {
	w.t.Helper()
	b, rights := w.brand, map[string]string{"": "brand", foreign: "brand", "admin": "administrator", "operator": "operator"}[as]
	if as == foreign {
		b = w.foreign
	}
	u := b.users[rights]
	if u == nil {
		u = &apiUser{}
		w.tells(w.t, u, "basekit", "users", "add", strconv.FormatInt(b.ID, 10), fmt.Sprintf("%s-%d", rights, b.ID), "--rights", rights, "--json")
		b.users[rights] = u
	}
	if w.way.oauth && u.ConsumerKey == "" {
		signs := *u
		w.tells(w.t, &signs, "basekit", "oauth", "add", strconv.FormatInt(u.ID, 10), "--json")
		signs.ID = u.ID
		*u = signs
	}
	return u
}

// base is the address of the dialect's own listener.
func (w *world) base() string { return "http://" + w.Addr("basekit") }

// reply is what came back.
type reply struct {
	status int
	header http.Header
	text   string
	value  any
}

// call sends one request; body is JSON, "" for none, and so is an idempotency key.
func (w *world) call(as, verb, target, body string, key ...string) (reply, error) {
	u := w.caller(as)
	w.sent++
	contentType := ""
	var fields url.Values
	if body != "" {
		contentType = "application/json"
		if w.way.form {
			if f, ok := asForm(body); ok {
				fields, contentType, body = f, "application/x-www-form-urlencoded", f.Encode()
			}
		} else if w.sent%2 == 0 { // as PHP writes it
			body = strings.ReplaceAll(body, "/", `\/`)
		}
	}
	req, err := http.NewRequestWithContext(w.t.Context(), verb, w.base()+"/"+target, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if k := strings.Join(key, ""); k != "" {
		req.Header.Set("Idempotency-Key", k)
	}
	if w.way.oauth {
		req.Header.Set("Authorization", w.sign(u, req, fields))
	} else {
		req.SetBasicAuth(u.Username, u.Password)
	}
	return w.do(req)
}

func (w *world) do(req *http.Request) (reply, error) {
	res, err := noRedirects.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return reply{}, err
	}
	r := reply{status: res.StatusCode, header: res.Header, text: string(b)}
	return r, r.read()
}

var noRedirects = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// read checks what holds for every reply (section 2, 10) and reads its body.
func (r *reply) read() (err error) {
	if r.status == http.StatusNoContent {
		if r.text != "" || r.header.Get("Content-Type") != "" || r.header.Get("Content-Length") != "" {
			return fmt.Errorf("a 204 with %q, type %q, length %q", r.text, r.header.Get("Content-Type"), r.header.Get("Content-Length"))
		}
		return nil
	}
	if got := r.header.Get("Content-Type"); got != "application/json" {
		return fmt.Errorf("content type %q of %.500q", got, r.text)
	}
	if strings.TrimSpace(r.text) != r.text {
		return fmt.Errorf("something around %q", r.text)
	}
	if r.value, err = harnesstest.ParseJSON(r.text); err != nil {
		return err
	}
	if r.status >= 400 {
		return r.isError()
	}
	return nil
}

var errorShape = "{status:i,code:s,message:s,errors~:{*:{*:s}},type:s,title:s,detail:s}"

// isError checks the form of an error (B-03).
func (r *reply) isError() error {
	s, err := parseShape(errorShape)
	if err != nil {
		return err
	}
	if err := s.fits("error", r.value); err != nil {
		return err
	}
	o := r.value.(object)
	if o["status"] != json.Number(strconv.Itoa(r.status)) || o["message"] == "" {
		return fmt.Errorf("%d is told as %s", r.status, r.text)
	}
	if r.status == http.StatusUnauthorized && r.header.Get("WWW-Authenticate") != `Basic realm="rest"` {
		return fmt.Errorf("401 asks for %q", r.header.Get("WWW-Authenticate"))
	}
	if r.status == http.StatusMethodNotAllowed && r.header.Get("Allow") == "" {
		return fmt.Errorf("405 without Allow")
	}
	return nil
}

// asForm writes a body's fields as an old client does; not what a form can't say.
func asForm(body string) (url.Values, bool) {
	v, err := harnesstest.ParseJSON(body)
	o, ok := v.(object)
	if err != nil || !ok {
		return nil, false
	}
	out := url.Values{}
	for k, x := range o {
		switch x := x.(type) {
		case string:
			out.Set(k, x)
		case json.Number:
			out.Set(k, x.String())
		case bool:
			out.Set(k, map[bool]string{true: "1", false: "0"}[x])
		case object:
			for inner, y := range x {
				text, ok := y.(string)
				if !ok {
					return nil, false
				}
				out.Set(k+"["+inner+"]", text)
			}
		default:
			return nil, false
		}
	}
	return out, true
}
