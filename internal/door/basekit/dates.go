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
			if named, err := loadZone(z); err == nil {
				zone = named
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
