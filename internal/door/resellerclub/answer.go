package resellerclub

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"

	"posthouse/internal/fault"
)

// wireFault is a fault with the text and status of section 4.
type wireFault struct {
	status int
	text   string
	code   string // errorCode of a mailbox operation (section 9)
	cause  error
}

func (f *wireFault) Error() string { return f.text }
func (f *wireFault) Unwrap() error { return f.cause }

// Texts that clients compare exactly.
const (
	textNotAllowed = "You are not allowed to perform this action"
	textPending    = "There is already an action pending on this Order."
	textOneAccount = "You must have atleast ONE email account."
	textRenewed    = "Domain already renewed."
	textUnexpected = "An unexpected error has occurred"
)

// wireOf maps a fault of the core once for all operations.
func (c *call) wireOf(err error) *wireFault {
	var w *wireFault
	if errors.As(err, &w) {
		return w
	}
	out := &wireFault{status: http.StatusInternalServerError, cause: err}
	f := fault.Of(err)
	switch {
	case f.Code == fault.TooMany:
		out.status, out.text = http.StatusTooManyRequests, f.Text
	case f.Code == fault.OrderNotFound && f.Reason == "" && c.named.domain != "":
		out.text = "Website doesn't exist for " + c.named.domain
	case f.Code == fault.OrderNotFound && f.Reason == "":
		out.text = "No Entity found for Entityid: " + strconv.FormatInt(c.named.order, 10)
	case f.Code == fault.CustomerNotFound && c.named.username != "":
		out.text = "Customer " + c.named.username + " not found"
	case f.Code == fault.CustomerNotFound:
		out.text = "Invalid customer-id: " + strconv.FormatInt(c.named.customer, 10)
	case f.Code == fault.OrderNotFound, f.Code == fault.Forbidden:
		out.text = textNotAllowed
	case f.Code == fault.Internal, f.Code == fault.Unavailable:
		out.text = textUnexpected
	default:
		out.text = f.Text
	}
	return out
}

// answer writes the reply. There is no newline at its end: clients compare the
// whole body (section 3).
func (c *call) answer(w http.ResponseWriter, out any, err error) int {
	status := http.StatusOK
	if err != nil {
		f := c.wireOf(err)
		status, out = f.status, object{{"status", "ERROR"}, {"message", f.text}}
	}
	var b bytes.Buffer
	contentType := "application/json"
	if err := appendJSON(&b, out); err != nil {
		b.Reset()
		b.WriteString(`{"status":"ERROR","message":"` + textUnexpected + `"}`)
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
	return status
}
