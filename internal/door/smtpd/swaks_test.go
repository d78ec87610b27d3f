package smtpd

import (
	"os/exec"
	"strings"
	"testing"
)

// swaks is a client that nobody here wrote.
func swaks(t *testing.T, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("swaks")
	if err != nil {
		t.Fatal("Debian's package swaks is needed:", err)
	}
	out, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("swaks %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestSwaksToMX(t *testing.T) {
	addr, b := startMX(t, Limits{})
	body := "Subject: from swaks\n\n.leading dot\n..two\nlast"
	swaks(t, "--server", addr, "--from", "x@example.net", "--to", "ann@example.com,bob@example.com", "--data", body)
	swaks(t, "--server", addr, "--from", "<>", "--to", "ann@example.com", "--tls", "--pipeline", "--data", body)
	m := b.all()
	if len(m) != 2 || len(m[0].to) != 2 || m[1].from != "" {
		t.Fatalf("%+v", m)
	}
	for _, d := range m {
		if strings.TrimRight(d.content, "\r\n") != strings.ReplaceAll(body, "\n", "\r\n") {
			t.Errorf("%q", d.content)
		}
	}
	if !strings.Contains(m[1].trace, "with ESMTPS") {
		t.Errorf("%q", m[1].trace)
	}
}

func TestSwaksToSubmission(t *testing.T) {
	addr, q, _, _ := startSubmission(t, fakeSenders{})
	for _, mechanism := range []string{"PLAIN", "LOGIN"} {
		swaks(t, "--server", addr, "--tls", "--auth", mechanism, "--auth-user", "ann@example.com", "--auth-password", "secret",
			"--from", "ann@example.com", "--to", "x@elsewhere.example", "--h-From", "Ann <ann@example.com>")
	}
	m := q.all()
	if len(m) != 2 {
		t.Fatalf("%d submitted", len(m))
	}
	for _, s := range m {
		if !strings.Contains(s.content, "\r\nFrom: Ann <ann@example.com>\r\n") || s.Recipients[0].Address.String() != "x@elsewhere.example" {
			t.Errorf("%q", s.content)
		}
	}
}
