package basekit

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"posthouse/internal/fault"
)

const (
	// maxBody bounds a request's body; the server bounds query and headers.
	maxBody = 1 << 20
	// maxFields bounds what query and form hold.
	maxFields = 2000
	// maxDepth bounds how deep JSON goes.
	maxDepth = 20
)

// body is a request's body as it came.
type body struct {
	raw  []byte
	form bool // application/x-www-form-urlencoded: its fields take part in an OAuth signature
}

var (
	errTooLarge = fault.New(fault.TooLarge, "The request is too large").WithReason("BODY_TOO_LARGE")
	errBody     = &wireFault{status: http.StatusBadRequest, code: codeInvalid, message: "The body is no JSON object and no form"}
)

// readBody reads it whole. That of GET and DELETE is none, whatever its headers
// say (section 2).
func readBody(w http.ResponseWriter, r *http.Request) (body, error) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodDelete {
		return body{}, nil
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return body{}, errTooLarge
	}
	if err != nil {
		return body{}, errBody
	}
	return body{raw: raw, form: isForm(r)}, nil
}

func isForm(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		kind, _, _ = strings.Cut(r.Header.Get("Content-Type"), ";")
	}
	return strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded")
}

// input gives the fields of a request: those of the body and, where it has none
// of the name, of the query. What is wrong is gathered, and fault tells all of it.
type input struct {
	call  *call
	path  map[string]string
	sent  map[string]any // text, json.Number, bool, nil, map[string]any, []any
	wrong map[string]map[string]string
}

func newInput(c *call, path map[string]string, r *http.Request, b body) (*input, error) {
	in := &input{call: c, path: path, sent: map[string]any{}}
	if err := in.form(r.URL.RawQuery); err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(b.raw)) == 0 {
		return in, nil
	}
	if b.form {
		return in, in.form(string(b.raw))
	}
	fields, err := parseObject(b.raw)
	if err != nil {
		return nil, err
	}
	for name, v := range fields {
		if _, signed := in.sent[name]; signed && c.caller.Signed() {
			return nil, errBody // JSON takes no part in a signature: it may not stand in for what did
		}
		in.sent[name] = v
	}
	return in, nil
}

func parseObject(raw []byte) (map[string]any, error) {
	if !utf8.Valid(raw) { // the decoder would make all such texts the same
		return nil, errBody
	}
	depth := 0
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, errBody
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			if depth++; depth > maxDepth {
				return nil, errBody
			}
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	d = json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var out map[string]any
	if err := d.Decode(&out); err != nil || out == nil {
		return nil, errBody
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errBody
	}
	return out, nil
}

// form adds the fields of a query or a form; the last of a repeated one counts.
// "a[b]" is the key b of the object a, as PHP writes it.
func (in *input) form(text string) error {
	if strings.Count(text, "&") >= maxFields {
		return errTooLarge
	}
	for piece := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(piece, "=")
		name, err := url.QueryUnescape(name)
		if err != nil || name == "" {
			continue
		}
		value, err = url.QueryUnescape(value)
		if err != nil || !utf8.ValidString(value) || !utf8.ValidString(name) {
			return errBody
		}
		outer, inner, nested := strings.Cut(strings.TrimSuffix(name, "]"), "[")
		if !nested || !strings.HasSuffix(name, "]") {
			in.sent[name] = value
			continue
		}
		object, ok := in.sent[outer].(map[string]any)
		if !ok {
			object = map[string]any{}
			in.sent[outer] = object
		}
		object[inner] = value
	}
	return nil
}

// fail notes what is wrong with a field: one of the rules of section 10.
func (in *input) fail(field, rule, text string) {
	if in.wrong == nil {
		in.wrong = map[string]map[string]string{}
	}
	if in.wrong[field] == nil {
		in.wrong[field] = map[string]string{}
	}
	in.wrong[field][rule] = text
}

// fault is what is wrong so far, nil when nothing is.
func (in *input) fault() error {
	if len(in.wrong) == 0 {
		return nil
	}
	return &wireFault{status: http.StatusBadRequest, code: codeInvalid, message: textInvalid, errors: in.wrong}
}

// has reports whether a field was sent and is not null.
func (in *input) has(name string) bool { return in.sent[name] != nil }

// need notes that a required field is missing.
func (in *input) need(name string) bool {
	if in.has(name) && in.sent[name] != "" {
		return true
	}
	in.fail(name, ruleRequired, name+" is required")
	return false
}

// text gives a field as text: a number or a flag is its own text. "" when absent.
func (in *input) text(name string) string {
	switch v := in.sent[name].(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	in.fail(name, ruleInvalid, name+" is not a text")
	return ""
}

// textOr is text of a field that may keep its value: nil when it was not sent.
func (in *input) textOr(name string) *string {
	if _, sent := in.sent[name]; !sent {
		return nil
	}
	s := in.text(name)
	return &s
}

// number gives a field that is an integer, or a text of one; 0 when absent.
func (in *input) number(name string) int64 {
	s := strings.TrimSpace(in.text(name))
	if s == "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		f, ferr := strconv.ParseFloat(s, 64)
		if ferr != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
			in.fail(name, ruleInvalid, name+" is not an integer")
			return 0
		}
		n = int64(f)
	}
	return n
}

// ref gives a field that names something; 0 when absent.
func (in *input) ref(name string) int64 {
	n := in.number(name)
	if in.has(name) && in.sent[name] != "" && n <= 0 && in.wrong[name] == nil {
		in.fail(name, ruleInvalid, name+" is not a ref")
	}
	return n
}

// flag gives a field that is 0 or 1, true or false, as a number, text or
// boolean; nil when absent.
func (in *input) flag(name string) *bool {
	if !in.has(name) || in.sent[name] == "" {
		return nil
	}
	var on bool
	switch strings.ToLower(in.text(name)) {
	case "1", "true", "y", "yes":
		on = true
	case "0", "false", "n", "no":
	default:
		in.fail(name, ruleInvalid, name+" is not a flag")
	}
	return &on
}

// object gives a field that is an object; PHP writes an empty one as [].
func (in *input) object(name string) map[string]any {
	switch v := in.sent[name].(type) {
	case nil:
		return nil
	case map[string]any:
		return v
	case []any:
		if len(v) == 0 {
			return map[string]any{}
		}
	}
	in.fail(name, ruleInvalid, name+" is not an object")
	return nil
}

// list gives a field that is an array.
func (in *input) list(name string) []any {
	switch v := in.sent[name].(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	in.fail(name, ruleInvalid, name+" is not an array")
	return nil
}

// page gives limit and offset of a list.
func (in *input) page(usual, most int) (limit, offset int) {
	limit = usual
	if in.has("limit") && in.sent["limit"] != "" {
		n := in.number("limit")
		if n < 1 && in.wrong["limit"] == nil {
			in.fail("limit", ruleInvalid, "limit is not a positive number")
		}
		limit = int(min(n, int64(most)))
	}
	if n := in.number("offset"); n < 0 {
		in.fail("offset", ruleInvalid, "offset is negative")
	} else {
		offset = int(min(n, math.MaxInt32))
	}
	return limit, offset
}

// pathRef gives a ref of the path. What can't be one names nothing (B-02).
func (in *input) pathRef(name string) (int64, error) {
	s := in.path[name]
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != s {
		return 0, errNotFound
	}
	return n, nil
}

// ownBrand refuses another brand's ref where a call sends one (2.1).
func (in *input) ownBrand() error {
	if n := in.ref("brandRef"); n != 0 && n != in.call.brandRef() {
		return errOtherBrand
	}
	return nil
}
