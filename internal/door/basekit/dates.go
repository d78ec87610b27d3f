package basekit

import (
	"strings"
	"sync"
	"time"

	"posthouse/internal/fault"
)

// dateLayout is the wall clock of a date object (3.2).
const dateLayout = "2006-01-02 15:04:05.000000"

// date is a date object in the brand's zone; nil for none.
func date(t *time.Time, zone *time.Location) any {
	if t == nil {
		return nil
	}
	return object{"date": t.In(zone).Format(dateLayout), "timezone_type": 3, "timezone": zone.String()}
}

// date reads one: the object, "yyyy-MM-dd HH:mm:ss" in the brand's zone, or RFC
// 3339 (B-22); nil when absent.
func (in *input) date(name string, zone *time.Location) *time.Time {
	if !in.has(name) || in.sent[name] == "" {
		return nil
	}
	text := ""
	if o, ok := in.sent[name].(map[string]any); ok {
		text, _ = o["date"].(string)
		if z, _ := o["timezone"].(string); z != "" {
			var err error
			if zone, err = zoneOf(z); err != nil {
				in.fail(name, ruleInvalid, name+" has an unknown time zone")
				return nil
			}
		}
	} else {
		text = in.text(name)
	}
	text = strings.TrimSpace(text)
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		t = t.UTC()
		return &t
	}
	for _, layout := range []string{"2006-01-02 15:04:05.999999", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			t = t.UTC()
			return &t
		}
	}
	in.fail(name, ruleInvalid, name+" is not a date")
	return nil
}

// lastMoment is date of the end of a range: a day alone is meant whole.
func (in *input) lastMoment(name string, zone *time.Location) *time.Time {
	t := in.date(name, zone)
	if text, _ := in.sent[name].(string); t != nil && len(strings.TrimSpace(text)) == len(time.DateOnly) {
		end := t.In(zone).AddDate(0, 0, 1).Add(-time.Microsecond).UTC()
		return &end
	}
	return t
}

// zoneOf reads the zone of a date object: a name, or an offset (timezone_type 1).
func zoneOf(name string) (*time.Location, error) {
	if t, err := time.Parse("-07:00", name); err == nil {
		return t.Location(), nil
	}
	return loadZone(name)
}

// zones are those that were asked for: as many as there are, at most.
var zones sync.Map

// loadZone gives a named zone; "" is UTC. The machine's own is nobody's.
func loadZone(name string) (*time.Location, error) {
	if name == "" || strings.EqualFold(name, "utc") {
		return time.UTC, nil
	}
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location), nil
	}
	z, err := time.LoadLocation(name)
	if err == nil && z == time.Local {
		err = fault.New(fault.Invalid, "The time zone is unknown")
	}
	if err != nil {
		return nil, err
	}
	zones.Store(name, z)
	return z, nil
}

// zone is the brand's (B-22).
func (c *call) zone() *time.Location {
	zone, err := loadZone(c.caller.Shop.TimeZone)
	if err != nil { // what is kept was checked
		return time.UTC
	}
	return zone
}
