package web

import (
	"context"

	"posthouse/internal/core/provision"
)

// Core is what the door needs of provision.Service.
type Core interface {
	PasswordTokenInfo(ctx context.Context, token string) (*provision.PasswordSubject, error)
	SetPasswordByToken(ctx context.Context, cmd provision.SetPasswordByToken) (*provision.PasswordSubject, error)
}

var _ Core = (*provision.Service)(nil)
