package titan

import "testing"

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
