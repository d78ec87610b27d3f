package titan

import (
	"net/http"
	"strings"

	"posthouse/internal/fault"
)

// maxKey bounds what is looked up as an API key.
const maxKey = 512

// apiKey gives the raw key of the Authorization header (titan.md section 3): no
// scheme word, so "Bearer <key>" is simply an unknown key.
func apiKey(h http.Header) (string, error) {
	keys := h.Values("Authorization")
	if len(keys) == 0 || len(keys) == 1 && strings.TrimSpace(keys[0]) == "" {
		return "", &wireFault{
			code: codeUnauthenticated, status: http.StatusUnauthorized,
			desc: "No auth header found", detail: "Auth header missing",
		}
	}
	if len(keys) > 1 || len(keys[0]) > maxKey {
		return "", fault.New(fault.Unauthenticated, "Invalid API key")
	}
	return strings.TrimSpace(keys[0]), nil
}
