package titan

import (
	"maps"
	"testing"

	"posthouse/internal/core/event"
)

func TestScenarios(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			p := start(t, engineEnv(t, engine)...)
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

// checkEvents holds what was received against the scenario and the event log:
// every event once, with an id of its own, an order's in the order of the log.
func (w *world) checkEvents(sc *Scenario) {
	w.t.Helper()
	got := map[event.Type]int{}
	for _, events := range w.log() {
		for _, e := range events {
			got[event.Type(e.Type)]++
		}
	}
	if !maps.Equal(got, sc.Events) {
		w.t.Errorf("events %v, want %v", got, sc.Events)
	}
}
