package titan

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// nativeRoute is an operation of the native API as the served document tells.
type nativeRoute struct {
	method, path, body string
	conditional        bool // asks for If-Match
}

func (p *platform) nativeRoutes(t *testing.T) []nativeRoute {
	t.Helper()
	res, err := client.Get("http://" + p.Addr("http") + "/v1/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct {
				Name string `json:"name"`
			} `json:"parameters"`
			RequestBody struct {
				Content map[string]struct {
					Example json.RawMessage `json:"example"`
				} `json:"content"`
			} `json:"requestBody"`
		} `json:"paths"`
	}
	if err := json.NewDecoder(res.Body).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	var out []nativeRoute
	for path, item := range doc.Paths {
		for method, op := range item {
			if !slices.Contains([]string{"get", "post", "put", "patch", "delete"}, method) {
				continue
			}
			r := nativeRoute{method: strings.ToUpper(method), path: path, body: string(op.RequestBody.Content["application/json"].Example)}
			for _, q := range op.Parameters {
				r.conditional = r.conditional || q.Name == "If-Match"
			}
			out = append(out, r)
		}
	}
	if len(out) < 20 {
		t.Fatalf("%d routes", len(out))
	}
	return out
}

// ask calls a route and gives status and body, but for the request's id, and
// what a caller can see of the rate limit.
func (p *platform) ask(t *testing.T, key string, r nativeRoute, path string) (string, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), r.method, "http://"+p.Addr("http")+path, strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.conditional {
		req.Header.Set("If-Match", "*")
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(res.StatusCode, " ", uuids.ReplaceAllString(strings.ReplaceAll(string(text), path, ""), "")), text
}

var pathParameter = regexp.MustCompile(`\{(\w+)\}`)

// TestNativeMatrix is TestMatrix for /v1, from the document that is served.
func TestNativeMatrix(t *testing.T) {
	t.Parallel()
	p := start(t)
	us, them := p.realPartner(t, "--sandbox"), p.realPartner(t, "--sandbox")
	theirs := p.stock(t, them.Key, "theirs.example", "theirs")
	made := func(method, path, body string) map[string]any {
		t.Helper()
		a, text := p.ask(t, them.Key, nativeRoute{method: method, body: body}, path)
		var v map[string]any
		if err := json.Unmarshal(text, &v); err != nil || !strings.HasPrefix(a, "2") {
			t.Fatalf("%s: %s", path, a)
		}
		return v
	}
	hook := made("POST", "/v1/webhooks", `{"url":"`+p.hooks.url+`/theirs"}`)
	p.stock(t, them.Key, "more.example", "theirs")
	first := func(path string) any {
		t.Helper()
		items, ok := made("GET", path, "")["items"].([]any)
		if !ok || len(items) == 0 {
			t.Fatalf("%s: %v", path, items)
		}
		return items[0].(map[string]any)["id"]
	}
	ids := map[string]any{
		"/v1/orders": theirs["titanOrderId"], "/v1/webhooks": hook["id"], "/v1/events": first("/v1/events"),
		"/v1/deliveries": first(fmt.Sprintf("/v1/webhooks/%.0f/deliveries", hook["id"])),
	}
	// fill puts the object's id into a route, or one that nobody has. What else
	// the path names is the same in both.
	fill := func(r nativeRoute, foreign bool) (path string, known bool) {
		n := 0
		path = pathParameter.ReplaceAllStringFunc(r.path, func(string) string {
			if n++; n > 1 {
				return "kim@theirs.example"
			}
			for prefix, id := range ids {
				if !strings.HasPrefix(r.path, prefix+"/{") {
					continue
				}
				known = true
				if f, ok := id.(float64); ok && foreign {
					return fmt.Sprintf("%.0f", f)
				}
				switch {
				case foreign:
					return fmt.Sprint(id)
				case prefix == "/v1/events":
					return "6f1c1f0a-3f0e-4a55-8a53-6f5f6a0d7d10"
				}
			}
			return "900001"
		})
		return path, known
	}
	revoked, inactive, elsewhere := p.realPartner(t), p.realPartner(t), p.realPartner(t, "--allow", "203.0.113.0/24")
	p.Operator(t, "partner", "revoke-key", fmt.Sprint(revoked.ID), p.keyID(t, revoked))
	p.Operator(t, "partner", "suspend", fmt.Sprint(inactive.ID))
	asked := 0
	for _, r := range p.nativeRoutes(t) {
		t.Run(r.method+" "+r.path, func(t *testing.T) {
			foreign, known := fill(r, true)
			nobodys, _ := fill(r, false)
			for who, c := range map[string]struct{ key, status string }{
				"no key": {"", "401"}, "unknown key": {"p_1:" + strings.Repeat("x", 40), "401"}, "revoked key": {revoked.Key, "401"},
				"inactive partner": {inactive.Key, "4"}, "other address": {elsewhere.Key, "403"},
			} {
				a, _ := p.ask(t, c.key, r, foreign)
				b, _ := p.ask(t, c.key, r, nobodys)
				if a != b || !strings.HasPrefix(a, c.status) {
					t.Errorf("%s: %s\nand %s", who, a, b)
				}
			}
			if !known {
				return
			}
			asked++
			a, _ := p.ask(t, us.Key, r, foreign)
			b, _ := p.ask(t, us.Key, r, nobodys)
			if a != b || !strings.HasPrefix(a, "404") {
				t.Errorf("somebody else's is answered\n%s\nwhat nobody has\n%s", a, b)
			}
		})
	}
	if asked < 10 {
		t.Errorf("only %d routes were asked for what is somebody else's", asked)
	}
}
