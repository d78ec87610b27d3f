package web

import "posthouse/internal/core/provision"

// Core is what the door needs of provision.Service.
type Core interface{}

var _ Core = (*provision.Service)(nil)
