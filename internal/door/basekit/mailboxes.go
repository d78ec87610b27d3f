package basekit

import (
	"context"
	"net/http"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/order"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// mailboxCore is 5.3 to 5.7: mailboxes, who are email accounts.
type mailboxCore interface {
	HolderMailboxes(ctx context.Context, actor audit.Actor, customerID int64) ([]*mailboxes.Mailbox, error)
	DomainMailboxes(ctx context.Context, actor audit.Actor, ref mailboxes.OfDomain) ([]*mailboxes.Mailbox, error)
	PutMailbox(ctx context.Context, actor audit.Actor, cmd mailboxes.PutMailbox) (*mailboxes.PutResult, error)
	DeleteMailbox(ctx context.Context, actor audit.Actor, ref mailboxes.MailboxRef) error
	MailboxLoginToken(ctx context.Context, actor audit.Actor, ref mailboxes.MailboxRef) (string, error)
}

func mailboxOperations() []*operation {
	const of = "/users/:accountHolderRef/domains"
	const one = of + "/:accountDomainRef/mailboxes/:user"
	return []*operation{
		{method: "GET", path: of + "/mailboxes", section: "5.3", serve: listHolderMailboxes},
		{method: "GET", path: of + "/:accountDomainRef/mailboxes", section: "5.4", serve: listDomainMailboxes},
		{method: "PUT", path: one, section: "5.5", params: []param{{"password", "string", true}}, serve: putMailbox},
		{method: "DELETE", path: one, section: "5.6", status: http.StatusNoContent, serve: deleteMailbox},
		{method: "POST", path: one + "/login-tokens", section: "5.7", serve: mailboxLoginToken},
	}
}

// mailboxRow is 4.4. Lists can be long: no maps.
type mailboxRow struct {
	User   string                  `json:"user"`
	Status mailboxes.MailboxStatus `json:"status"`
}

// domainMailboxRow is a row across domains (B-06).
type domainMailboxRow struct {
	mailboxRow

	AccountDomainRef int64  `json:"accountDomainRef"`
	DomainName       string `json:"domainName"`
}

func listHolderMailboxes(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("accountHolderRef")
	if err != nil {
		return nil, err
	}
	list, err := c.door.core.HolderMailboxes(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	rows := make([]domainMailboxRow, len(list))
	for i, m := range list {
		rows[i] = domainMailboxRow{mailboxRow{m.Email(), m.Status}, m.OrderID, m.Domain}
	}
	return object{"domainMailboxes": rows}, nil
}

func listDomainMailboxes(ctx context.Context, c *call, in *input) (any, error) {
	of, err := in.ofDomain()
	if err != nil {
		return nil, err
	}
	list, err := c.door.core.DomainMailboxes(ctx, c.actor, of)
	if err != nil {
		return nil, err
	}
	rows := make([]mailboxRow, len(list))
	for i, m := range list {
		rows[i] = mailboxRow{m.Email(), m.Status}
	}
	return object{"mailboxes": rows}, nil
}

// ofDomain gives the domain that a path names, with its holder.
func (in *input) ofDomain() (mailboxes.OfDomain, error) {
	holder, err := in.pathRef("accountHolderRef")
	if err != nil {
		return mailboxes.OfDomain{}, err
	}
	domain, err := in.pathRef("accountDomainRef")
	return mailboxes.OfDomain{CustomerID: holder, OrderID: domain}, err
}

func (in *input) mailbox() (mailboxes.MailboxRef, error) {
	of, err := in.ofDomain()
	return mailboxes.MailboxRef{OfDomain: of, User: in.path["user"]}, err
}

func putMailbox(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.mailbox()
	if err != nil {
		return nil, err
	}
	cmd := mailboxes.PutMailbox{Mailbox: ref}
	if in.need("password") {
		cmd.Password = in.text("password")
	}
	if err := in.fault(); err != nil {
		return nil, err
	}
	m, err := c.door.core.PutMailbox(ctx, c.actor, cmd)
	if err != nil {
		return nil, mailboxFault(err)
	}
	row := mailboxRow{m.Email(), m.Status}
	if c.caller.Shop.MailboxArray { // B-04
		return object{"mailbox": []mailboxRow{row}}, nil
	}
	return object{"mailbox": row}, nil
}

// mailboxFault says which field a fault about a mailbox is of.
func mailboxFault(err error) error {
	if f := fault.Of(err); f.Reason == work.ReasonOrderNotActive { // elsewhere as good as absent
		return invalid("accountDomainRef", ruleNotAllow, "The domain's mail service is not active")
	}
	return refused(err, faultsOfMailbox)
}

var faultsOfMailbox = map[string]said{
	account.ReasonInvalidEmail: {"user", ruleInvalid}, account.ReasonDomainMismatch: {"user", ruleInvalid},
	account.ReasonExistsAsAccount: {"user", ruleExists}, account.ReasonExistsAsAlias: {"user", ruleExists}, account.ReasonExistsAsForwarder: {"user", ruleExists},
	order.ReasonAccountLimit: {"user", ruleLimit}, mailboxes.ReasonPassword: {"password", ruleInvalid},
}

func deleteMailbox(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.mailbox()
	if err != nil {
		return nil, err
	}
	if err := c.door.core.DeleteMailbox(ctx, c.actor, ref); err != nil {
		return nil, err
	}
	return none{}, nil
}

func mailboxLoginToken(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.mailbox()
	if err != nil {
		return nil, err
	}
	token, err := c.door.core.MailboxLoginToken(ctx, c.actor, ref)
	if err != nil {
		return nil, mailboxFault(err)
	}
	return object{"loginToken": token}, nil
}
