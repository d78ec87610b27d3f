package resellerclub

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"

	"posthouse/internal/fault"
)

// wireFault is a fault with the text and status of section 4.
//
// In style mail one with a code is an application error: FAILURE with HTTP 200
// (section 9); use failure to make it. One without is a platform error.
type wireFault struct {
	status int
	text   string
	code   string // errorCode of a mailbox operation (section 9)
	more   object // strings after those of the general form: customers/v2/authenticate
	cause  error
}

// failure is an application error of a mailbox operation.
func failure(code, text string) *wireFault {
	return &wireFault{status: http.StatusOK, text: text, code: code}
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
	if c.style == mail {
		if w := c.mailFault(err); w != nil {
			return w
		}
	}
	out := &wireFault{status: http.StatusInternalServerError, cause: err}
	f := fault.Of(err)
	switch {
	case f.Code == fault.TooMany:
		out.status, out.text = http.StatusTooManyRequests, f.Text
	case reasonTexts[f.Reason] != "":
		out.text = reasonTexts[f.Reason]
	case f.Code == fault.InvalidDomain:
		out.text = "{domain-name=domain-name is invalid}"
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
// whole body (section 3). It gives the status, and err or that out can't be written.
func (c *call) answer(w http.ResponseWriter, out any, err error) (int, error) {
	status := http.StatusOK
	var b bytes.Buffer
	if err == nil {
		if err = c.write(&b, c.success(out)); err != nil {
			err = fault.Wrap(err)
			b.Reset()
		}
	}
	if err != nil {
		f := c.wireOf(err)
		status = f.status
		c.writeFault(&b, f)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	if c.form == asXML {
		h.Set("Content-Type", "text/xml")
	}
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if status == http.StatusTooManyRequests && h.Get("Retry-After") == "" {
		h.Set("Retry-After", "30") // of passwords: see AuthenticateMailUser of core/mailboxes
	}
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
	return status, err
}

func (c *call) write(b *bytes.Buffer, v any) error {
	if c.form == asXML {
		return appendXML(b, v)
	}
	return appendJSON(b, v)
}

// success wraps what an operation returned. A mailbox operation returns the
// object inside "response", without its status.
func (c *call) success(out any) any {
	if c.style != mail {
		return out
	}
	inner := object{{"status", "SUCCESS"}}
	if o, ok := out.(object); ok {
		inner = append(inner, o...)
	}
	return object{{"response", inner}}
}

// writeFault writes f in the form of the call's style (sections 4, 9, 15).
func (c *call) writeFault(b *bytes.Buffer, f *wireFault) {
	var v any
	switch {
	case c.style == mail && f.code != "":
		v = object{{"response", object{{"status", "FAILURE"}, {"message", f.text}, {"errorCode", f.code}}}}
	case c.style == restful:
		v = object{{"status", "error"}, {"error", f.text}, {"message", f.text}}
	default:
		general := append(object{{"status", "ERROR"}, {"message", f.text}}, f.more...)
		if c.form == asXML {
			appendXMLError(b, general)
			return
		}
		v = general
	}
	// Only strings and objects that the door made: nothing that can't be written.
	_ = c.write(b, v)
}
