package titan

import (
	"net/http"
	"regexp"
	"slices"
	"testing"

	door "posthouse/internal/door/titan"
	"posthouse/test/harness/harnesstest"
)

func TestScenarios(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			p := start(t, harnesstest.EngineEnv(t, engine)...)
			t.Run("scenarios", func(t *testing.T) {
				for _, sc := range scenarios() {
					t.Run(sc.Name, func(t *testing.T) {
						t.Parallel()
						w := p.world(t, &sc)
						for i := range sc.Steps {
							w.play(i, &sc.Steps[i])
						}
						w.checkEvents(&sc)
					})
				}
			})
		})
	}
}

// TestRepeats plays the scenarios with every write sent once more: the answer is
// the same, and no event is one too many (titan.md 2.8).
func TestRepeats(t *testing.T) {
	t.Parallel()
	p := start(t)
	t.Run("scenarios", func(t *testing.T) {
		for _, sc := range scenarios() {
			t.Run(sc.Name, func(t *testing.T) {
				t.Parallel()
				w := p.world(t, &sc)
				for i := range sc.Steps {
					st := &sc.Steps[i]
					w.play(i, st)
					if st.repeats() {
						w.again(i, st)
					}
				}
				w.checkEvents(&sc)
			})
		}
	})
}

// repeats says that a call is a write that bears to come twice. 30 sends another
// link, 40 may start another job, X1 and X2 make another token.
func (s *Step) repeats() bool {
	op := s.operation()
	return op != nil && op.Method != door.Read && s.As == "" && s.Status == 0 && !s.Once && !slices.Contains([]string{"30", "40", "X1", "X2"}, op.Number)
}

// fresh is what an answer has anew: ids of requests, log-in tokens.
var fresh = regexp.MustCompile(`"(reqID|webmailAutoLoginToken)":"[^"]*"`)

// again repeats the step that was played last. A log-in token that the first
// answer brought stays the one that the scenario goes on with.
func (w *world) again(i int, st *Step) {
	w.t.Helper()
	status, body, err := w.request(st)
	if err != nil || status != http.StatusOK || fresh.ReplaceAllString(body, "") != fresh.ReplaceAllString(w.last, "") {
		w.t.Errorf("step %d, %s: a repeat is answered %d %s %v, the first was %s", i+1, st.Call, status, body, err, w.last)
	}
}
