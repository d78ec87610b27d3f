package resellerclub

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"posthouse/internal/money"
)

// params reads declared parameters. What is wrong is collected: fault gives it
// all in one text.
type params struct {
	call  *call
	sent  map[string][]string
	wrong []string
}

// refuse notes what is wrong with a parameter: the first thing only.
func (p *params) refuse(name, text string) {
	if !slices.ContainsFunc(p.wrong, func(w string) bool { return strings.HasPrefix(w, name+"=") }) {
		p.wrong = append(p.wrong, name+"="+text)
	}
}

// fault is what was wrong with the parameters, nil for nothing.
func (p *params) fault() error {
	if len(p.wrong) == 0 {
		return nil
	}
	return &wireFault{status: http.StatusInternalServerError, text: "{" + strings.Join(p.wrong, ", ") + "}"}
}

// optText gives a parameter, "" when it is missing or empty. Of several values
// the last one counts, so the body's before the query's.
func (p *params) optText(name string) string {
	p.declared(name)
	for _, v := range slices.Backward(p.sent[name]) {
		if v == "" {
			continue
		}
		if !storable(v) {
			p.refuse(name, name+" is invalid")
			return ""
		}
		return v
	}
	return ""
}

// declared tells a test of a parameter that the route table does not name.
func (p *params) declared(name string) {
	op := p.call.op
	if f := p.call.door.complain; f != nil && !strings.Contains(op.path, "{"+name+"}") &&
		!slices.ContainsFunc(op.params, func(q param) bool { return q.name == name }) {
		f("%s reads %s, which it does not declare", op.path, name)
	}
}

// storable reports whether a value is text: UTF-8 without NUL.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// looseText is optText for what clients garble and nobody depends on: what is no
// text is replaced.
func (p *params) looseText(name string) string {
	p.declared(name)
	return strings.ReplaceAll(strings.ToValidUTF8(last(p.sent[name]), "\ufffd"), "\x00", "\ufffd")
}

// text gives a parameter that must not be blank.
func (p *params) text(name string) string {
	v := p.optText(name)
	if strings.TrimSpace(v) == "" {
		p.refuse(name, name+" must not be blank")
	}
	return v
}

func wholeNumber(s string) (int64, error) { return strconv.ParseInt(strings.TrimSpace(s), 10, 64) }

// optID gives a whole number, 0 when it is missing.
func (p *params) optID(name string) int64 {
	v := p.optText(name)
	if v == "" {
		return 0
	}
	n, err := wholeNumber(v)
	if err != nil {
		p.refuse(name, name+" is invalid")
	}
	return n
}

// id gives a whole number that must be there.
func (p *params) id(name string) int64 {
	p.text(name)
	if p.optText(name) == "" {
		return 0
	}
	return p.optID(name)
}

// orderID and the like also note what the request is about.
func (p *params) orderID() int64 {
	p.call.named.order = p.id("order-id")
	return p.call.named.order
}

func (p *params) customerID() int64 {
	p.call.named.customer = p.id("customer-id")
	return p.call.named.customer
}

// integer is id for a count within bounds.
func (p *params) integer(name string, low, high int64) int64 {
	n := p.id(name)
	if p.optText(name) != "" && (n < low || n > high) {
		p.refuse(name, name+" is invalid")
	}
	return n
}

// texts gives every value of a name, also sent as name[] or name[0]: the query's
// before the body's, each once.
func (p *params) texts(name string) []string {
	p.declared(name)
	all := slices.Concat(p.sent[name], p.sent[name+"[]"])
	for _, n := range p.indices(name) {
		all = append(all, p.sent[name+"["+n+"]"]...)
	}
	var out []string
	seen := map[string]bool{"": true}
	for _, v := range all {
		if !storable(v) {
			p.refuse(name, name+" is invalid")
			return nil
		}
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// indices are the n of name[n] that were sent, in order.
func (p *params) indices(name string) []string {
	var out []string
	for sent := range p.sent {
		n, ok := strings.CutPrefix(sent, name+"[")
		if n, closed := strings.CutSuffix(n, "]"); ok && closed && n != "" && strings.Trim(n, "0123456789") == "" {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return out
}

// ids is texts for whole numbers.
func (p *params) ids(name string) []int64 {
	var out []int64
	for _, s := range p.texts(name) {
		n, err := wholeNumber(s)
		if err != nil {
			p.refuse(name, name+" is invalid")
			return nil
		}
		out = append(out, n)
	}
	return out
}

// flag reads true, false, 1 and 0; missing is nil.
func (p *params) flag(name string) *bool {
	switch v := p.optText(name); v {
	case "":
		return nil
	case "true", "1":
		t := true
		return &t
	case "false", "0":
		f := false
		return &f
	default:
		p.refuse(name, name+" is invalid")
		return nil
	}
}

// seconds reads UNIX seconds; missing is nil.
func (p *params) seconds(name string) *time.Time {
	if p.optText(name) == "" {
		return nil
	}
	n := p.optID(name)
	if n < 0 || n > 253402300799 {
		p.refuse(name, name+" is invalid")
		return nil
	}
	t := time.Unix(n, 0).UTC()
	return &t
}

// amount reads a decimal number; missing is 0.
func (p *params) amount(name string) money.Value {
	v := p.optText(name)
	if v == "" {
		return 0
	}
	a, err := money.ParseValue(v)
	if err != nil {
		p.refuse(name, name+" is invalid")
	}
	return a
}
