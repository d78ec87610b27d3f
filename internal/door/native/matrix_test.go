package native

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"posthouse/internal/core/ledger"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/reselling"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/selling"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
)

// route is an operation as the document tells of it.
type route struct {
	method, path string
	op           *huma.Operation
}

func (d *Door) routes() (out []route) {
	paths := d.api.OpenAPI().Paths
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		i := paths[p]
		for _, m := range []struct {
			name string
			op   *huma.Operation
		}{{"GET", i.Get}, {"POST", i.Post}, {"PUT", i.Put}, {"PATCH", i.Patch}, {"DELETE", i.Delete}} {
			if m.op != nil {
				out = append(out, route{m.name, p, m.op})
			}
		}
	}
	return out
}

var (
	parameter = regexp.MustCompile(`\{[A-Za-z]+\}`)
	scopeLine = regexp.MustCompile("Scope: `([a-z:]+)`")
)

func (r route) body(t *testing.T) string {
	t.Helper()
	if r.op.RequestBody == nil {
		return ""
	}
	raw, err := json.Marshal(r.op.RequestBody.Content["application/json"].Example)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func (r route) headers() header {
	for _, p := range r.op.Parameters {
		if p.Name == "If-Match" {
			return header{"If-Match": "*"}
		}
	}
	return nil
}

func masked(a *answer) string {
	return fmt.Sprint(a.status, " ", strings.ReplaceAll(a.raw, a.header.Get("X-Request-Id"), "R"))
}

// objects are ids of things that the other partner has, by the path's first name.
type objects map[string]string

// foreignObjects makes one of everything that the other partner can have.
func (w *world) foreignObjects() objects {
	w.t.Helper()
	order := w.order(w.other, "them.example")
	for _, email := range []string{"jane@them.example"} {
		if _, err := w.core.CreateEmailAccount(w.t.Context(), w.actor(w.other), mailboxes.CreateEmailAccount{Order: work.OrderRef{ID: order}, Email: email}); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := w.core.CreateForwarder(w.t.Context(), w.actor(w.other), routing.ForwarderMembers{
		Forwarder: work.ForwarderRef{Order: work.OrderRef{ID: order}, Email: "info@them.example"}, Recipients: []string{"jane@them.example"},
	}); err != nil {
		w.t.Fatal(err)
	}
	ev, err := w.core.Events(w.t.Context(), w.actor(w.other), work.EventFilter{}, 1)
	if err != nil || len(ev) != 1 {
		w.t.Fatal(ev, err)
	}
	hook := w.do(w.foreign, "POST", "/v1/webhooks", `{"url":"https://hooks.them.example/x"}`).want(201, "")
	id := fmt.Sprint(hook.body["id"])
	w.do(w.foreign, "POST", "/v1/events/"+ev[0].PublicID+"/replay", `{}`).want(202, "")
	sent := w.do(w.foreign, "GET", "/v1/webhooks/"+id+"/deliveries", "").items()
	if len(sent) != 1 {
		w.t.Fatal("no delivery")
	}
	seller, _, err := w.core.CreateReseller(w.t.Context(), operator, reselling.CreateReseller{PartnerID: w.actor(w.other).PartnerID, Username: "root@them.example"})
	if err != nil {
		w.t.Fatal(err)
	}
	invoice, err := w.core.PostManually(w.t.Context(), operator, selling.PostManually{ResellerID: seller.ID, Type: ledger.Invoice, Amount: 5000, Description: "Advice"})
	if err != nil {
		w.t.Fatal(err)
	}
	return objects{"invoices": fmt.Sprint(invoice.ID), "events": ev[0].PublicID, "webhooks": id, "deliveries": fmt.Sprint(sent[0]["id"]), "resellers": "9", "orders": fmt.Sprint(order)}
}

var unknown = map[string]string{"events": "00000000-0000-4000-8000-000000000000"}

func (r route) at(o map[string]string) string {
	name := strings.Split(strings.TrimPrefix(r.path, "/v1/"), "/")[0]
	id, ok := o[name]
	if !ok {
		id = "987654321"
	}
	return parameter.ReplaceAllString(strings.Replace(r.path, "{address}", "info@them.example", 1), id)
}

// Every route of the document: who may not, gets nothing, and nobody learns what others have.
func TestRoutesAgainstCallers(t *testing.T) {
	w := sqliteWorld(t)
	theirs := w.foreignObjects()
	noSandbox, outside, err := w.core.CreatePartner(t.Context(), operator, tenancy.CreatePartner{Name: "Outside"})
	if err != nil {
		t.Fatal(noSandbox, err)
	}
	routes := w.door.routes()
	if len(routes) < 20 {
		t.Fatalf("only %d routes", len(routes))
	}
	for _, r := range routes {
		t.Run(r.op.OperationID, func(t *testing.T) {
			w.t = t
			body, headers := r.body(t), r.headers()
			call := func(key, target string) *answer { t.Helper(); return w.do(key, r.method, target, body, headers) }

			call("", r.at(unknown)).want(401, "NO_KEY")
			if a := call("p_1:"+strings.Repeat("x", 40), r.at(unknown)).want(401, ""); a.header.Get("WWW-Authenticate") == "" {
				t.Error("no WWW-Authenticate")
			}
			var scope partner.Scope
			if m := scopeLine.FindStringSubmatch(r.op.Description); m != nil {
				scope = partner.Scope(m[1])
			}
			if scope != "" {
				rest := slices.DeleteFunc(partner.Scopes(), func(s partner.Scope) bool { return (&partner.Key{Scopes: []partner.Scope{s}}).May(scope) })
				call(w.scoped(rest...), r.at(unknown)).want(403, "SCOPE_MISSING")
				if a := call(w.scoped(scope), r.at(unknown)); a.status == 403 && a.text("reason") == "SCOPE_MISSING" {
					t.Error("the scope that is named is not enough")
				}
			}
			if strings.Contains(r.op.Description, "sandbox partners only") {
				call(outside, r.at(unknown)).want(403, "NO_SANDBOX")
			}
			if strings.Contains(r.path, "{") && !strings.HasPrefix(r.path, "/v1/resellers") {
				foreign, none := call(w.key, r.at(theirs)), call(w.key, r.at(unknown))
				if masked(foreign) != masked(none) || none.status != 404 {
					t.Errorf("foreign: %s\nunknown: %s", masked(foreign), masked(none))
				}
				for _, id := range []string{"0", "-1", "x", "99999999999999999999", "%00", "1%2f2", strings.Repeat("9", 5000)} {
					if a := call(w.key, parameter.ReplaceAllString(r.path, id)); a.status != 404 && a.status != 422 {
						t.Errorf("id %.40s: %d %s", id, a.status, a.raw)
					}
				}
			}
			// Other methods, other spellings.
			for _, m := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} {
				if slices.ContainsFunc(routes, func(o route) bool { return o.path == r.path && o.method == m }) {
					continue
				}
				if a := w.do(w.key, m, r.at(unknown), "").want(405, "METHOD_NOT_ALLOWED"); !strings.Contains(a.header.Get("Allow"), r.method) {
					t.Error(a.header)
				}
			}
			w.do(w.key, r.method, strings.Replace(r.at(unknown), "/v1/", "/v1//", 1), body, headers).want(404, "NO_SUCH_PATH")
			w.do(w.key, r.method, r.at(unknown)+"/", body, headers).want(404, "NO_SUCH_PATH")
			w.do(w.key, r.method, r.at(unknown)+"?surprise=1", body, headers).want(422, "INVALID_FIELD")
		})
	}
	w.t = t
	// The other partner still has what it had.
	for _, target := range []string{"/v1/webhooks/" + theirs["webhooks"], "/v1/events/" + theirs["events"], "/v1/deliveries/" + theirs["deliveries"],
		"/v1/orders/" + theirs["orders"] + "/forwarders/info@them.example"} {
		w.do(w.foreign, "GET", target, "").want(200, "")
	}
}

// Every operation can be called as its example says and answers as its example says.
func TestExamplesFitTheirSchemas(t *testing.T) {
	w := sqliteWorld(t)
	schemas := w.door.api.OpenAPI().Components.Schemas
	check := func(what string, s *huma.Schema, example any, mode huma.ValidateMode) {
		t.Helper()
		raw, err := json.Marshal(example)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		res := &huma.ValidateResult{}
		huma.Validate(schemas, s, huma.NewPathBuffer(nil, 0), mode, v, res)
		for _, e := range res.Errors {
			t.Errorf("%s: %v\n%s", what, e, raw)
		}
	}
	for _, r := range w.door.routes() {
		id := r.op.OperationID
		if r.op.Summary == "" || len(r.op.Tags) != 1 || id == "" || len(r.op.Security) != 1 {
			t.Errorf("%s %s lacks something", r.method, r.path)
		}
		if r.op.RequestBody != nil {
			m := r.op.RequestBody.Content["application/json"]
			if m.Example == nil {
				t.Errorf("%s: no example of the request", id)
			} else {
				check(id+" request", m.Schema, m.Example, huma.ModeWriteToServer)
			}
		}
		success, problems := 0, 0
		for code, res := range r.op.Responses {
			switch {
			case code[0] == '2':
				success++
				for media, m := range res.Content {
					if m.Example == nil || code == "204" {
						t.Errorf("%s %s: no example", id, code)
					} else if media == "application/json" {
						check(id+" "+code, m.Schema, m.Example, huma.ModeReadFromServer)
					}
				}
				if code != "204" && len(res.Content) == 0 {
					t.Errorf("%s %s: no content", id, code)
				}
			default:
				problems++
				m := res.Content[problemType]
				if m == nil || m.Example == nil {
					t.Fatalf("%s %s: no problem", id, code)
				}
				check(id+" "+code, m.Schema, m.Example, huma.ModeReadFromServer)
				if p := m.Example.(*problemView); fmt.Sprint(p.Status) != code {
					t.Errorf("%s %s: example of %d", id, code, p.Status)
				}
			}
		}
		if success < 1 || problems < 6 {
			t.Errorf("%s: %d successes, %d problems", id, success, problems)
		}
	}
}

// The document is OpenAPI 3.1 as far as its own structure goes: versions, unique
// ids, references that lead somewhere, path parameters that exist.
func TestDocumentIsSound(t *testing.T) {
	w := sqliteWorld(t)
	a := w.do("", "GET", "/v1/openapi.json", "")
	if a.status != 200 || a.header.Get("Content-Type") != "application/openapi+json" || !strings.HasPrefix(a.text("openapi"), "3.1.") {
		t.Fatal(a.status, a.header)
	}
	if y := w.do("", "GET", "/v1/openapi.yaml", ""); y.status != 200 || !strings.Contains(y.raw, "openapi: 3.1.") {
		t.Error(y.status)
	}
	info := a.body["info"].(map[string]any)
	if info["title"] == "" || info["version"] == "" {
		t.Error(info)
	}
	schemas := a.body["components"].(map[string]any)["schemas"].(map[string]any)
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				name, ok := strings.CutPrefix(ref, "#/components/schemas/")
				if !ok || schemas[name] == nil {
					t.Errorf("%s: %s leads nowhere", at, ref)
				}
			}
			for k, x := range v {
				walk(at+"/"+k, x)
			}
		case []any:
			for i, x := range v {
				walk(fmt.Sprint(at, "/", i), x)
			}
		}
	}
	walk("", a.body)
	seen := map[string]bool{}
	for p, item := range a.body["paths"].(map[string]any) {
		if !strings.HasPrefix(p, "/v1/") {
			t.Error(p)
		}
		for m, o := range item.(map[string]any) {
			op := o.(map[string]any)
			id := op["operationId"].(string)
			if seen[id] {
				t.Errorf("%s twice", id)
			}
			seen[id] = true
			inPath := map[string]bool{}
			params, _ := op["parameters"].([]any)
			for _, x := range params {
				q := x.(map[string]any)
				if q["in"] == "path" {
					inPath["{"+q["name"].(string)+"}"] = q["required"] == true
				}
			}
			found := parameter.FindAllString(p, -1)
			if len(found) != len(inPath) {
				t.Errorf("%s %s: parameters %v", m, p, inPath)
			}
			for _, f := range found {
				if !inPath[f] {
					t.Errorf("%s %s: %s is not required", m, p, f)
				}
			}
			if op["responses"] == nil {
				t.Errorf("%s %s: no responses", m, p)
			}
		}
	}
	for name := range schemas {
		if strings.HasSuffix(name, "View") || strings.HasPrefix(name, "ErrorModel") {
			t.Errorf("a schema is called %s", name)
		}
	}
}
