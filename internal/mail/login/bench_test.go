package login

import (
	"fmt"
	"testing"
)

// A log-in of a client seen before, without the store's part.
func BenchmarkRememberedLogin(b *testing.B) {
	dir := &directory{candidates: map[string][]Candidate{}}
	h := NewHasher(HasherConfig{Params: cheap})
	s, err := New(Config{Directory: dir, Hasher: h})
	if err != nil {
		b.Fatal(err)
	}
	attempts := make([]Attempt, 1000)
	for i := range attempts {
		email := fmt.Sprintf("u%d@example.com", i)
		hash, err := h.Hash(b.Context(), "pw")
		if err != nil {
			b.Fatal(err)
		}
		dir.set(email, Candidate{AccountID: int64(i + 1), OrderID: 1, Email: email, PasswordHash: hash})
		attempts[i] = Attempt{Email: email, Password: "pw", Remote: office, Protocol: "imap"}
	}
	i := 0
	for b.Loop() {
		session, err := s.Login(b.Context(), attempts[i%len(attempts)])
		if err != nil {
			b.Fatal(err)
		}
		session.Close()
		i++
	}
}
