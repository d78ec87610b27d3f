package resellerclub

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"posthouse/internal/fault"
)

const (
	// maxBody bounds a request's body; the server bounds the query.
	maxBody = 1 << 20
	// maxParams bounds the parameters of a request, query and body together: no
	// list of this dialect is longer than a page.
	maxParams = 2000
)

var (
	errTooLarge  = fault.New(fault.TooLarge, "The request is too large").WithReason("BODY_TOO_LARGE")
	errTooMany   = fault.Newf(fault.TooLarge, "The request has more than %d parameters", maxParams).WithReason("TOO_MANY_PARAMETERS")
	errUnread    = fault.New(fault.Invalid, "The body of the request can't be read").WithReason("BODY_UNREADABLE")
	errMultipart = fault.New(fault.Invalid, "The body is no multipart/form-data").WithReason("BODY_UNREADABLE")
)

// values are parameters as they were sent: the query's before the body's.
type values struct {
	byName map[string][]string
	count  int
}

func (v *values) add(name, value string) error {
	if v.count++; v.count > maxParams {
		return errTooMany
	}
	v.byName[name] = append(v.byName[name], value)
	return nil
}

// readParams merges query and body (section 2). The body counts when it is a
// form, or says nothing of what it is; of any other kind it is not looked at,
// since clients put everything into the query of a POST and name some type.
func readParams(w http.ResponseWriter, r *http.Request) (map[string][]string, error) {
	v := values{byName: map[string][]string{}}
	if err := v.form(r.URL.RawQuery); err != nil {
		return nil, err
	}
	kind, boundary := bodyKind(r.Header.Get("Content-Type"))
	switch kind {
	case "", "application/x-www-form-urlencoded", "multipart/form-data":
	default:
		return v.byName, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
			return nil, errTooLarge
		}
		return nil, errUnread
	}
	if boundary != "" && len(body) > 0 {
		return v.byName, v.multipart(body, boundary)
	}
	return v.byName, v.form(string(body))
}

// bodyKind reads a Content-Type and forgives what is wrong with its parameters.
func bodyKind(contentType string) (kind, boundary string) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind, _, _ = strings.Cut(contentType, ";")
		return strings.ToLower(strings.TrimSpace(kind)), ""
	}
	if kind == "multipart/form-data" {
		boundary = params["boundary"]
	}
	return kind, boundary
}

// form reads names and values that are joined with = and &. What is not encoded
// as it should be stands for itself: clients garble values that nobody needs.
func (v *values) form(text string) error {
	if v.count+strings.Count(text, "&") >= 2*maxParams { // empty pieces are free, but not without end
		return errTooMany
	}
	for piece := range strings.SplitSeq(text, "&") {
		if piece == "" {
			continue
		}
		name, value, _ := strings.Cut(piece, "=")
		if err := v.add(unescape(name), unescape(value)); err != nil {
			return err
		}
	}
	return nil
}

func unescape(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '+':
			b.WriteByte(' ')
		case c == '%' && i+2 < len(s) && hex(s[i+1]) >= 0 && hex(s[i+2]) >= 0:
			b.WriteByte(byte(hex(s[i+1])<<4 | hex(s[i+2])))
			i += 2
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func hex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	default:
		return -1
	}
}

// multipart reads the fields of a multipart/form-data; no call takes a file.
func (v *values) multipart(body []byte, boundary string) error {
	mr := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := mr.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errMultipart
		}
		text, err := io.ReadAll(part) // no more than there is in body
		if err != nil {
			return errMultipart
		}
		if part.FormName() == "" || part.FileName() != "" {
			text = nil // counts, but is no value
		}
		if err := v.add(part.FormName(), string(text)); err != nil {
			return err
		}
	}
}
