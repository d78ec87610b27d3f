package native

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/api-v1.md")

const pagePath = "../../../docs/api-v1.md"

func TestReferencePage(t *testing.T) {
	got, err := sqliteWorld(t).door.reference()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(pagePath, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	page, err := os.ReadFile(pagePath)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(page) {
		t.Fatal("docs/api-v1.md is stale: run make docs")
	}
	for _, r := range sqliteWorld(t).door.routes() {
		if !strings.Contains(got, "\n### "+r.op.OperationID+"\n") {
			t.Errorf("%s is in no chapter", r.op.OperationID)
		}
	}
}
