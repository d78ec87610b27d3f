package resellerclub

import (
	"errors"
	"net/http"
	"strings"

	"posthouse/internal/core/account"
	"posthouse/internal/core/autoresponder"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/order"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// The error codes of mailbox operations: the first two are the vendor's, the
// rest our own.
const (
	codeEmailTaken    = "emailaddress_unique_key_voilation" // spelled so
	codeEmailUnknown  = "emailaddress_does_not_exist"
	codeMaxUsers      = "max_users_limit_exceeded"
	codeEmailInvalid  = "invalid_email_address"
	codePassword      = "invalid_password"
	codeWrongPassword = "incorrect_password"
	codeDomain        = "domain_mismatch"
	codeNotActive     = "order_not_active"
	codeNoFeature     = "feature_not_available"
)

const textNotActive = "The order is not active"

var errOrderNotActive = failure(codeNotActive, textNotActive)

// mailFaults maps the Reason of a fault: to a FAILURE, or with a parameter to a
// validation error. "%s" in a text is the address, "" the fault's own text.
var mailFaults = map[string]struct{ code, param, text string }{
	account.ReasonExistsAsAccount:   {code: codeEmailTaken, text: "Email address is already registered with us"},
	account.ReasonExistsAsAlias:     {code: codeEmailTaken, text: "Email address is already registered with us"},
	account.ReasonExistsAsForwarder: {code: codeEmailTaken, text: "Email address is already registered with us"},
	order.ReasonAccountLimit:        {code: codeMaxUsers, text: "The number of email accounts of this order is used up"},
	account.ReasonInvalidEmail:      {code: codeEmailInvalid, text: "Email address %s is not valid"},
	account.ReasonDomainMismatch:    {code: codeDomain, text: "Email address %s is not of the domain of this order"},
	"PASSWORD_TOO_SHORT":            {code: codePassword},
	"PASSWORD_TOO_LONG":             {code: codePassword},
	"PASSWORD_NOT_ALLOWED":          {code: codePassword},
	mailboxes.ReasonWrongPassword:   {code: codeWrongPassword, text: "The password is incorrect"},
	work.ReasonOrderNotActive:       {code: codeNotActive, text: textNotActive},
	mailboxes.ReasonForwardOnly:     {code: codeNoFeature, text: "Email address %s is a forward only account"},
	forwarder.ReasonItself:          {code: codeEmailInvalid},
	forwarder.ReasonBadForward:      {code: codeEmailInvalid},
	forwarder.ReasonNotInternal:     {code: codeEmailUnknown},
	forwarder.ReasonForwardLoop:     {code: codeEmailInvalid},
	forwarder.ReasonForwarders:      {code: codeMaxUsers},
	forwarder.ReasonMembers:         {param: "forwards"},
	forwarder.ReasonTooMany:         {param: "forwards"},
	autoresponder.ReasonNoMessage:   {param: "message"},
	autoresponder.ReasonFormat:      {param: "message-format"},
	autoresponder.ReasonEnds:        {param: "autodisable-timestamp"},
	order.ReasonAliasIsOrder:        {code: codeDomain},
	order.ReasonAliasTaken:          {code: codeDomain},
	order.ReasonAliasUnknown:        {code: codeDomain},
	order.ReasonAliasOfItself:       {code: codeDomain},
	order.ReasonAliasLimit:          {param: "alias"},
	order.ReasonAliasUnservice:      {code: codeNotActive},
	mailboxes.ReasonPattern:         {param: "email-pattern"},
	mailboxes.ReasonTooManyNamed:    {param: "emails"},
	mailboxes.ReasonFirstName:       {param: "first-name"},
	mailboxes.ReasonLastName:        {param: "last-name"},
	mailboxes.ReasonCountry:         {param: "country-code"},
	mailboxes.ReasonLanguage:        {param: "language-code"},
}

// mailFault maps a fault of a mailbox operation; nil leaves it to the general
// table: platform errors.
func (c *call) mailFault(err error) *wireFault {
	f := fault.Of(err)
	email := c.named.email
	if at := (*routing.AtAddress)(nil); errors.As(err, &at) {
		email = at.Email
	}
	m, ok := mailFaults[f.Reason]
	switch {
	case ok && m.param != "":
		return &wireFault{status: http.StatusInternalServerError, text: "{" + m.param + "=" + f.Text + "}", cause: err}
	case ok:
	case f.Code == fault.InvalidDomain:
		return &wireFault{status: http.StatusInternalServerError, text: "{alias=alias is invalid}", cause: err}
	case f.Code == fault.AccountNotFound:
		m.code, m.text = codeEmailUnknown, "Email address %s does not exist"
	default:
		return nil
	}
	out := &wireFault{status: http.StatusOK, code: m.code, text: f.Text, cause: err}
	if m.text != "" {
		out.text = strings.ReplaceAll(m.text, "%s", email)
	}
	return out
}
