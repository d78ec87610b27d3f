package titan

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"posthouse/internal/core/event"
)

// receiver is partners' web server: it takes every webhook, at a path per partner.
type receiver struct {
	url string
	mu  sync.Mutex
	got map[string][]delivery // by path
	new chan struct{}         // closed at the next one
}

// delivery is one request that arrived.
type delivery struct {
	ID    string          `json:"id"`
	Event event.Type      `json:"event"`
	Data  json.RawMessage `json:"data"`
	auth  string
	fault string // what is wrong with its form
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{got: map[string][]delivery{}, new: make(chan struct{})}
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	r.url = s.URL
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	var d delivery
	var keys map[string]any
	switch {
	case err != nil:
		d.fault = err.Error()
	case json.Unmarshal(body, &d) != nil || json.Unmarshal(body, &keys) != nil || len(keys) != 3:
		d.fault = "not {id, event, data}: " + string(body)
	case req.Method != http.MethodPost || req.Header.Get("Content-Type") != "application/json":
		d.fault = req.Method + " " + req.Header.Get("Content-Type")
	case req.Header.Get("Webhook-Id") != d.ID:
		d.fault = "webhook-id " + req.Header.Get("Webhook-Id")
	}
	d.auth = req.Header.Get("Authorization")
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got[req.URL.Path] = append(r.got[req.URL.Path], d)
	close(r.new)
	r.new = make(chan struct{})
}

// of gives what arrived at a path, and a channel that is closed at the next arrival.
func (r *receiver) of(path string) ([]delivery, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got[path]), r.new
}

// hook registers the receiver for the scenario's partner.
func (w *world) hook() {
	w.t.Helper()
	w.Operator(w.t, "webhook", "add", w.names["partner"], w.hooks.url+"/"+w.names["tag"])
}

// logged is an entry of the partner's event log.
type logged struct {
	ID      string          `json:"id"`
	Type    event.Type      `json:"type"`
	OrderID int64           `json:"titanOrderId"`
	Data    json.RawMessage `json:"data"`
}

// log gives the partner's event log, oldest first.
func (w *world) log() []logged {
	w.t.Helper()
	var out []logged
	for target := "/v1/events?sort=oldest&limit=100"; target != ""; {
		req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, "http://"+w.Addr("http")+target, nil)
		if err != nil {
			w.t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+w.us.Key)
		res, err := client.Do(req)
		if err != nil {
			w.t.Fatal(err)
		}
		var page struct {
			Items []logged `json:"items"`
			Next  string   `json:"next"`
		}
		err = json.NewDecoder(res.Body).Decode(&page)
		res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK {
			w.t.Fatalf("events: %d %v", res.StatusCode, err)
		}
		out, target = append(out, page.Items...), page.Next
	}
	return out
}

// received waits until as much has arrived as the log has.
func (w *world) received(n int) []delivery {
	w.t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		got, more := w.hooks.of("/" + w.names["tag"])
		if len(got) >= n {
			return got
		}
		select {
		case <-more:
		case <-timer.C:
			w.t.Fatalf("%d webhooks of %d have arrived", len(got), n)
		}
	}
}

// checkEvents holds what was received against the scenario and the event log:
// each event of the log once, with an id of its own and the log's data, those
// of an order in the order of the log.
func (w *world) checkEvents(sc *Scenario) {
	w.t.Helper()
	log := w.log()
	counts := map[event.Type]int{}
	for _, e := range log {
		counts[e.Type]++
	}
	if !maps.Equal(counts, sc.Events) {
		w.t.Errorf("the log has %v, want %v", counts, sc.Events)
	}
	got := w.received(len(log))
	byID := map[string]delivery{}
	place := map[string]int{}
	for i, d := range got {
		if _, twice := byID[d.ID]; twice {
			w.t.Errorf("%s %s came twice", d.Event, d.ID)
		}
		byID[d.ID], place[d.ID] = d, i
		if d.fault != "" || d.auth != w.us.Key {
			w.t.Errorf("%s: %s, authorization %.8q...", d.Event, d.fault, d.auth)
		}
	}
	if len(got) != len(log) {
		w.t.Errorf("%d webhooks for %d events", len(got), len(log))
	}
	last := map[int64]int{}
	for _, e := range log {
		d, ok := byID[e.ID]
		if !ok || d.Event != e.Type || !sameJSON(d.Data, e.Data) {
			w.t.Errorf("%s %s was received as %s %s", e.Type, e.Data, d.Event, d.Data)
		}
		if before, ok := last[e.OrderID]; ok && place[e.ID] < before {
			w.t.Errorf("%s of order %d overtook another event", e.Type, e.OrderID)
		}
		last[e.OrderID] = place[e.ID]
	}
	w.checkPayloads(sc, got)
}

// checkPayloads finds for each template a received event that fits.
func (w *world) checkPayloads(sc *Scenario, got []delivery) {
	w.t.Helper()
	for typ, template := range sc.Payloads {
		want, err := parse(w.fill(template))
		if err != nil {
			w.t.Fatalf("%s: %v", template, err)
		}
		var misses []string
		fit := false
		for _, d := range got {
			if d.Event != typ {
				continue
			}
			data, err := parse(string(d.Data))
			if err == nil {
				err = fits("data", want, data)
			}
			if fit = fit || err == nil; err != nil {
				misses = append(misses, err.Error())
			}
		}
		if !fit {
			w.t.Errorf("no %s fits:\n%s", typ, strings.Join(misses, "\n"))
		}
	}
}

func sameJSON(a, b json.RawMessage) bool {
	x, err1 := parse(string(a))
	y, err2 := parse(string(b))
	return err1 == nil && err2 == nil && compact(x) == compact(y)
}
