package titan

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"posthouse/internal/core/dnsrecord"
	"posthouse/internal/fault"
)

// The codes of titan.md section 4. Their mixed case is the contract's.
const (
	codeBadRequest           = "BAD_REQUEST"
	codeInvalidDomain        = "INVALID_DOMAIN"
	codeUnauthenticated      = "UNAUTHENTICATED"
	codeForbidden            = "FORBIDDEN"
	codePartnerNotFound      = "PartnerNotFound"
	codeDomainNotFound       = "DomainNotFound"
	codeUserNotFound         = "UserNotFound"
	codeAccountNotFound      = "AccountNotFound"
	codeUnRegisteredEndpoint = "UnRegisteredEndpoint"
	codeMethodNotAllowed     = "MethodNotAllowed"
	codeTooManyRequests      = "TooManyRequests"
	codeInternal             = "INTERNAL_SERVER_ERROR"
	codeExternal             = "EXTERNAL_ERROR"
)

type wireCode struct {
	code   string
	status int
}

// wireCodes is the one table from faults to the wire.
var wireCodes = map[fault.Code]wireCode{
	fault.Invalid:          {codeBadRequest, http.StatusBadRequest},
	fault.InvalidDomain:    {codeInvalidDomain, http.StatusBadRequest},
	fault.Conflict:         {codeBadRequest, http.StatusBadRequest},
	fault.AlreadyExists:    {codeBadRequest, http.StatusBadRequest},
	fault.NotFound:         {codeBadRequest, http.StatusBadRequest},
	fault.TooLarge:         {codeBadRequest, http.StatusBadRequest},
	fault.OverQuota:        {codeBadRequest, http.StatusBadRequest},
	fault.Unauthenticated:  {codeUnauthenticated, http.StatusUnauthorized},
	fault.Forbidden:        {codeForbidden, http.StatusForbidden},
	fault.PartnerNotFound:  {codePartnerNotFound, http.StatusNotFound},
	fault.OrderNotFound:    {codeDomainNotFound, http.StatusNotFound},
	fault.CustomerNotFound: {codeUserNotFound, http.StatusNotFound},
	fault.AccountNotFound:  {codeAccountNotFound, http.StatusNotFound},
	fault.TooMany:          {codeTooManyRequests, http.StatusTooManyRequests},
	fault.Unavailable:      {codeExternal, http.StatusServiceUnavailable},
	fault.Internal:         {codeInternal, http.StatusInternalServerError},
}

// wireTexts are the texts that the contract fixes where the core has its own
// (titan.md sections 3 and 4), by code or by reason.
var wireTexts = map[string]string{
	codeDomainNotFound:    "No Active domain found",
	"ADDRESS_NOT_ALLOWED": "Unauthorized Access: Non-Whitelisted Ip",
}

// wireFault is an error as it goes out. As an error of its own it is one that
// only this door knows.
type wireFault struct {
	code   string
	status int
	desc   string
	detail string // "" = desc
	reason string
}

func (f *wireFault) Error() string { return f.code + ": " + f.desc }

// wireOf maps an error to the wire; nil for nil.
func wireOf(err error) *wireFault {
	if err == nil {
		return nil
	}
	var own *wireFault
	if errors.As(err, &own) {
		return own
	}
	f := fault.Of(err)
	ours := f.Reason == "" && (f.Code == fault.Internal || f.Code == fault.Unavailable)
	if ours && errors.Is(err, context.DeadlineExceeded) {
		return &wireFault{code: codeExternal, status: http.StatusGatewayTimeout, desc: "The request took too long"}
	}
	w, ok := wireCodes[f.Code]
	if !ok {
		w = wireCodes[fault.Internal]
	}
	if f.Reason == dnsrecord.ReasonNoAnswer {
		w.status = http.StatusGatewayTimeout // operation 17
	}
	text := f.Text
	for _, key := range []string{w.code, f.Reason} {
		if t, ok := wireTexts[key]; ok {
			text = t
		}
	}
	return &wireFault{code: w.code, status: w.status, desc: text, reason: f.Reason}
}

// reply is a success: a struct that embeds answered.
type reply interface{ setReqID(string) }

// answered is what every success has (T-03).
type answered struct {
	ReqID string `json:"reqID"`
}

func (a *answered) setReqID(id string) { a.ReqID = id }

// errorBody is the superset of both public forms (T-04).
type errorBody struct {
	Code  string `json:"code"`
	Error string `json:"error"`
	Desc  string `json:"desc"`
	Attrs struct {
		Detail string `json:"detail"`
		Reason string `json:"reason,omitempty"`
	} `json:"attrs"`
	StatusCode int    `json:"statusCode"`
	ReqID      string `json:"reqID"`
}

// answer writes a success, always 200 with an object, or an error.
func (c *call) answer(w http.ResponseWriter, out reply, err error) (status int) {
	if err == nil && out != nil {
		out.setReqID(c.id)
		body, merr := encode(out)
		if merr == nil {
			return c.write(w, http.StatusOK, body)
		}
		err = fault.Wrap(merr)
	}
	f := wireOf(err)
	if f == nil {
		f = wireOf(fault.New(fault.Internal, "An internal error"))
	}
	var e errorBody
	e.Code, e.Error, e.Desc, e.StatusCode, e.ReqID = f.code, f.code, f.desc, f.status, c.id
	e.Attrs.Detail, e.Attrs.Reason = f.detail, f.reason
	if f.detail == "" {
		e.Attrs.Detail = f.desc
	}
	body, merr := encode(e)
	if merr != nil {
		c.door.serving.Log.Error("an error could not be encoded", "request", c.id, "error", merr)
	}
	return c.write(w, f.status, body)
}

func (c *call) write(w http.ResponseWriter, status int, body []byte) int {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		c.door.serving.Log.Debug("the answer did not reach the client", "request", c.id, "error", err)
	}
	return status
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
