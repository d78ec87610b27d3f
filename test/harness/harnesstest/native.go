package harnesstest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Native calls the platform's own API with a partner's key, and wants a status.
func (s *Server) Native(t *testing.T, key, method, path, body string, status int) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.Addr("http")+"/v1/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Prefer", "wait=30")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status {
		t.Fatalf("%s %s %s: %d %s %v", method, path, body, res.StatusCode, text, err)
	}
	return string(text)
}

// Now is the time of a partner.
func (s *Server) Now(t *testing.T, key string) time.Time {
	t.Helper()
	return s.clock(t, key, http.MethodGet, "clock", "")
}

// Advance moves a partner's clock and waits until it has arrived.
func (s *Server) Advance(t *testing.T, key string, by time.Duration) {
	t.Helper()
	s.clock(t, key, http.MethodPost, "clock/advance", fmt.Sprintf(`{"by":"%ds"}`, int(by.Seconds())))
}

func (s *Server) clock(t *testing.T, key, method, path, body string) time.Time {
	t.Helper()
	var state struct {
		Now    time.Time  `json:"now"`
		Target *time.Time `json:"target"` // while it is on its way
	}
	text := s.Native(t, key, method, path, body, http.StatusOK)
	if err := json.Unmarshal([]byte(text), &state); err != nil || state.Target != nil {
		t.Fatalf("%s %s: %s %v", path, body, text, err)
	}
	return state.Now
}
