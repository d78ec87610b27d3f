package basekit

import (
	"testing"
	"time"
)

// TestLastMoment: a day is whole in the brand's zone, however many hours it has.
func TestLastMoment(t *testing.T) {
	london, err := loadZone("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for sent, want := range map[string]string{
		"2026-10-25":                "2026-10-25T23:59:59.999999Z", // 25 hours
		"2026-03-29":                "2026-03-29T22:59:59.999999Z", // 23
		"2026-10-25 12:00:00":       "2026-10-25T12:00:00Z",
		"2026-10-25T12:00:00+01:00": "2026-10-25T11:00:00Z",
	} {
		in := &input{sent: map[string]any{"dateTo": sent}}
		if got := in.lastMoment("dateTo", london); got == nil || got.Format(time.RFC3339Nano) != want {
			t.Errorf("%s: %v, want %s", sent, got, want)
		}
	}
}
