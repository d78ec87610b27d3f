package resellerclub

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"posthouse/test/harness/harnesstest"
)

// scenario is one story of a new partner's resellers. The calls that succeed in
// it prove their endpoints.
type scenario struct {
	name  string
	steps []step
}

// step is one call. {names} in all texts stand for what earlier steps saved, and
// for: partner, tag (a name of the scenario's own), the resellers' ids by name,
// {now+3d} for a time of the partner's clock.
type step struct {
	as      string        // which reseller: "" = root
	call    string        // "POST eelite/us/add", "PATCH rest:product/titanmailglobal/order/{o}/suspend"
	send    string        // parameters besides authentication, percent-encoded
	shape   string        // which of the endpoint's shapes
	want    string        // template: see holds
	status  int           // 0 = 200
	message string        // of an error, whole; or "…" at its end
	failure string        // errorCode of a mailbox operation's FAILURE
	save    string        // see world.save
	advance time.Duration // of the partner's clock, before the call
	cli     []string      // a command of the operator instead of a call
	do      func(*world)  // anything else instead of a call
}

// scenarios are all stories.
func scenarios() []scenario {
	return slices.Concat(orderScenarios(), refusedScenarios(), restScenarios(), mailScenarios(), customerScenarios(), billingScenarios(), productScenarios(), resellerScenarios())
}

const day = 24 * time.Hour

// find gives the endpoint that a step calls; nil for none.
func find(call string) *endpoint {
	verb, target, _ := strings.Cut(call, " ")
	path := "/api/" + target
	if rest, ok := strings.CutPrefix(target, "rest:"); ok {
		path = "/restapi/" + rest
	}
	for _, e := range contract() {
		if e.verb == verb && matches(e.path, path) {
			return &e
		}
	}
	return nil
}

func matches(template, path string) bool {
	want, have := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, have, func(w, h string) bool { return w == h || strings.HasPrefix(w, "{") && h != "" })
}

// variantOf gives the shape that a step's reply must have.
func (e *endpoint) variantOf(name string) (*shape, error) {
	for _, v := range e.shapes {
		if v.name == name || len(e.shapes) == 1 && name == "" {
			return parseShape(v.shape)
		}
	}
	return nil, fmt.Errorf("%s has no shape %q", e.path, name)
}

// proves reports whether a step shows an endpoint at work: a call that succeeds,
// or where the contract wants nothing else, one that fails as it should.
func (s *step) proves() *endpoint {
	if s.call == "" || s.status != 0 {
		return nil
	}
	e := find(s.call)
	if e == nil || s.failure != "" && e.shapes[0].shape != failed {
		return nil
	}
	return e
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
	default:
		if err := w.try(s); err != nil {
			w.t.Fatalf("step %d, %s %s: %v", i+1, w.fill(s.call), w.fill(s.send), err)
		}
	}
}

func (w *world) try(s *step) error {
	as := s.as
	if as == "" {
		as = "root"
	}
	verb, target, _ := strings.Cut(w.fill(s.call), " ")
	r, err := w.call(as, verb, target, w.fill(s.send))
	if err != nil {
		return err
	}
	want := s.status
	if want == 0 {
		want = http.StatusOK
	}
	if r.status != want {
		return fmt.Errorf("%d %.2000s, want %d", r.status, r.text, want)
	}
	if s.status != 0 {
		return wantMessage(r, w.fill(s.message))
	}
	e := find(s.call)
	if e == nil {
		return fmt.Errorf("the contract has no such endpoint")
	}
	if s.failure != "" {
		sh, err := parseShape(failed)
		if err != nil {
			return err
		}
		if err := sh.fits("reply", r.value); err != nil {
			return err
		}
		return holds("reply", object{"response": object{"status": "FAILURE", "errorCode": s.failure}}, r.value)
	}
	sh, err := e.variantOf(s.shape)
	if err != nil {
		return err
	}
	if err := sh.fits("reply", r.value); err != nil {
		return err
	}
	if strings.HasPrefix(e.path, "/api/mail/") {
		if err := holds("reply", object{"response": object{"status": "SUCCESS"}}, r.value); err != nil {
			return err
		}
	}
	if s.want != "" {
		want, err := parseJSON(w.fill(s.want))
		if err != nil {
			return err
		}
		if err := holds("reply", want, r.value); err != nil {
			return err
		}
	}
	return w.save(s.save, r.value)
}

// wantMessage checks an error: its form (section 4 or 15) and its text.
func wantMessage(r reply, want string) error {
	o, _ := r.value.(object)
	form := object{"status": "ERROR", "message": "*"}
	if _, rest := o["error"]; rest {
		form = object{"status": "error", "error": o["message"], "message": "*"}
	}
	if err := holds("error", form, r.value); err != nil || len(o) != len(form) {
		return fmt.Errorf("no error by its form: %s %w", r.text, err)
	}
	text := fmt.Sprint(o["message"])
	start, isStart := strings.CutSuffix(want, "…")
	if text != want && !(isStart && strings.HasPrefix(text, start)) {
		return fmt.Errorf("message %q, want %q", text, want)
	}
	return nil
}

func TestScenarios(t *testing.T) {
	for _, env := range []struct{ engine, suffix string }{{"sqlite", ".json"}, {"sqlite", ".xml"}, {"postgres", ".json"}} {
		t.Run(env.engine+env.suffix, func(t *testing.T) {
			t.Parallel()
			p := start(t, harnesstest.EngineEnv(t, env.engine)...)
			for _, sc := range scenarios() {
				t.Run(sc.name, func(t *testing.T) {
					w := p.world(t, env.suffix)
					for i := range sc.steps {
						w.play(i, &sc.steps[i])
					}
				})
			}
		})
	}
}
