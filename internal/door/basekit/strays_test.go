package basekit

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/packages"
)

// TestStrays: a call at a host name that is no brand's is told so in this API's
// form, names no name, and the operator learns of each name once a minute.
func TestStrays(t *testing.T) {
	w := newWorld(t)
	strays := w.door.Strays()
	at := func(host, method, path string) reply {
		r := w.request(method, path)
		r.Host = host
		if !strays.Handles(r) {
			return reply{}
		}
		out := httptest.NewRecorder()
		strays.ServeHTTP(out, r)
		return reply{out.Code, out.Body.String(), out.Result().Header}
	}
	if r := at("rest.shop.example", "GET", "/users"); r.status != 0 {
		t.Errorf("no brand has a name, and %d %s", r.status, r.body)
	}
	names := []string{"rest.shop.example"}
	if _, err := w.core.ModifyShop(t.Context(), operator, packages.ModifyShop{PartnerID: w.ours.id, Hosts: &names}); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(hostsFresh)
	told := func(host string) int {
		return strings.Count(w.log.String(), `belongs to no brand" host=`+host+"\n")
	}
	for range 3 {
		r := at("Rest.Shop.Exmaple:8080", "GET", "/users/1/account-packages")
		w.wantError(r, 404, "", "")
		if !strings.Contains(r.body, `"code":"unknown_host"`) || strings.Contains(r.body, "rest.shop.example") || r.header.Get("X-Request-Id") == "" {
			t.Error(r.body)
		}
	}
	w.wantError(at("rest.shop.exmaple", "PATCH", "/users"), 404, "", "") // a path of this API
	for _, c := range [][2]string{{"rest.shop.example", "/users"}, {"rest.shop.exmaple", "/"}, {"rest.shop.exmaple", "/partner/v1/orders"}, {"rest.shop.exmaple", "/nowhere"}} {
		if r := at(c[0], "GET", c[1]); r.status != 0 {
			t.Errorf("%v: %d %s", c, r.status, r.body)
		}
	}
	if n := told("rest.shop.exmaple"); n != 1 {
		t.Errorf("told %d times", n)
	}
	w.clock.Advance(strangeEvery)
	at("rest.shop.exmaple", "GET", "/users")
	if n := told("rest.shop.exmaple"); n != 2 {
		t.Errorf("told %d times", n)
	}
	// Neither many names nor long ones fill anything.
	for i := range 2 * maxStrange {
		at(fmt.Sprintf("h%d.example", i), "GET", "/users")
	}
	at(strings.Repeat("a", 5000), "GET", "/users")
	if n := strings.Count(w.log.String(), "belongs to no brand"); n != 1+maxStrange || len(w.door.strange.told) != maxStrange || strings.Contains(w.log.String(), strings.Repeat("a", longestHost+1)) {
		t.Errorf("%d lines, %d names", n, len(w.door.strange.told))
	}
	if !w.door.strange.first("x", w.clock.Now().Add(time.Hour)) || len(w.door.strange.told) != 1 {
		t.Error("what was told is not forgotten")
	}
}
