package outbox

import (
	"sync/atomic"

	"posthouse/internal/core/work"
)

// Service runs the commands and queries of this package.
type Service struct {
	*work.Platform

	replayTurn atomic.Int64 // the partner whose replay had the latest step
}

// New makes a Service on a platform.
func New(p *work.Platform) *Service { return &Service{Platform: p} }
