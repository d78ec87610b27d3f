package native

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"posthouse/internal/core/webhook"
)

// programs read secret, id, timestamp, signatures and now as arguments and the
// body on standard input; exit status 0 is true, 3 is false.
var programs = []struct {
	language, file string
	program        func(code string) string
	command        func(file string) []string
	missing        string
}{
	{"go", "main.go", func(code string) string {
		return `package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"os"
	"strconv"
	"strings"
)

` + code + `
func main() {
	body, _ := io.ReadAll(os.Stdin)
	now, _ := strconv.ParseInt(os.Args[5], 10, 64)
	if !Verify(os.Args[1], os.Args[2], os.Args[3], os.Args[4], body, now) {
		os.Exit(3)
	}
}
`
	}, func(file string) []string { return []string{file + ".bin"} }, "Go"},
	{"php", "main.php", func(code string) string {
		return "<?php\n" + code + "exit(verify($argv[1], $argv[2], $argv[3], $argv[4], stream_get_contents(STDIN), (int) $argv[5]) ? 0 : 3);\n"
	}, func(file string) []string { return []string{"php", file} }, "php-cli"},
	{"python", "main.py", func(code string) string {
		return code + "\nimport sys\nsys.exit(0 if verify(*sys.argv[1:5], sys.stdin.buffer.read(), int(sys.argv[5])) else 3)\n"
	}, func(file string) []string { return []string{"python3", file} }, "python3"},
}

// The examples of docs/integrate.md take what the dispatcher signs, and nothing else.
func TestVerifiersOfTheGuide(t *testing.T) {
	guide, err := os.ReadFile("../../../docs/integrate.md")
	if err != nil {
		t.Fatal(err)
	}
	key := []byte("0123456789abcdef0123456789abcdef")
	secret, id, at := webhook.SecretText(key), "6f1c1f0a-3f0e-4a55-8a53-6f5f6a0d7d10", time.Unix(1795341600, 0)
	body := `{"id":"x","event":"PLAN_RENEWED","data":{"domainName":"bücher.example"}}`
	signed := webhook.Sign(key, id, at, []byte(body))
	for _, p := range programs {
		t.Run(p.language, func(t *testing.T) {
			t.Parallel()
			m := regexp.MustCompile("(?s)```" + p.language + "\n(.*?)```").FindStringSubmatch(string(guide))
			if m == nil {
				t.Fatal("the guide has no example")
			}
			dir := t.TempDir()
			file := filepath.Join(dir, p.file)
			if err := os.WriteFile(file, []byte(p.program(m[1])), 0o600); err != nil {
				t.Fatal(err)
			}
			command := p.command(file)
			if p.language == "go" {
				build := exec.Command("go", "build", "-o", command[0], file)
				build.Env = append(os.Environ(), "CGO_ENABLED=0")
				if out, err := build.CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
			} else if _, err := exec.LookPath(command[0]); err != nil {
				t.Fatalf("%s is missing: run scripts/setup", p.missing)
			}
			for name, c := range map[string]struct {
				secret, id, timestamp, signatures, body string
				now                                     int64
				want                                    bool
			}{
				"right":            {secret, id, webhook.Timestamp(at), signed, body, at.Unix() + 5, true},
				"one of several":   {secret, id, webhook.Timestamp(at), "v1,AAAA v2,x " + signed, body, at.Unix(), true},
				"another body":     {secret, id, webhook.Timestamp(at), signed, body + " ", at.Unix(), false},
				"another id":       {secret, "7", webhook.Timestamp(at), signed, body, at.Unix(), false},
				"another key":      {webhook.SecretText(key[1:]), id, webhook.Timestamp(at), signed, body, at.Unix(), false},
				"no signature":     {secret, id, webhook.Timestamp(at), "", body, at.Unix(), false},
				"another version":  {secret, id, webhook.Timestamp(at), "v2" + signed[2:], body, at.Unix(), false},
				"old":              {secret, id, webhook.Timestamp(at), signed, body, at.Unix() + 301, false},
				"early":            {secret, id, webhook.Timestamp(at), signed, body, at.Unix() - 301, false},
				"rubbish for time": {secret, id, "soon", signed, body, at.Unix(), false},
			} {
				cmd := exec.Command(command[0], append(command[1:], c.secret, c.id, c.timestamp, c.signatures, fmt.Sprint(c.now))...)
				in, err := os.Create(filepath.Join(dir, "body"))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := in.WriteString(c.body); err != nil {
					t.Fatal(err)
				}
				if _, err := in.Seek(0, 0); err != nil {
					t.Fatal(err)
				}
				cmd.Stdin = in
				out, _ := cmd.CombinedOutput() // the exit status tells
				if err := in.Close(); err != nil {
					t.Fatal(err)
				}
				if code := cmd.ProcessState.ExitCode(); code != map[bool]int{true: 0, false: 3}[c.want] {
					t.Errorf("%s: exit status %d\n%s", name, code, out)
				}
			}
		})
	}
}
