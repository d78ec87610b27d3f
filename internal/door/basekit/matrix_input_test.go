package basekit

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestLooseBodies writes what every operation takes in the ways that live clients
// do: refs and flags as texts, keys that nobody knows, null for what is not
// required, a form.
func TestLooseBodies(t *testing.T) {
	w := newMatrix(t)
	for _, op := range operations() {
		if op.method == http.MethodGet || op.method == http.MethodDelete {
			continue
		}
		want := max(op.status, http.StatusOK)
		if status, ok := notThrough[op.method+" "+op.path]; ok {
			want = status
		}
		for _, way := range []string{"texts", "unknown keys", "nulls", "form"} {
			t.Run(label(op)+" "+way, func(t *testing.T) {
				w.t = t
				mine := w.stock(w.ours, "loose")
				a := w.ask(op, mine)
				r := reply{}
				switch way {
				case "texts":
					for k, v := range a.body {
						switch v.(type) {
						case json.Number, int:
							a.body[k] = fmt.Sprint(v)
						}
					}
					r = w.get(a)
				case "unknown keys":
					for _, k := range []string{"beta", "newsletter", "cpfCompany", "metricsSource", "metricsPath", "x", ""} {
						if _, ok := a.body[k]; !ok && !slices.ContainsFunc(op.params, func(p param) bool { return p.name == k }) {
							a.body[k] = []any{object{"deep": nil}}
						}
					}
					r = w.get(a)
				case "nulls":
					for _, p := range op.params {
						if !p.required && !needed(op, p.name) {
							a.body[p.name] = nil
						}
					}
					r = w.get(a)
				case "form":
					form := url.Values{}
					for k, v := range a.body {
						if _, deep := v.([]any); deep {
							return // a form can't say it
						}
						if o, ok := v.(object); ok {
							for inner, x := range o {
								form.Set(k+"["+inner+"]", fmt.Sprint(x))
							}
							continue
						}
						form.Set(k, fmt.Sprint(v))
					}
					r = w.send(a.as, a.method, a.path, "application/x-www-form-urlencoded", form.Encode())
					w.sound(r, a)
				}
				if r.status != want {
					t.Errorf("%d %s, want %d", r.status, r.body, want)
				}
			})
		}
	}
	w.t = t
}

// TestRequired leaves out what is required, and sends it as null and empty.
func TestRequired(t *testing.T) {
	w := newMatrix(t)
	mine := w.stock(w.ours, "mine")
	for _, op := range operations() {
		for _, p := range op.params {
			if !p.required || nullable[op.method+" "+op.path+" "+p.name] {
				continue
			}
			t.Run(label(op)+" "+p.name, func(t *testing.T) {
				w.t = t
				for _, v := range []any{nil, "", "absent"} {
					if v == "" && (p.kind == "array" || p.kind == "object") {
						continue
					}
					a := w.ask(op, mine)
					if a.set(p.name, v); v == "absent" {
						delete(a.body, p.name)
						a.query.Del(p.name)
					}
					w.wantError(w.get(a), http.StatusBadRequest, p.name, ruleRequired)
				}
			})
		}
	}
	w.t = t
}

// nullable are required parameters that may be null.
var nullable = map[string]bool{"POST /users/:ref/account-packages billingFrequency": true}

// badValues are what a parameter of a kind can't be.
func badValues(kind string) []any {
	deep := []any{object{"a": []any{}}}
	switch kind {
	case "integer":
		return []any{"seven", 1.5, "0x10", json.Number("99999999999999999999"), "1;DROP TABLE customer", "1 OR 1=1", deep, object{"a": 1}}
	case "flag":
		return []any{"maybe", 2, -1, deep, object{"a": 1}}
	case "string":
		return []any{deep, object{"a": 1}, []any{}}
	case "object":
		return []any{"x", 5, deep}
	case "array":
		return []any{"x", 5, object{"a": 1}}
	case "date":
		return []any{"yesterday", "2026-13-45", object{"date": 5}, deep}
	}
	return nil
}

// ignored are parameters whose value is for nothing here.
var ignored = []string{"metricsSource", "metricsPath", "boltOnCancelData", "source"}

// TestBadValues gives every parameter of every operation what it can't be: a
// refusal that names it.
func TestBadValues(t *testing.T) {
	w := newMatrix(t)
	mine := w.stock(w.ours, "mine")
	for _, op := range operations() {
		for _, p := range op.params {
			if slices.Contains(ignored, p.name) {
				continue
			}
			t.Run(label(op)+" "+p.name, func(t *testing.T) {
				w.t = t
				for _, v := range badValues(p.kind) {
					a := w.ask(op, mine, p.name)
					if _, flat := v.(string); !flat && len(a.query) > 0 && a.query.Has(p.name) {
						switch v.(type) {
						case []any, object:
							continue // a query can't say it
						}
					}
					a.set(p.name, v)
					w.wantError(w.get(a), http.StatusBadRequest, p.name, ruleInvalid)
				}
			})
		}
	}
	w.t = t
}

// TestBrokenBodies sends what is no JSON object and no form to every operation
// that has a body.
func TestBrokenBodies(t *testing.T) {
	w := newMatrix(t)
	mine := w.stock(w.ours, "mine")
	for _, op := range operations() {
		if op.method == http.MethodGet || op.method == http.MethodDelete {
			continue
		}
		t.Run(label(op), func(t *testing.T) {
			w.t = t
			a := w.ask(op, mine)
			for _, body := range []string{"{", "[]", "5", `"x"`, "null", "{}{}", "<html>", "\xff\xfe", `{"a":` + strings.Repeat("[", 100_000)} {
				r := w.send(a.as, a.method, a.path, "application/json", body)
				w.sound(r, a)
				if r.status != http.StatusBadRequest {
					t.Errorf("%.20q is answered %d %s", body, r.status, r.body)
				}
			}
		})
	}
	w.t = t
}
