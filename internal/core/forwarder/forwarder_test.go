package forwarder

import (
	"slices"
	"testing"
)

func TestMembers(t *testing.T) {
	jane, alias, out := Member{"jane@d.example", 1}, Member{"j@d.example", 1}, Member{"x@elsewhere.example", 0}
	shared := []Member{jane}
	f := Forwarder{Local: "team", Domain: "d.example", Members: shared}
	if f.Add([]Member{jane, jane}) || !f.Add([]Member{alias, out, alias}) {
		t.Fatal("Add")
	}
	if got := f.Recipients(); !slices.Equal(got, []string{"jane@d.example", "j@d.example", "x@elsewhere.example"}) {
		t.Fatal(got)
	}
	if got := f.Accounts(); !slices.Equal(got, []int64{1}) {
		t.Fatal(got)
	}
	if !out.External() || jane.External() || f.Email() != "team@d.example" || !f.Has("j@d.example") || f.Has("team@d.example") {
		t.Error("External, Email, Has")
	}
	if !f.SameMembers([]Member{out, jane, alias}) || f.SameMembers([]Member{jane, alias}) || f.SameMembers([]Member{jane, alias, {"y@d.example", 2}}) {
		t.Error("SameMembers")
	}
	if f.Remove(func(m Member) bool { return m.AccountID == 9 }) || !f.Remove(func(m Member) bool { return m.AccountID == 1 }) {
		t.Error("Remove")
	}
	if len(f.Members) != 1 || shared[0] != jane {
		t.Errorf("%v, shared %v", f.Members, shared)
	}
}
