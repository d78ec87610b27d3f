package basekit

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"posthouse/test/harness/harnesstest"
)

// scenario is one story of two new brands. The calls that succeed in it prove
// their endpoints.
type scenario struct {
	name  string
	steps []step
}

// step is one call. {names} in all texts stand for what earlier steps saved, and
// for: brand, theirs (the foreign brand), tag (a name of the scenario's own),
// {now+3d} for a day of the partner's clock.
type step struct {
	as      string        // which API user: "" with a brand's rights, "admin", "operator", "foreign"
	call    string        // "POST users/{u}/suspend"
	body    string        // JSON
	key     string        // that it is carried out once by
	shape   string        // which of the endpoint's shapes
	want    string        // template: see harnesstest.Holds
	status  int           // of an error
	wrong   string        // what is wrong with which field: "username.alreadyExists"
	save    string        // see world.save
	advance time.Duration // of the partner's clock, before the call
	cli     []string      // a command of the operator instead of a call
	do      func(*world)  // anything else instead of a call
}

const day = 24 * time.Hour

// find gives the endpoint that a step calls: literals before parameters.
func find(call string) *endpoint {
	verb, target, _ := strings.Cut(call, " ")
	target, _, _ = strings.Cut(target, "?")
	var best *endpoint
	for _, e := range contract() {
		if e.verb == verb && matches(e.path, "/"+target) && (best == nil || literals(e.path) > literals(best.path)) {
			best = &e
		}
	}
	return best
}

func literals(path string) int {
	return strings.Count(path, "/") - strings.Count(path, ":")
}

// matches reports whether a path is of a template. {names} stand for parameters.
func matches(template, path string) bool {
	want, have := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, have, func(w, h string) bool { return w == h || strings.HasPrefix(w, ":") && h != "" })
}

// variantOf gives the shape that a step's reply must have.
func (e *endpoint) variantOf(name string) (string, error) {
	for _, v := range e.shapes {
		if v.name == name {
			return v.shape, nil
		}
	}
	return "", fmt.Errorf("%s has no shape %q", e.path, name)
}

// proves reports whether a step shows an endpoint at work: a call that succeeds,
// or one that is not built and says so.
func (s *step) proves() *endpoint {
	if s.call == "" {
		return nil
	}
	if e := find(s.call); e != nil && (s.status == 0 || s.status == e.status) {
		return e
	}
	return nil
}

// play does one step.
func (w *world) play(i int, s *step) {
	w.t.Helper()
	if s.advance > 0 {
		w.advance(s.advance)
	}
	switch {
	case s.do != nil:
		s.do(w)
	case s.cli != nil:
		var args []string
		for _, a := range s.cli {
			args = append(args, w.fill(a))
		}
		w.Operator(w.t, args...)
	case s.call != "":
		if err := w.try(s); err != nil {
			w.t.Fatalf("step %d, %s %s: %v", i+1, w.fill(s.call), w.fill(s.body), err)
		}
	}
}

func (w *world) try(s *step) error {
	verb, target, _ := strings.Cut(w.fill(s.call), " ")
	r, err := w.call(s.as, verb, target, w.fill(s.body), w.fill(s.key))
	if err != nil {
		return err
	}
	e := find(s.call)
	if e == nil {
		return errors.New("the contract has no such endpoint")
	}
	want := e.status
	if s.status != 0 {
		want = s.status
	}
	if r.status != want {
		return fmt.Errorf("%d %.2000s, want %d", r.status, r.text, want)
	}
	if s.wrong != "" {
		field, rule, _ := strings.Cut(s.wrong, ".")
		return harnesstest.Holds("error", object{"errors": object{field: object{rule: "*"}}}, r.value)
	}
	if r.status >= http.StatusBadRequest || r.status == http.StatusNoContent {
		return nil
	}
	text, err := e.variantOf(s.shape)
	if err != nil {
		return err
	}
	sh, err := parseShape(text)
	if err != nil {
		return err
	}
	if err := sh.fits("reply", r.value); err != nil {
		return fmt.Errorf("%w\nin %s", err, r.text)
	}
	if s.want != "" {
		want, err := harnesstest.ParseJSON(w.fill(s.want))
		if err != nil {
			return err
		}
		if err := harnesstest.Holds("reply", want, r.value); err != nil {
			return err
		}
	}
	return w.save(s.save, r.value)
}

func TestScenarios(t *testing.T) {
	for _, env := range []struct {
		engine string
		way    way
	}{{"sqlite", ways[0]}, {"sqlite", ways[2]}, {"postgres", ways[1]}} {
		t.Run(env.engine+" "+env.way.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, harnesstest.EngineEnv(t, env.engine)...)
			for _, sc := range scenarios() {
				t.Run(sc.name, func(t *testing.T) {
					w := p.world(t, env.way)
					for i := range sc.steps {
						w.play(i, &sc.steps[i])
					}
				})
			}
		})
	}
}
