package basekit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"posthouse/test/harness/harnesstest"
)

// toSign is what a signer is given.
type toSign struct {
	Base        string            `json:"base"`
	Method      string            `json:"method"`
	Path        string            `json:"path"`
	Body        string            `json:"body"`
	Type        string            `json:"type"`
	Where       string            `json:"where"` // "header", "query", "form"
	Hash        string            `json:"hash"`
	Credentials map[string]string `json:"credentials"`
}

// signedRequest is what it makes of that; PHP's sends it too.
type signedRequest struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	Status  int               `json:"status"`
	Reply   string            `json:"reply"`
}

// signers are independent libraries, as Debian has them. One that sends says what
// it signed only when that is in the header.
var signers = []struct {
	name, program, script string
	sends                 bool
}{
	{"oauthlib", "/usr/bin/python3", "sign_oauthlib.py", false},
	{"PECL OAuth", "/usr/bin/php", "sign_oauth.php", true},
}

func sign(t *testing.T, program, script string, in toSign) (out signedRequest) {
	t.Helper()
	given, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, filepath.Join("testdata", script))
	cmd.Stdin, cmd.Stderr = bytes.NewReader(given), &stderr
	raw, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s (scripts/setup installs it): %v\n%s%s", script, err, stderr.String(), raw)
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, raw)
	}
	return out
}

// send gives the status of a request.
func (s signedRequest) send(t *testing.T) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), s.Method, s.URL, strings.NewReader(s.Body))
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range s.Headers {
		req.Header.Set(name, v)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode == http.StatusUnauthorized && (!strings.Contains(string(raw), `"status":401`) || res.Header.Get("WWW-Authenticate") != `Basic realm="rest"`) {
		t.Errorf("no challenge: %s", raw)
	}
	return res.StatusCode, string(raw)
}

// TestIndependentSigners: what libraries sign is taken, once; tampered with in
// any one part it is refused (B-27).
func TestIndependentSigners(t *testing.T) {
	s := harnesstest.Start(t, "POSTHOUSE_HTTP_TRUSTED_PROXIES=127.0.0.0/8")
	clients := 0 // who fails often must wait: each comes from an address of its own
	var credentials map[string]any
	if err := json.Unmarshal([]byte(s.Operator(t, "basekit", "oauth", "add", "1", "--json")), &credentials); err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for name, v := range credentials {
		texts[name] = fmt.Sprint(v)
	}
	const form = "application/x-www-form-urlencoded"
	for _, signer := range signers {
		for _, c := range []toSign{
			{Method: "GET", Path: "/users?username=a%20b%2Bc%26~%C3%A9&limit=5", Where: "header", Hash: "HMAC-SHA1"},
			{Method: "GET", Path: "/users?limit=5", Where: "query", Hash: "HMAC-SHA1"},
			{Method: "GET", Path: "/users/1", Where: "header", Hash: "HMAC-SHA256"},
			{Method: "GET", Path: "/nowhere", Where: "query", Hash: "HMAC-SHA256"},
			{Method: "DELETE", Path: "/users/1", Where: "header", Hash: "HMAC-SHA1"},
			{Method: "POST", Path: "/users/1/suspend", Where: "header", Hash: "HMAC-SHA1"},
			{Method: "POST", Path: "/users", Type: form, Body: "firstName=A+%26+B&lastName=%C3%A9~*&username=", Where: "header", Hash: "HMAC-SHA1"},
			{Method: "POST", Path: "/users", Type: form, Body: "firstName=A%2BB&lastName=x", Where: "form", Hash: "HMAC-SHA1"},
			{Method: "POST", Path: "/users?a=1", Type: form, Body: "firstName=A", Where: "query", Hash: "HMAC-SHA256"},
			{Method: "POST", Path: "/users", Type: "application/json", Body: `{"firstName":"A"}`, Where: "header", Hash: "HMAC-SHA1"},
			{Method: "PUT", Path: "/users/1", Type: "application/json", Body: `{"firstName":"A"}`, Where: "header", Hash: "HMAC-SHA256"},
		} {
			c.Base, c.Credentials = "http://"+s.Addr("basekit"), texts
			t.Run(fmt.Sprintf("%s %s %s %s %s %s", signer.name, c.Method, c.Path, c.Type, c.Where, c.Hash), func(t *testing.T) {
				signed := sign(t, signer.program, signer.script, c)
				if signer.sends {
					if signed.Status == 0 || signed.Status == http.StatusUnauthorized {
						t.Fatalf("what it sends is refused: %d %s", signed.Status, signed.Reply)
					}
					if c.Where != "header" {
						return
					}
				}
				// First those that were tampered with: a nonce is spent by what is taken.
				for name, tampered := range tampered(signed, c) {
					clients++
					tampered.Headers["X-Forwarded-For"] = fmt.Sprintf("192.0.2.%d", clients%256)
					if status, body := tampered.send(t); status != http.StatusUnauthorized {
						t.Errorf("%s: %d %s", name, status, body)
					}
				}
				if status, body := signed.send(t); status == http.StatusUnauthorized {
					t.Fatalf("refused: %s", body)
				}
				if status, body := signed.send(t); status != http.StatusUnauthorized {
					t.Errorf("replayed: %d %s", status, body)
				}
			})
		}
	}
}

// tampered are requests that differ from a signed one in one part.
func tampered(s signedRequest, c toSign) map[string]signedRequest {
	out := map[string]signedRequest{}
	with := func(name string, change func(*signedRequest)) {
		changed := s
		changed.Headers = map[string]string{}
		for k, v := range s.Headers {
			changed.Headers[k] = v
		}
		if change(&changed); changed.URL != s.URL || changed.Body != s.Body || changed.Method != s.Method || changed.Headers["Authorization"] != s.Headers["Authorization"] {
			out[name] = changed
		}
	}
	with("method", func(s *signedRequest) { s.Method = "PATCH" })
	with("path", func(s *signedRequest) { s.URL = strings.Replace(s.URL, c.Path, "/other"+c.Path, 1) })
	with("query", func(s *signedRequest) {
		if strings.Contains(s.URL, "?") {
			s.URL += "&limit=6"
		} else {
			s.URL += "?limit=6"
		}
	})
	with("query's value", func(s *signedRequest) { s.URL = strings.Replace(s.URL, "limit=5", "limit=7", 1) })
	if c.Type == "application/x-www-form-urlencoded" {
		with("form", func(s *signedRequest) { s.Body = strings.Replace(s.Body, "firstName=A", "firstName=B", 1) })
		with("form's further field", func(s *signedRequest) { s.Body += "&x=1" })
	}
	if strings.Contains(s.Headers["Authorization"], "oauth_body_hash=") {
		with("JSON that was hashed", func(s *signedRequest) { s.Body = `{"firstName":"B"}` })
	}
	for _, name := range []string{"oauth_consumer_key", "oauth_token", "oauth_nonce", "oauth_timestamp", "oauth_signature", "oauth_version", "oauth_signature_method", "oauth_body_hash"} {
		with(name, func(s *signedRequest) {
			s.Headers["Authorization"] = changeValue(s.Headers["Authorization"], name+`="`)
			s.URL = changeValue(s.URL, name+"=")
			s.Body = changeValue(s.Body, name+"=")
		})
	}
	return out
}

// changeValue changes the first character of the value after name.
func changeValue(text, name string) string {
	before, value, ok := strings.Cut(text, name)
	if !ok || value == "" {
		return text
	}
	first := "1"
	if value[0] == '1' {
		first = "2"
	}
	return before + name + first + value[1:]
}
