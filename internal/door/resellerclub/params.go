package resellerclub

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// maxBody bounds a request's body.
const maxBody = 1 << 20

var errTooLarge = fault.New(fault.TooLarge, "The request is too large").WithReason("BODY_TOO_LARGE")

// readParams merges query and body; of a name that is in both, the body's
// values count (section 2).
func readParams(w http.ResponseWriter, r *http.Request) (map[string][]string, error) {
	sent, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fault.New(fault.Invalid, "The query can't be read")
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "" && kind != "application/x-www-form-urlencoded" {
		return sent, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, errTooLarge
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fault.New(fault.Invalid, "The body can't be read")
	}
	for name, v := range form {
		sent[name] = v
	}
	return sent, nil
}

// params reads declared parameters. What is wrong is collected: fault gives it
// all in one text.
type params struct {
	call  *call
	sent  map[string][]string
	wrong []string
}

func (p *params) refuse(name, text string) { p.wrong = append(p.wrong, name+"="+text) }

// fault is what was wrong with the parameters, nil for nothing.
func (p *params) fault() error {
	if len(p.wrong) == 0 {
		return nil
	}
	return &wireFault{status: http.StatusInternalServerError, text: "{" + strings.Join(p.wrong, ", ") + "}"}
}

// optText gives a parameter, "" when it is missing.
func (p *params) optText(name string) string {
	if v := p.sent[name]; len(v) > 0 {
		return v[len(v)-1]
	}
	return ""
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

// texts gives every value of a name, also sent as name[] or name[0].
func (p *params) texts(name string) []string {
	out := slices.Clone(p.sent[name])
	out = append(out, p.sent[name+"[]"]...)
	for i := range len(p.sent) {
		v, ok := p.sent[name+"["+strconv.Itoa(i)+"]"]
		if !ok {
			break
		}
		out = append(out, v...)
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
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
