package main

import "time"

// keyView is an API key as scripts see it.
type keyView struct {
	ID        int64      `json:"id"`
	Hint      string     `json:"endsIn"`
	State     string     `json:"state"`
	Scopes    []string   `json:"scopes"`
	CreatedAt time.Time  `json:"createdAt"`
	ExpiresAt *time.Time `json:"expiresAt,omitempty"`
	RevokedAt *time.Time `json:"revokedAt,omitempty"`
}

func keyState(expires, revoked *time.Time) string {
	switch {
	case revoked != nil:
		return "revoked"
	case expires != nil:
		return "expiring"
	}
	return "valid"
}
