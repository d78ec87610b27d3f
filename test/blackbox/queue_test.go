package blackbox

import "encoding/json"

// queued is a line of `posthouse queue list`.
type queued struct {
	ID     string         `json:"id"`
	Kind   string         `json:"kind"`
	States map[string]int `json:"states"`
}

func (s *server) queueList(flags ...string) []queued {
	s.t.Helper()
	out, err := s.CLI(s.ctx, append([]string{"queue", "list", "--json"}, flags...)...)
	if err != nil {
		s.t.Fatal(err)
	}
	var list []queued
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
	return list
}
