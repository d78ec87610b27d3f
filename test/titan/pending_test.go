package titan

import (
	"testing"
	"time"
)

func lifeScenarios() []Scenario    { return nil }
func panelScenarios() []Scenario   { return nil }
func routingScenarios() []Scenario { return nil }

func (w *world) advance(time.Duration) {}
func (w *world) hook()                 {}
func newReceiver(*testing.T) *receiver { return &receiver{} }

func (p *platform) purge(t *testing.T, key, domain string) names {
	return objects(900001, 900002, 900003, "nobody.example", "nobody")
}
