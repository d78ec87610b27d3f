package titan

import (
	"testing"
	"time"
)

// pending is what has no scenario yet.
var pending = map[string]bool{
	"R1": true, "R2": true, "R3": true, "R4": true, "16": true, "17": true, "18": true, "40": true, "41": true,
	"MAIL_ORDER_PURGED": true, "EMAIL_ACCOUNT_PURGED": true,
}

func lifeScenarios() []Scenario { return nil }

func (w *world) advance(time.Duration) {}

func (p *platform) purge(t *testing.T, key, domain string) names {
	return objects(900001, 900002, 900003, "nobody.example", "nobody")
}
