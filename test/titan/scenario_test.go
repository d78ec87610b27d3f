// Package titan proves the Titan dialect from outside: scenario tables, played
// against the real binary with a webhook receiver, and the page of what they cover.
package titan

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/event"
	door "posthouse/internal/door/titan"
)

// Scenario is one story of a partner, who is new in it. Its calls say which
// operations it proves; its events are all that are received, and how often.
type Scenario struct {
	Name   string
	Bills  string // who bills: "" = the partner
	Env    bool   // needs the DNS answers of the sandbox
	Set    string // settings of the partner, a JSON object
	Steps  []Step
	Events map[event.Type]int
	// Payloads are templates that one received event of the type must fit.
	Payloads map[event.Type]string
}

// Step is one call, or one thing done by the operator. {names} in all texts
// stand for what earlier steps saved.
type Step struct {
	Call    string        // "POST createMailOrder", "GET listMailOrders?customerId=kim", "GET web:/partner/autoLogin?..."
	As      string        // "" = the partner, "foreign" = another one, "nobody" = without a key, else the key itself
	Body    string        // JSON
	Status  int           // 0 = 200
	Want    string        // template: see fits
	Save    string        // "order=titanOrderId customer=orders.0.titanCustomerId"
	Advance time.Duration // of the partner's clock, before the call
	CLI     string        // a command of the operator instead of a call; Want and Save apply to its JSON
	Once    bool          // not to be repeated: the contract says what comes then
	Wait    bool          // repeat the call until it fits: something happens in the background
	Do      func(*world)  // anything else, instead of a call
}

// operation gives the route that a call goes to, nil for none.
func (s *Step) operation() *door.Operation {
	_, target, _ := strings.Cut(s.Call, " ")
	path, _, _ := strings.Cut(target, "?")
	for _, op := range door.Operations() {
		for _, p := range append([]string{op.Path}, op.Aliases...) {
			if strings.EqualFold(p, "/partner/"+path) {
				return &op
			}
		}
	}
	return nil
}

// web says that a browser calls: with cookies, not with the key.
func (s *Step) web() bool { return strings.Contains(s.Call, " web:") }

func scenarios() []Scenario {
	return slices.Concat(orderScenarios(), accountScenarios(), customerScenarios(), lifeScenarios(), panelScenarios(), routingScenarios(), dnsScenarios(), exportScenarios())
}

// proven is what succeeds in the steps of a scenario.
func (s *Scenario) proven() map[string]bool {
	out := map[string]bool{}
	for i := range s.Steps {
		st := &s.Steps[i]
		if st.As != "" {
			continue
		}
		if op := st.operation(); op != nil && st.Status == 0 {
			out[op.Number] = true
		}
		for number, path := range redirects() {
			if strings.HasPrefix(st.Call, path) && st.Status == http.StatusSeeOther {
				out[number] = true
			}
		}
	}
	return out
}

// redirects are R1 to R4 (section 9) by how their calls begin.
func redirects() map[string]string {
	return map[string]string{
		"R1": "GET web:/?slt=", "R2": "GET web:/partner/autoLogin?", "R3": "GET web:/partner/cpWidget?", "R4": "POST web:/panel/purchase",
	}
}

// fits compares a JSON value with a template: an object has at least the
// template's keys, an array exactly its items, anything else is equal, type
// included. The texts "#n", "#s", "#b", "#o", "#a" and "#date" stand for any
// number, text that is not empty, boolean, object, array, day; "#absent" for no
// key; "#has:x" for any text with x in it.
func fits(where string, want, got any) error {
	wrong := func() error { return fmt.Errorf("%s is %s, want %s", where, compact(got), compact(want)) }
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return wrong()
		}
		for k, v := range w {
			have, ok := g[k]
			switch {
			case v == "#absent" && ok:
				return fmt.Errorf("%s.%s is there: %s", where, k, compact(have))
			case v == "#absent":
			case !ok:
				return fmt.Errorf("%s.%s is missing in %s", where, k, compact(got))
			default:
				if err := fits(where+"."+k, v, have); err != nil {
					return err
				}
			}
		}
		return nil
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return wrong()
		}
		for i := range w {
			if err := fits(fmt.Sprintf("%s[%d]", where, i), w[i], g[i]); err != nil {
				return err
			}
		}
		return nil
	case string:
		if ok, known := anyOf(w, got); known {
			if !ok {
				return wrong()
			}
			return nil
		}
	case json.Number:
		if g, ok := got.(json.Number); ok && sameNumber(g, w) {
			return nil
		}
		return wrong()
	}
	if want != got {
		return wrong()
	}
	return nil
}

func sameNumber(a, b json.Number) bool {
	x, e1 := a.Float64()
	y, e2 := b.Float64()
	return e1 == nil && e2 == nil && x == y
}

func anyOf(template string, got any) (ok, known bool) {
	if part, ok := strings.CutPrefix(template, "#has:"); ok {
		s, is := got.(string)
		return is && strings.Contains(s, part), true
	}
	switch template {
	case "#n":
		_, ok = got.(json.Number)
	case "#s":
		s, is := got.(string)
		ok = is && s != ""
	case "#b":
		_, ok = got.(bool)
	case "#o":
		_, ok = got.(map[string]any)
	case "#a":
		_, ok = got.([]any)
	case "#date":
		s, is := got.(string)
		_, err := time.Parse(time.DateOnly, s)
		ok = is && err == nil
	default:
		return false, false
	}
	return ok, true
}

func compact(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// parse reads JSON with numbers as they are written.
func parse(text string) (v any, err error) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	err = dec.Decode(&v)
	return v, err
}

func TestFits(t *testing.T) {
	for _, c := range []struct {
		want, got string
		fits      bool
	}{
		{`{"a":1}`, `{"a":1,"b":2}`, true},
		{`{"a":1}`, `{"a":1.0}`, true},
		{`{"a":1}`, `{"a":"1"}`, false},
		{`{"a":"1"}`, `{"a":1}`, false},
		{`{"a":null}`, `{}`, false},
		{`{"a":null}`, `{"a":null}`, true},
		{`{"a":"#absent"}`, `{"a":null}`, false},
		{`{"a":"#absent"}`, `{}`, true},
		{`{"a":"#n","b":"#s","c":"#b","d":"#o","e":"#a","f":"#date"}`, `{"a":0,"b":"x","c":false,"d":{},"e":[],"f":"2026-02-28"}`, true},
		{`{"f":"#date"}`, `{"f":"2026-02-30"}`, false},
		{`{"b":"#s"}`, `{"b":""}`, false},
		{`{"b":"#has:yz"}`, `{"b":"xyz"}`, true},
		{`{"b":"#has:yz"}`, `{"b":"xy"}`, false},
		{`[1]`, `[1,2]`, false},
		{`[{"a":1}]`, `[{"a":1,"b":1}]`, true},
	} {
		want, err := parse(c.want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := parse(c.got)
		if err != nil {
			t.Fatal(err)
		}
		if err := fits("it", want, got); (err == nil) != c.fits {
			t.Errorf("%s against %s: %v", c.want, c.got, err)
		}
	}
}
