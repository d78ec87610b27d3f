package fault

import (
	"errors"
	"strings"
	"testing"
)

func blows(v any) error {
	if v == nil {
		var m map[string]int
		//lint:ignore SA5000 the runtime's own panic is what is wanted
		m["x"] = 1
	}
	panic(v)
}

func TestContain(t *testing.T) {
	if err := Contain(func() error { return nil }); err != nil {
		t.Errorf("nothing happened: %v", err)
	}
	want := New(Conflict, "x")
	if err := Contain(func() error { return want }); !errors.Is(err, want) {
		t.Errorf("an error became %v", err)
	}
	for name, c := range map[string]struct {
		value      any
		tells, not string
	}{
		"a value":           {"secret 4711", "panic: string\n", "4711"},
		"an error":          {errors.New("secret 4711"), "panic: *errors.errorString\n", "4711"},
		"a fault":           {New(NotFound, "secret 4711"), "panic: *fault.Error\n", "4711"},
		"the runtime's own": {nil, "assignment to entry in nil map", "4711"},
	} {
		err := Contain(func() error { return blows(c.value) })
		f := Of(err)
		if f == nil || f.Code != Internal || !f.Temporary {
			t.Fatalf("%s: %#v", name, f)
		}
		full := f.Error()
		if !strings.Contains(full, c.tells) || strings.Contains(full, c.not) || !strings.Contains(full, "fault.blows") {
			t.Errorf("%s: %s", name, full)
		}
	}
}
