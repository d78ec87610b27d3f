package blob

import (
	"context"
	"io"
	"testing"

	"posthouse/internal/fault"
)

// A command reads beside the server that owns the folder.
func TestReadOnlyBesideTheOwner(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	owner, err := OpenLocal(LocalConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	w, err := owner.Create(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "hello"); err != nil {
		t.Fatal(err)
	}
	ref, err := w.Commit(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenLocal(LocalConfig{Dir: dir}); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("a second owner got %v", err)
	}
	visitor, err := OpenLocal(LocalConfig{Dir: dir, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer visitor.Close()
	r, err := visitor.Open(ref)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got := make([]byte, r.Size())
	if _, err := r.ReadAt(got, 0); err != nil && err != io.EOF || string(got) != "hello" {
		t.Fatalf("read %q, %v", got, err)
	}
	if _, err := visitor.Create(ctx); !fault.Is(err, fault.Conflict) {
		t.Errorf("a visitor may write: %v", err)
	}
	if err := visitor.Remove(ctx, ref.Segment); !fault.Is(err, fault.Conflict) {
		t.Errorf("a visitor may remove: %v", err)
	}
}
