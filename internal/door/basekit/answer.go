package basekit

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"posthouse/internal/core/holders"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/gate"
)

// object is a reply's object.
type object = map[string]any

// none is the reply of 204.
type none struct{}

// Rules of errors (section 10).
const (
	ruleRequired = "required"
	ruleInvalid  = "invalid"
	ruleTooShort = "tooShort"
	ruleExists   = "alreadyExists"
	ruleLimit    = "limitReached"
	ruleNotAllow = "notAllowed"
)

// Codes and texts of error bodies.
const (
	codeInvalid = "invalid_data"
	textInvalid = "Invalid data"
)

// wireFault is a fault in the form of section 10 (B-03).
type wireFault struct {
	status  int
	code    string
	message string
	errors  map[string]map[string]string // by property and rule
	cause   error
}

func (f *wireFault) Error() string { return f.message }
func (f *wireFault) Unwrap() error { return f.cause }

var (
	errNoRoute    = &wireFault{status: http.StatusNotFound, code: "not_found", message: "There is no such path"}
	errNotFound   = &wireFault{status: http.StatusNotFound, code: "not_found", message: "Not found"}
	errMethod     = &wireFault{status: http.StatusMethodNotAllowed, code: "method_not_allowed", message: "The path does not take this method"}
	errOtherBrand = &wireFault{status: http.StatusForbidden, code: "forbidden", message: "The brand is not yours"}
)

// errRights says what a call needs.
func errRights(needed partner.Rights) *wireFault {
	return &wireFault{status: http.StatusForbidden, code: "forbidden", message: "The call needs an API user with the rights " + string(needed)}
}

// invalid is a fault of one field.
func invalid(field, rule, text string) *wireFault {
	return &wireFault{status: http.StatusBadRequest, code: codeInvalid, message: textInvalid, errors: map[string]map[string]string{field: {rule: text}}}
}

// said is the field and rule by which a fault of the core is told.
type said struct{ field, rule string }

// fieldOf says which field a reason of the core is about, whatever was asked for.
// What depends on the operation is told by refused.
var fieldOf = map[string]said{
	"PROFILE_LIMIT":         {"fields", ruleLimit},
	"PROFILE_FIELD_LIMIT":   {"fields", ruleLimit},
	"PROFILE_FIELD_INVALID": {"fields", ruleInvalid},
	"USERNAME_TAKEN":        {"username", ruleExists},
	"PASSWORD_TOO_SHORT":    {"password", ruleTooShort},
	"PASSWORD_INVALID":      {"password", ruleInvalid},

	gate.ReasonIdempotencyKey:   {gate.IdempotencyHeader, ruleInvalid},
	"IDEMPOTENCY_KEY_REUSED":    {gate.IdempotencyHeader, ruleNotAllow},
	"ANSWER_LOST":               {gate.IdempotencyHeader, ruleExists},
	packages.ReasonPackageName:  {"name", ruleExists},
	holders.ReasonShortUsername: {"username", ruleTooShort},
	holders.ReasonNotRestorable: {"deleted", ruleNotAllow},
	holders.ReasonHasOrders:     {"hard", ruleNotAllow},
	holders.ReasonTooManyNotes:  {"note", ruleLimit},
	holders.ReasonResellerFull:  {"resellerRef", ruleLimit},
	"RESELLER_CURRENCY":         {"defaultCurrencyRef", ruleNotAllow},
}

// wireOf maps a fault of the core once for all operations.
func wireOf(err error) *wireFault {
	var w *wireFault
	if errors.As(err, &w) {
		return w
	}
	f := fault.Of(err)
	out := &wireFault{status: http.StatusBadRequest, code: codeInvalid, message: f.Text, cause: err}
	switch f.Code {
	case fault.OrderNotFound, fault.CustomerNotFound, fault.AccountNotFound, fault.NotFound, fault.PartnerNotFound:
		out.status, out.code, out.message = http.StatusNotFound, "not_found", errNotFound.message
	case fault.Unauthenticated:
		out.status, out.code = http.StatusUnauthorized, "unauthorized"
	case fault.Forbidden:
		out.status, out.code = http.StatusForbidden, "forbidden"
	case fault.TooMany:
		out.status, out.code = http.StatusTooManyRequests, "too_many_requests"
	case fault.TooLarge:
		out.code = "too_large"
	case fault.Unavailable:
		out.status, out.code = http.StatusServiceUnavailable, "unavailable"
	case fault.Conflict:
		if f.Temporary { // no client handles 409
			out.status, out.code = http.StatusServiceUnavailable, "unavailable"
		}
	case fault.Internal:
		out.status, out.code = http.StatusInternalServerError, "internal"
	}
	at, ok := fieldOf[f.Reason]
	if !ok {
		at.rule = ruleInvalid
		at.field, ok = strings.CutPrefix(f.Reason, work.FieldPrefix)
	}
	if ok {
		out = invalid(at.field, at.rule, f.Text)
		out.cause = err
	}
	return out
}

// refused tells a fault as one of a field, where a table has its reason or its
// code; any other one stays as it is.
func refused(err error, tables ...map[string]said) error {
	f := fault.Of(err)
	if f == nil || f.Code == fault.Internal || f.Code == fault.Unavailable {
		return err
	}
	for _, key := range []string{f.Reason, string(f.Code)} {
		for _, t := range tables {
			if s, ok := t[key]; ok && key != "" {
				w := invalid(s.field, s.rule, f.Text)
				w.cause = err
				return w
			}
		}
	}
	return err
}

// answer writes the reply. It gives the status, and err or that out can't be written.
func (c *call) answer(w http.ResponseWriter, out any, err error) (int, error) {
	status := http.StatusOK
	if c.op != nil && c.op.status != 0 {
		status = c.op.status
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Request-Id", c.id)
	if _, empty := out.(none); empty && err == nil {
		w.WriteHeader(http.StatusNoContent)
		return http.StatusNoContent, nil
	}
	var b []byte
	if err == nil {
		if b, err = encode(out); err != nil {
			err = fault.Wrap(err)
		}
	}
	if err != nil {
		f := wireOf(err)
		status = f.status
		b = f.body()
		switch status {
		case http.StatusUnauthorized:
			h.Set("WWW-Authenticate", `Basic realm="rest"`)
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
			if h.Get("Retry-After") == "" {
				h.Set("Retry-After", "5")
			}
		}
	}
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	_, _ = w.Write(b)
	return status, err
}

// encode writes JSON as PHP reads it, without escapes for HTML.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func (f *wireFault) body() []byte {
	o := object{"status": f.status, "code": f.code, "message": f.message, "type": "about:blank", "title": http.StatusText(f.status), "detail": f.message}
	if len(f.errors) > 0 {
		o["errors"] = f.errors
	}
	b, err := encode(o)
	if err != nil { // strings and numbers that the door made can always be written
		panic(err)
	}
	return b
}
