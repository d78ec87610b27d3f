package native

import (
	"strings"
	"testing"

	"posthouse/internal/goldentest"
)

func TestReferencePage(t *testing.T) {
	got, err := sqliteWorld(t).door.reference()
	if err != nil {
		t.Fatal(err)
	}
	goldentest.Page(t, "../../../docs/api-v1.md", got, "go generate ./internal/door/native")
	for _, r := range sqliteWorld(t).door.routes() {
		if !strings.Contains(got, "\n### "+r.op.OperationID+"\n") {
			t.Errorf("%s is in no chapter", r.op.OperationID)
		}
	}
}
