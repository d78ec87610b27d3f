package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
)

// runLine runs a command line and gives its exit status and output.
func runLine(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(context.Background(), args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestReferencePageIsCurrent(t *testing.T) {
	code, got, errs := runLine(t, "reference")
	if code != 0 {
		t.Fatal(code, errs)
	}
	page, err := os.ReadFile("../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(page) {
		t.Fatal("docs/cli.md is stale: run make docs")
	}
}

func TestExitStatus(t *testing.T) {
	for _, tc := range []struct {
		args []string
		code int
		want string
	}{
		{nil, 0, "Usage: posthouse"},
		{[]string{"--help"}, 0, "Usage: posthouse"},
		{[]string{"partner", "create", "--help"}, 0, "--sandbox"},
		{[]string{"help"}, 0, "Usage: posthouse <command>"},
		{[]string{"help", "partner", "create"}, 0, "--sandbox"},
		{[]string{"help", "serv"}, 2, "Try: posthouse --help"},
		{[]string{"version"}, 0, "posthouse "},
		{[]string{"serv"}, 2, "Try: posthouse --help"},
		{[]string{"partner", "show"}, 2, "expected"},
		{[]string{"partner", "show", "seven"}, 2, "seven"},
		{[]string{"--config", "/nonexistent.toml", "config", "check"}, 1, "no file"},
	} {
		code, out, errs := runLine(t, tc.args...)
		if code != tc.code || !strings.Contains(out+errs, tc.want) {
			t.Errorf("%v: status %d, want %d with %q\n%s%s", tc.args, code, tc.code, tc.want, out, errs)
		}
	}
}

func TestTXTStrings(t *testing.T) {
	if got := txtStrings("short"); got != `"short"` {
		t.Error(got)
	}
	long := strings.Repeat("x", 300)
	if got := txtStrings(long); got != `"`+long[:255]+`" "`+long[255:]+`"` {
		t.Error(got)
	}
}
