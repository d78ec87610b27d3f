package basekit

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/mailservice"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/work"
)

// mailServiceCore is the part of section 8 about mail services.
type mailServiceCore interface {
	MailServices(ctx context.Context, actor audit.Actor, f work.MailServiceFilter) ([]*work.DomainMailService, error)
	MailServiceOf(ctx context.Context, actor audit.Actor, orderID int64) (*work.DomainMailService, error)
	ReportMailService(ctx context.Context, actor audit.Actor, cmd mailboxes.ReportMailService) (*work.DomainMailService, error)
}

func mailServiceOperations() []*operation {
	const all = "/account-domains/mail-services"
	return []*operation{
		{method: "GET", path: all, section: "8", serve: listMailServices, params: []param{
			{"completionStatus", "string", false}, {"state", "string", false}, {"domain", "string", false}, {"sortBy", "string", false},
			{"sortOrder", "string", false}, {"limit", "integer", false}, {"offset", "integer", false},
		}},
		{method: "GET", path: all + "/:ref", section: "8", serve: getMailService},
		{method: "PUT", path: all + "/:ref", section: "8", rights: partner.RightsOperator, serve: putMailService, params: []param{
			{"state", "string", false}, {"completionStatus", "string", false}, {"failureState", "string", false}, {"failureMessage", "string", false},
			{"active", "flag", false},
		}},
	}
}

// Sizes of a page of mail services.
const (
	mailServicePage = 20
	mailServiceMost = 1000
)

// sortMailServices are the values of sortBy.
var sortMailServices = map[string]work.MailServiceSort{
	"": work.SortByRef, "ref": work.SortByRef, "accountDomainRef": work.SortByRef, "domain": work.SortByDomain,
	"state": work.SortByState, "completionStatus": work.SortByCompletion,
}

func listMailServices(ctx context.Context, c *call, in *input) (any, error) {
	f := work.MailServiceFilter{State: mailservice.State(in.text("state")), Completion: mailservice.Completion(in.text("completionStatus")), Domain: in.text("domain")}
	if f.State != "" && !f.State.Valid() {
		in.fail("state", ruleInvalid, "The state is unknown")
	}
	if f.Completion != "" && !f.Completion.Valid() {
		in.fail("completionStatus", ruleInvalid, "The completion status is unknown")
	}
	by, known := sortMailServices[in.text("sortBy")]
	if !known {
		in.fail("sortBy", ruleInvalid, "That is nothing to sort by")
	}
	f.SortBy = by
	switch in.text("sortOrder") {
	case "", "asc", "ASC":
	case "desc", "DESC":
		f.Descending = true
	default:
		in.fail("sortOrder", ruleInvalid, "sortOrder is asc or desc")
	}
	f.Limit, f.Offset = in.page(mailServicePage, mailServiceMost)
	if err := in.fault(); err != nil {
		return nil, err
	}
	list, err := c.door.core.MailServices(ctx, c.actor, f)
	if err != nil {
		return nil, err
	}
	rows := make([]object, len(list))
	for i, m := range list {
		rows[i] = mailServiceObject(m)
	}
	return object{"mailServices": rows}, nil
}

// mailServiceObject is one row of section 8; its ref is the account domain's (B-29).
func mailServiceObject(m *work.DomainMailService) object {
	active := "0"
	if m.Active {
		active = "1"
	}
	return object{
		"ref": m.OrderID, "accountDomainRef": m.OrderID, "domain": m.Domain, "state": m.State, "completionStatus": m.Completion,
		"failureState": textOrNull(string(m.FailureState)), "failureMessage": textOrNull(m.FailureMessage), "active": active,
	}
}

func getMailService(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	m, err := c.door.core.MailServiceOf(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	return oneMailService(m), nil
}

// oneMailService is the envelope of the list with one row: the contract gives no other.
func oneMailService(m *work.DomainMailService) object {
	return object{"mailServices": []object{mailServiceObject(m)}}
}

func putMailService(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	cmd := mailboxes.ReportMailService{OrderID: ref, FailureMessage: in.textOr("failureMessage"), Active: in.flag("active")}
	if s := in.text("state"); s != "" {
		cmd.State = (*mailservice.State)(&s)
	}
	if s := in.text("completionStatus"); s != "" {
		cmd.Completion = (*mailservice.Completion)(&s)
	}
	cmd.FailureState = (*mailservice.State)(in.textOr("failureState"))
	if err := in.fault(); err != nil {
		return nil, err
	}
	m, err := c.door.core.ReportMailService(ctx, c.actor, cmd)
	if err != nil {
		return nil, refused(err, faultsOfReport)
	}
	return oneMailService(m), nil
}

var faultsOfReport = map[string]said{
	mailboxes.ReasonServiceState: {"state", ruleInvalid}, mailboxes.ReasonServiceCompletion: {"completionStatus", ruleInvalid}, mailboxes.ReasonFailureState: {"failureState", ruleInvalid},
	mailboxes.ReasonFailureMessage: {"failureMessage", ruleInvalid}, mailboxes.ReasonServiceActive: {"active", ruleInvalid},
}
