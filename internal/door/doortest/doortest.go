// Package doortest is what the tests of several doors stand on.
package doortest

import (
	"bytes"
	"context"
	"sync"
)

// Hasher stands in for argon2id.
type Hasher struct{}

// Hash implements work.PasswordHasher.
func (Hasher) Hash(_ context.Context, pw string) (string, error) { return "plain:" + pw, nil }

// Verify implements work.PasswordHasher.
func (Hasher) Verify(_ context.Context, pw, hash string) (bool, error) {
	return hash == "plain:"+pw, nil
}

// Log is what a door has logged; its goroutines may still be writing.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
