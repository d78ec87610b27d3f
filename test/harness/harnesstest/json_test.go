package harnesstest

import "testing"

func TestHolds(t *testing.T) {
	for _, c := range []struct {
		want, got string
		ok        bool
	}{
		{`{"a":"x"}`, `{"a":"x","b":1}`, true}, {`{"a":"x"}`, `{"a":"y"}`, false}, {`{"a":"*"}`, `{}`, false}, {`{"a":"*"}`, `{"a":[]}`, true},
		{`{"a":"*bc*"}`, `{"a":"abcd"}`, true}, {`{"a":"*bc*"}`, `{"a":"abd"}`, false}, {`{"a":"#absent"}`, `{}`, true}, {`{"a":"#absent"}`, `{"a":1}`, false},
		{`[1]`, `[1,2]`, false}, {`5`, `5`, true}, {`5`, `"5"`, false}, {`true`, `true`, true}, {`5.1`, `5.100`, true}, {`5.1`, `5.2`, false},
		{`{"a":null}`, `{"a":null}`, true}, {`{"a":null}`, `{"a":1}`, false}, {`{"a":"*"}`, `{"a":null}`, false},
	} {
		want, err := ParseJSON(c.want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseJSON(c.got)
		if err != nil {
			t.Fatal(err)
		}
		if err := Holds("reply", want, got); (err == nil) != c.ok {
			t.Errorf("%s holds %s: %v", c.got, c.want, err)
		}
	}
	for _, bad := range []string{"", "{", `{"a":1,"a":2}`, `{"a":{"b":1,"b":1}}`, "{} {}", "[1"} {
		if v, err := ParseJSON(bad); err == nil {
			t.Errorf("%q is %v", bad, v)
		}
	}
}
