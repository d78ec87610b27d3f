package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestDefaultIsValid(t *testing.T) {
	c, err := Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Mode != Development || c.SMTP.MX[0] != "127.0.0.1:2525" {
		t.Fatalf("unexpected defaults: %+v", c)
	}
}

func TestEveryKeyIsDocumented(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Keys() {
		if k.Doc == "" {
			t.Errorf("%s has no doc tag", k.Name)
		}
		if seen[k.Env] {
			t.Errorf("%s: two keys share the variable", k.Env)
		}
		seen[k.Env] = true
	}
	if len(seen) < 30 {
		t.Fatalf("only %d keys found", len(seen))
	}
}

func TestReferenceIsCurrent(t *testing.T) {
	got, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != Reference() {
		t.Fatal("docs/configuration.md is stale: run make docs")
	}
}

func TestFileThenEnvironment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.toml")
	text := "hostname = 'mx.example.com'\n[smtp]\nmx = ['0.0.0.0:25']\n[outbound]\nlifetime = '48h'\n[outbound.routes]\n'*' = 'relay:25'\n[plans.storage_mb]\npro = 7\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path, []string{
		"POSTHOUSE_SMTP_MX=127.0.0.1:1, 127.0.0.1:2", "POSTHOUSE_OUTBOUND_ROUTES=a.test=h:1,*=k:2",
		"POSTHOUSE_OUTBOUND_DELAY_WARNING=1h", "POSTHOUSE_TEST_POSTGRES=x", "POSTHOUSE_CONFIG=y", "HOME=/",
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.Hostname != "mx.example.com" || len(c.SMTP.MX) != 2 || c.SMTP.MX[1] != "127.0.0.1:2" {
		t.Errorf("smtp: %+v", c.SMTP)
	}
	if time.Duration(c.Outbound.Lifetime) != 48*time.Hour || time.Duration(c.Outbound.DelayWarning) != time.Hour || c.Outbound.Routes["*"] != "k:2" {
		t.Errorf("outbound: %+v", c.Outbound)
	}
	if c.Catalogue().QuotaBytes("pro") != 7<<20 {
		t.Error("plans.storage_mb did not reach the catalogue")
	}
}

func TestWhatIsRefused(t *testing.T) {
	for _, tc := range []struct{ name, file, env, want string }{
		{"unknown key", "[smtp]\nmxx = ['a']", "", "line 2, column 1: unknown key smtp.mxx"},
		{"wrong type", "hostname = 5", "", "line 1"},
		{"syntax", "hostname = ", "", "line 1"},
		{"unknown variable", "", "POSTHOUSE_SMPT_MX=:25", "POSTHOUSE_SMPT_MX names no key"},
		{"bad number", "", "POSTHOUSE_SMTP_MAX_CONNECTIONS=many", "smtp.max_connections"},
		{"bad duration", "", "POSTHOUSE_OUTBOUND_LIFETIME=5 days", "no duration"},
		{"same address twice", "", "POSTHOUSE_SMTP_MX=127.0.0.1:2143", "is used by smtp.mx too"},
		{"no port", "", "POSTHOUSE_SMTP_MX=127.0.0.1", "smtp.mx"},
		{"engine", "", "POSTHOUSE_STORE_ENGINE=mysql", "store.engine"},
		{"dsn", "", "POSTHOUSE_STORE_ENGINE=postgres", "store.dsn"},
		{"half a certificate", "", "POSTHOUSE_TLS_KEY=/x", "given together"},
		{"production without ops", "", "POSTHOUSE_MODE=production", "http.ops"},
		{"plan", "[plans.storage_mb]\ngold = 5", "", "plans.storage_mb"},
		{"seats of a paid plan", "[plans.seats]\npro = 5", "", "plans.seats"},
		{"proxy", "[http]\ntrusted_proxies = ['10.0.0.1']", "", "http.trusted_proxies"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := ""
			if tc.file != "" {
				path = filepath.Join(t.TempDir(), "p.toml")
				if err := os.WriteFile(path, []byte(tc.file), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var env []string
			if tc.env != "" {
				env = append(env, tc.env)
			}
			_, err := Load(path, env)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("got %v, want something with %q", err, tc.want)
			}
		})
	}
}

func TestEveryProblemAtOnce(t *testing.T) {
	_, err := Load("", []string{"POSTHOUSE_MODE=x", "POSTHOUSE_LOG_LEVEL=loud", "POSTHOUSE_STORE_ENGINE=y"})
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Fatalf("want three lines, got %v", err)
	}
}
