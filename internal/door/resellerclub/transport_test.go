package resellerclub

import (
	"context"
	"net/http"
	"strings"
	"testing"
)

// echo is an operation of the tests: it gives back what it read.
func (w *world) echo() {
	w.serveAlso(&operation{path: "test/echo", methods: get, serve: func(_ context.Context, _ *call, p *params) (any, error) {
		text, all := p.optText("text"), list{}
		for _, v := range p.texts("all") {
			all = append(all, v)
		}
		return object{{"text", text}, {"all", all}}, p.fault()
	}}, &operation{path: "test/change", methods: post, serve: func(context.Context, *call, *params) (any, error) { return true, nil }})
}

// serveAlso adds operations to a world's door.
func (w *world) serveAlso(ops ...*operation) { w.door.routes = newRoutes(append(operations(), ops...)) }

func TestVerbs(t *testing.T) {
	w := newWorld(t)
	w.echo()
	for _, r := range []reply{w.get(w.root, "test/echo.json", "text", "x"), w.post(w.root, "test/echo.json", "text", "x"), w.postQuery(w.root, "test/echo.json", "text", "x")} {
		if got := w.ok(r); got != `{"text":"x","all":[]}` {
			t.Error(got)
		}
	}
	if got := w.ok(w.post(w.root, "test/change.json")); got != "true" {
		t.Error(got)
	}
	w.refused(w.get(w.root, "test/change.json"), 500, "Invalid HTTP method. Use POST.")
	w.refused(w.send(http.MethodPut, "/api/test/echo.json?"+w.root.with(nil), "", ""), 500, "Invalid HTTP method. Use GET.")
}

func TestUnknownPath(t *testing.T) {
	w := newWorld(t)
	w.echo()
	for _, path := range []string{"/api/", "/api/test/echo", "/api/test/echo.php", "/api/test/echo.JSON", "/api/none.json", "/api/none.xml", "/api//test/echo.json", "/restapi/", "/restapi/none", "/api/.json"} {
		r := w.send(http.MethodGet, path+"?"+w.root.with(nil), "", "")
		if r.status != 404 || !strings.Contains(r.body, "Action not Found") {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	w.refused(w.send(http.MethodGet, "/api/none.json", "", ""), 404, "Action not Found")
}
