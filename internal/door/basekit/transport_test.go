package basekit

import (
	"net/http"
	"testing"
)

func TestUnknownPath(t *testing.T) {
	w := newWorld(t)
	w.wantError(w.call(brand{}, http.MethodGet, "/users", nil), 401, "", "")
	w.wantError(w.call(w.ours, http.MethodGet, "/nowhere", nil), 404, "", "")
}
