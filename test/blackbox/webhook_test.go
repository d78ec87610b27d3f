package blackbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// hooks is a receiver of events.
type hooks struct {
	*httptest.Server
	mu    sync.Mutex
	got   []hooked
	news  chan struct{} // one token: got has grown
	reply func(http.ResponseWriter, *http.Request)
}

type hooked struct {
	ID    string `json:"id"`
	Event string `json:"event"`
	Data  struct {
		Order int64 `json:"titanOrderId"`
	} `json:"data"`
	Authorization string
}

// hooks starts a receiver; reply nil answers 200. listen "" takes any port.
func (s *server) hooks(listen string, reply func(http.ResponseWriter, *http.Request)) *hooks {
	s.t.Helper()
	h := &hooks{news: make(chan struct{}, 1), reply: reply}
	h.Server = httptest.NewUnstartedServer(http.HandlerFunc(h.take))
	if listen != "" {
		l, err := net.Listen("tcp", listen)
		if err != nil {
			s.t.Fatal(err)
		}
		_ = h.Listener.Close()
		h.Listener = l
	}
	h.Start()
	s.t.Cleanup(h.Close)
	return h
}

func (h *hooks) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the server was killed in the middle
	}
	q := hooked{Authorization: r.Header.Get("Authorization")}
	if err := json.Unmarshal(body, &q); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	h.got = append(h.got, q)
	h.mu.Unlock()
	select {
	case h.news <- struct{}{}:
	default:
	}
	if h.reply != nil {
		h.reply(w, r)
	}
}

func (h *hooks) all() []hooked {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.got)
}

// until waits for cond, looking after each event.
func (h *hooks) until(t *testing.T, what string, cond func([]hooked) bool) {
	t.Helper()
	limit := time.NewTimer(2 * patience)
	defer limit.Stop()
	for !cond(h.all()) {
		select {
		case <-h.news:
		case <-limit.C:
			t.Fatalf("never: %s; %d events came", what, len(h.all()))
		}
	}
}

func orders(list []hooked) map[int64][]hooked {
	m := map[int64][]hooked{}
	for _, q := range list {
		m[q.Data.Order] = append(m[q.Data.Order], q)
	}
	return m
}

// said is cli for what must succeed.
func (s *server) said(args ...string) string {
	s.t.Helper()
	out, _ := s.cli(0, args...)
	return out
}

func (s *server) addHook(url string, flags ...string) string {
	s.t.Helper()
	var made struct {
		ID int64 `json:"id"`
	}
	out := s.said(append([]string{"webhook", "add", fmt.Sprint(s.Ready.Partner.ID), url, "--json"}, flags...)...)
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		s.t.Fatal(err)
	}
	return strconv.FormatInt(made.ID, 10)
}

// TestWebhookKill: kill -9 between commit and delivery, and in the middle of
// deliveries: no event is lost, and none comes under a new id.
func TestWebhookKill(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		var held atomic.Bool
		held.Store(true)
		gone := make(chan struct{})
		h := s.hooks("", func(_ http.ResponseWriter, r *http.Request) {
			if held.Load() {
				select {
				case <-r.Context().Done():
				case <-gone:
				}
			}
		})
		s.addHook(h.URL)
		made := map[int64]bool{}
		for i := range 50 {
			order, _ := s.order(fmt.Sprintf("k%d.test", i), fmt.Sprintf("a@k%d.test", i))
			made[order] = true
		}
		h.until(t, "some are under way", func(l []hooked) bool { return len(l) >= 10 })
		s.Kill()
		held.Store(false)
		close(gone)
		before := h.all()
		s = startIn(t, s.ctx, s.Dir, s.Env)
		h.until(t, "every event", func(l []hooked) bool {
			m := orders(l[len(before):])
			for order := range made {
				if len(m[order]) < 2 {
					return false
				}
			}
			return true
		})
		ids := map[string]bool{}
		for order, l := range orders(h.all()) {
			distinct := map[string]string{}
			for _, q := range l {
				if q.Authorization != s.Ready.Partner.Key {
					t.Errorf("Authorization: %q", q.Authorization)
				}
				if other, ok := distinct[q.Event]; ok && other != q.ID {
					t.Errorf("order %d: %s came as %s and as %s", order, q.Event, other, q.ID)
				}
				distinct[q.Event] = q.ID
				ids[q.ID] = true
			}
			if !made[order] || len(distinct) != 2 || l[len(l)-2].Event != "MAIL_ORDER_CREATED" || l[len(l)-1].Event != "EMAIL_ACCOUNT_CREATED" {
				t.Errorf("order %d: %v", order, l)
			}
		}
		if len(ids) != 2*len(made) {
			t.Errorf("%d ids of %d events", len(ids), 2*len(made))
		}
	})
}

// TestWebhookDownThenUp: a receiver that is down gets everything in order when it
// is up again, one beside it gets it at once, and the operator sees what happens.
func TestWebhookDownThenUp(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		live := s.hooks("", nil)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addr := l.Addr().String()
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		down := s.addHook("http://"+addr+"/in", "--header", "X-API-Key", "--value", "s3cret")
		s.addHook(live.URL)
		var made []int64
		for i := range 12 {
			order, _ := s.order(fmt.Sprintf("d%d.test", i), fmt.Sprintf("a@d%d.test", i))
			made = append(made, order)
		}
		live.until(t, "the live one's events", func(l []hooked) bool { return len(l) >= 24 })
		contains(t, s.said("webhook", "deliveries", "--webhook", down), "pending", "refused")
		contains(t, s.said("webhook", "show", down), "failing", "X-API-Key: set")
		if strings.Contains(s.said("webhook", "show", down, "--json"), "s3cret") {
			t.Error("the header's value is shown")
		}
		up := s.hooks(addr, nil)
		s.said("clock", "advance", fmt.Sprint(s.Ready.Partner.ID), "--by", "2m")
		up.until(t, "everything that waited", func(l []hooked) bool { return len(l) >= 24 })
		for _, order := range made {
			if l := orders(up.all())[order]; len(l) != 2 || l[0].Event != "MAIL_ORDER_CREATED" || l[1].Event != "EMAIL_ACCOUNT_CREATED" {
				t.Errorf("order %d: %v", order, l)
			}
		}
		// Once more, under the old id.
		again := up.all()[5].ID
		contains(t, s.said("webhook", "replay", "--event", again, "--webhook", down), "1 deliveries")
		up.until(t, "the replay", func(l []hooked) bool { return len(l) == 25 && l[24].ID == again })
		s.said("webhook", "remove", down)
		s.order("last.test", "a@last.test")
		live.until(t, "the last events", func(l []hooked) bool { return len(l) >= 26 })
		if n := len(up.all()); n != 25 {
			t.Errorf("a removed receiver got %d events", n-25)
		}
	})
}
