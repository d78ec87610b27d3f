package basekit

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// asked is a request of an operation.
type asked struct {
	as     brand
	method string
	path   string
	query  url.Values
	body   object
}

// ask fills an operation with what t has and what is plausible: path and required
// parameters, and those of names.
func (w *world) ask(op *operation, t tenant, names ...string) *asked {
	w.t.Helper()
	out := &asked{as: w.as(w.ours, op.rights), method: op.method, path: op.path, query: url.Values{}, body: object{}}
	for _, name := range pathNames(op) {
		value := t[kindOf(op, name)]
		if kindOf(op, name) == "" {
			switch name {
			case "user", "name":
				value = t[name]
			default:
				value = t["domain-name"]
			}
		}
		out.setPath(name, value)
	}
	for _, p := range op.params {
		if !p.required && !slices.Contains(names, p.name) && !needed(op, p.name) {
			continue
		}
		var v any
		if kind := kindOf(op, p.name); kind != "" && t[kind] != "" && !(kind == "package" && strings.HasPrefix(op.path, "/orders/")) {
			v = json.Number(t[kind])
		} else {
			v = plausible(op, p.name, t)
		}
		out.set(p.name, v)
	}
	return out
}

// needed are parameters one of which there must be, though none is required.
func needed(op *operation, name string) bool {
	switch op.method + " " + op.path {
	case "POST /users/forgotten-password":
		return name == "username"
	case "POST /orders/:ref/items":
		return name == "domainName"
	case "PUT /packages/:ref/capabilities":
		return name == "capabilities"
	case "POST /packages":
		return name == "contentType" || name == "productType"
	}
	return false
}

func pathNames(op *operation) (out []string) {
	for segment := range strings.SplitSeq(op.path, "/") {
		if parameter(segment) {
			out = append(out, segment[1:])
		}
	}
	return out
}

// setPath puts a value in the place of a parameter; an escaped one stays.
func (a *asked) setPath(name, value string) {
	segments := strings.Split(a.path, "/")
	for i, s := range segments {
		if s == ":"+name {
			segments[i] = value
		}
	}
	a.path = strings.Join(segments, "/")
}

// set puts a field into the body, or the query where there is none.
func (a *asked) set(name string, v any) {
	if a.method == http.MethodGet || a.method == http.MethodDelete {
		if v == nil {
			a.query.Set(name, "")
			return
		}
		a.query.Set(name, fmt.Sprint(v))
		return
	}
	a.body[name] = v
}

// get sends it, and checks what holds for every reply.
func (w *world) get(a *asked) reply {
	w.t.Helper()
	path := a.path
	if len(a.query) > 0 {
		path += "?" + a.query.Encode()
	}
	var r reply
	if len(a.body) > 0 {
		r = w.call(a.as, a.method, path, a.body)
	} else {
		r = w.call(a.as, a.method, path, nil)
	}
	w.sound(r, a)
	return r
}

// sound checks a reply: no fault of ours, and an error is one by its form (B-03).
func (w *world) sound(r reply, a *asked) {
	w.t.Helper()
	if r.status >= 500 {
		w.t.Errorf("%s %s %v: %d %s\n%s", a.method, a.path, a.body, r.status, r.body, w.log)
	}
	if r.status < 400 {
		return
	}
	var out struct {
		Message string
		Status  *int
		Errors  map[string]map[string]string
	}
	if err := json.Unmarshal([]byte(r.body), &out); err != nil || out.Message == "" || out.Status == nil || *out.Status != r.status || r.header.Get("Content-Type") != "application/json" {
		w.t.Errorf("%s %s: %d is no error by its form: %s %v", a.method, a.path, r.status, r.body, err)
	}
	if !slices.Contains([]int{400, 401, 403, 404, 405, 429}, r.status) { // 409 and 422 are not known (section 10)
		w.t.Errorf("%s %s: %d %s", a.method, a.path, r.status, r.body)
	}
}

func label(op *operation) string {
	return strings.ReplaceAll(op.method+op.path, "/", ".")
}

// views is what a brand sees of its own.
func (w *world) views(b brand, t tenant) string {
	w.t.Helper()
	var out strings.Builder
	for _, path := range []string{"/users?showDeleted=1", "/users/H/account-domains", "/users/H/domains/mailboxes", "/users/H/account-packages", "/users/H/profiles", "/users/H/invoices",
		"/orders/O", "/packages/P", "/resellers/R", "/brands/B", "/users/H/notes"} {
		path = strings.NewReplacer("H", t["holder"], "O", t["order"], "P", t["package"], "R", t["reseller"], "B", t["brand"]).Replace(path)
		r := w.call(b, http.MethodGet, path, nil)
		if r.status != 200 {
			w.t.Fatalf("%s: %d %s", path, r.status, r.body)
		}
		out.WriteString(path + " " + r.body + "\n")
	}
	return out.String()
}

// naming are the parameters of an operation that name something of a brand's.
func naming(op *operation) []string {
	names := pathNames(op)
	for _, p := range op.params {
		names = append(names, p.name)
	}
	return slices.DeleteFunc(names, func(name string) bool { return kindOf(op, name) == "" })
}

// put replaces what one parameter names.
func (w *world) askWith(op *operation, mine tenant, name, value string) *asked {
	w.t.Helper()
	t := maps.Clone(mine)
	if slices.Contains(pathNames(op), name) {
		// Parameters of one kind twice in a path would change together: there are none.
		t[kindOf(op, name)] = value
		return w.ask(op, t)
	}
	a := w.ask(op, mine, name)
	a.set(name, json.Number(value))
	return a
}
