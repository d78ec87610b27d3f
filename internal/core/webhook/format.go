package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"time"

	"posthouse/internal/core/event"
	"posthouse/internal/fault"
)

// Format is the dialect that an endpoint is told events in. Each knows its own
// events, and has its own idea of success and of repetition.
type Format string

// The formats; "" is Titan's.
const (
	FormatTitan   Format = "titan"   // titan.md 10.1: until HTTP 200, without end
	FormatBaseKit Format = "basekit" // basekit.md section 11: until any 2xx, for three days
)

// Valid reports whether f is one of them.
func (f Format) Valid() bool { return f == FormatTitan || f == FormatBaseKit }

// Types gives the events that can be told in it.
func (f Format) Types() []event.Type {
	if f == FormatBaseKit {
		return event.HolderTypes()
	}
	return event.Types()
}

// Succeeded reports whether the receiver has confirmed.
func (f Format) Succeeded(a *Attempt) bool {
	if a.Error != "" {
		return false
	}
	if f == FormatBaseKit {
		return a.Status >= 200 && a.Status <= 299
	}
	return a.Status == 200
}

// pauses of BaseKit's format sum up to three days (B-25).
var pauses = []time.Duration{
	time.Minute, 4 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour,
	8 * time.Hour, 16 * time.Hour, 20 * time.Hour, 20 * time.Hour,
}

// Pause is the time from the start of a failed attempt, counted from 1, to the
// next; false when there is none and the event is given up.
func (f Format) Pause(attempt int) (time.Duration, bool) {
	if f != FormatBaseKit {
		return RetryAfter, true
	}
	if attempt > len(pauses) {
		return 0, false
	}
	return pauses[max(attempt, 1)-1], true
}

// NewSecret draws a signing key and gives the form that its owner is shown. The
// key of BaseKit's format is the shown text itself.
func (f Format) NewSecret(random io.Reader) (key []byte, text string, err error) {
	key, err = NewSecret(random)
	if err != nil {
		return nil, "", err
	}
	if f == FormatBaseKit {
		text = hex.EncodeToString(key)
		return []byte(text), text, nil
	}
	return key, SecretText(key), nil
}

// body is what is sent of an event; the same bytes at every attempt.
func (f Format) body(id string, t event.Type, data json.RawMessage) []byte {
	if len(data) == 0 {
		data = json.RawMessage("{}")
	}
	b := make([]byte, 0, len(data)+len(id)+len(t)+40)
	if f == FormatBaseKit {
		b = append(append(b, `{"eventName":"`...), t...)
		return append(append(append(b, `","accountHolder":`...), data...), '}')
	}
	b = append(append(b, `{"id":"`...), id...)
	b = append(append(b, `","event":"`...), t...)
	return append(append(append(b, `","data":`...), data...), '}')
}

// HMACHeader carries the signature of BaseKit's format.
const HMACHeader = "X-Delivery-Hmac-SHA256"

// Headers are what the format sends besides the endpoint's own header.
func (f Format) Headers(key []byte, id string, at time.Time, body []byte) map[string]string {
	if f == FormatBaseKit {
		h := hmac.New(sha256.New, key)
		h.Write(body)
		return map[string]string{HMACHeader: hex.EncodeToString(h.Sum(nil)), "Webhook-Id": id}
	}
	return map[string]string{"Webhook-Id": id, "Webhook-Timestamp": Timestamp(at), "Webhook-Signature": Sign(key, id, at, body)}
}

// ParseFormat reads a format's name; "" is Titan's.
func ParseFormat(s string) (Format, error) {
	if s == "" {
		return FormatTitan, nil
	}
	if f := Format(s); f.Valid() {
		return f, nil
	}
	return "", fault.New(fault.Invalid, "The format is not titan or basekit").WithReason("UNKNOWN_FORMAT")
}

// Lane names the lane of an event: events of one order, or of one account
// holder, go out one after the other.
func Lane(orderID, customerID int64) int64 {
	if customerID != 0 {
		return -customerID
	}
	return orderID
}

// LaneOf reads Lane.
func LaneOf(lane int64) (orderID, customerID int64) {
	if lane < 0 {
		return 0, -lane
	}
	return lane, 0
}
