package blackbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// curl calls the native API with the real program and gives status and body.
func (s *server) curl(key, target string, args ...string) (int, map[string]any) {
	s.t.Helper()
	args = append([]string{"-sS", "-w", "\n%{http_code}", "-H", "Authorization: Bearer " + key, "http://" + s.Addr("http") + target}, args...)
	cmd := exec.CommandContext(s.ctx, "curl", args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("curl %s: %v\n%s", target, err, &errs)
	}
	i := bytes.LastIndexByte(out, '\n')
	var status int
	if _, err := fmt.Sscan(string(out[i+1:]), &status); err != nil {
		s.t.Fatal(err)
	}
	var body map[string]any
	if err := json.Unmarshal(out[:i], &body); err != nil && len(out[:i]) > 0 {
		s.t.Fatalf("%s: %v\n%s", target, err, out)
	}
	return status, body
}

func TestNativeAPI(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		key := s.Ready.Partner.Key
		if status, me := s.curl(key, "/v1/me"); status != 200 || me["sandbox"] != true {
			t.Fatal(status, me)
		}
		s.call("createMailOrder", map[string]any{"domainName": "shop.example", "customerId": "c", "planType": "free"})

		s.sub("a key for less", func(s *server) {
			out, _ := s.cli(0, "partner", "key", "create", fmt.Sprint(s.Ready.Partner.ID), "--scope", "events:read", "--scope=audit:read", "--json")
			var made struct {
				Key    string   `json:"key"`
				Scopes []string `json:"scopes"`
			}
			if err := json.Unmarshal([]byte(out), &made); err != nil || len(made.Scopes) != 2 {
				s.t.Fatal(err, out)
			}
			if status, got := s.curl(made.Key, "/v1/events?limit=1"); status != 200 || len(got["items"].([]any)) != 1 {
				s.t.Error(status, got)
			}
			if status, got := s.curl(made.Key, "/v1/webhooks"); status != 403 || got["reason"] != "SCOPE_MISSING" {
				s.t.Error(status, got)
			}
			req, err := http.NewRequestWithContext(s.ctx, "GET", "http://"+s.Addr("http")+"/partner/fetchOrderDetails?domainName=shop.example&customerId=c", nil)
			if err != nil {
				s.t.Fatal(err)
			}
			req.Header.Set("Authorization", made.Key)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				s.t.Fatal(err)
			}
			defer res.Body.Close()
			if body, _ := io.ReadAll(res.Body); res.StatusCode != 403 || !bytes.Contains(body, []byte("SCOPE_MISSING")) {
				s.t.Errorf("%d %s", res.StatusCode, body)
			}
			s.cli(1, "partner", "key", "create", fmt.Sprint(s.Ready.Partner.ID), "--scope", "everything")
		})

		s.sub("a repeat", func(s *server) {
			args := []string{"--json", `{"url":"https://hooks.example/x","paused":true}`, "-H", "Idempotency-Key: once"}
			_, first := s.curl(key, "/v1/webhooks", args...)
			status, again := s.curl(key, "/v1/webhooks", args...)
			if status != 201 || again["id"] != first["id"] || again["signingSecret"] != first["signingSecret"] || first["signingSecret"] == nil {
				s.t.Error(status, again)
			}
			if _, all := s.curl(key, "/v1/webhooks"); len(all["items"].([]any)) != 1 {
				s.t.Error(all)
			}
		})

		s.sub("the document, to anybody", func(s *server) {
			if status, doc := s.curl("", "/v1/openapi.json"); status != 200 || !strings.HasPrefix(doc["openapi"].(string), "3.1") {
				s.t.Error(status)
			}
		})

		s.sub("a slow body", func(s *server) {
			k := s.dial("http")
			fmt.Fprintf(k.c, "POST /v1/webhooks HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n{", key)
			line, err := k.r.ReadString('\n')
			if err != nil || !strings.Contains(line, " 413 ") {
				s.t.Error(line, err)
			}
		})

		s.sub("sandbox mail", func(s *server) {
			s.order("mail.example", "anna@mail.example")
			letter := filepath.Join(s.t.TempDir(), "letter")
			if err := os.WriteFile(letter, []byte("From: anna@mail.example\r\nTo: bob@elsewhere.example\r\nSubject: Out\r\n\r\nHello.\r\n"), 0o600); err != nil {
				s.t.Fatal(err)
			}
			if out, err := exec.CommandContext(s.ctx, "curl", "-sS", "-k", "--ssl-reqd", "smtp://"+s.Addr("submission")+"/client.test", "--mail-from", "anna@mail.example",
				"--mail-rcpt", "bob@elsewhere.example", "--upload-file", letter, "--user", "anna@mail.example:"+password).CombinedOutput(); err != nil {
				s.t.Fatalf("%v\n%s", err, out)
			}
			var found map[string]any
			s.eventually("the message is captured", func() bool {
				_, got := s.curl(key, "/v1/sandbox/messages?to=bob@elsewhere.example")
				items, _ := got["items"].([]any)
				if len(items) == 0 {
					return false
				}
				found = items[0].(map[string]any)
				return true
			})
			out, err := exec.CommandContext(s.ctx, "curl", "-fsS", "-H", "Authorization: Bearer "+key, "http://"+s.Addr("http")+found["content"].(string)).Output()
			if err != nil || !bytes.Contains(out, []byte("DKIM-Signature:")) || !bytes.HasSuffix(out, []byte("\r\n\r\nHello.\r\n")) {
				s.t.Errorf("%v\n%s", err, out)
			}
			one := strings.TrimSuffix(found["content"].(string), "/content")
			if status, _ := s.curl(key, one, "-X", "DELETE"); status != 204 {
				s.t.Error(status)
			}
			if status, _ := s.curl(key, one+"/content"); status != 404 {
				s.t.Error(status)
			}
		})

		s.sub("the clock", func(s *server) {
			status, got := s.curl(key, "/v1/clock/advance", "--json", `{"by":"40d"}`, "-H", "Prefer: wait=30")
			if status != 200 || got["target"] != nil {
				s.t.Fatal(status, got)
			}
		})
	})
}

// Every command of the guide works as it stands there.
func TestCommandsOfTheGuide(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	guide, err := os.ReadFile("../../docs/integrate.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(guide), -1)
	if len(blocks) < 8 {
		t.Fatalf("%d blocks of commands", len(blocks))
	}
	for _, b := range blocks {
		cmd := exec.CommandContext(s.ctx, "bash", "-euo", "pipefail", "-c", b[1])
		cmd.Env = append(os.Environ(), "API=http://"+s.Addr("http"), "KEY="+s.Ready.Partner.Key)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		if out, err := cmd.Output(); err != nil {
			t.Fatalf("%s\n%v\n%s%s", b[1], err, out, &errs)
		}
	}
}
