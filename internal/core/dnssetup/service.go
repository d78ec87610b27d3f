package dnssetup

import "posthouse/internal/core/work"

// Service runs the commands and queries of this package.
type Service struct {
	*work.Platform
}

// New makes a Service on a platform.
func New(p *work.Platform) *Service { return &Service{Platform: p} }
