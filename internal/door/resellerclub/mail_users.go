package resellerclub

import (
	"context"

	"posthouse/internal/core/account"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/work"
)

// No status of ours, so no user has it: in a search it finds nobody.
const pendingActivation account.Status = "pending_activation"

// searchMailUsers is row 12.
func searchMailUsers(ctx context.Context, c *call, p *params) (any, error) {
	q := mailboxes.SearchMailUsers{
		Order: work.OrderRef{ID: p.orderID()}, Emails: p.separated("email"), Pattern: p.optText("email-pattern"), Page: 1,
	}
	for _, s := range p.separated("statuses") {
		switch s := account.Status(s); s {
		case account.Active, account.Suspended, pendingActivation:
			q.Statuses = append(q.Statuses, s)
		default:
			p.refuse("statuses", "statuses is invalid")
		}
	}
	for _, s := range p.separated("account-types") {
		known := false
		for _, t := range mailUserTypes {
			if t.filter == s {
				q.Types, known = append(q.Types, t.kind), true
			}
		}
		if !known {
			p.refuse("account-types", "account-types is invalid")
		}
	}
	if over := p.flag("over-quota"); over != nil {
		q.OverQuota = *over
	}
	if p.optText("page-no") != "" {
		q.Page = int(p.integer("page-no", 1, 1<<30))
	}
	if err := p.fault(); err != nil {
		return nil, err
	}
	found, err := c.door.core.SearchMailUsers(ctx, c.actor, q)
	if err != nil {
		return nil, err
	}
	users := make(list, 0, len(found))
	for _, m := range found {
		users = append(users, c.door.userObject(m))
	}
	out := object{{"users", users}}
	if len(found) == 0 {
		out.set("message", "No Records found")
	}
	return out, nil
}

// countMailUsers is row 13.
func countMailUsers(ctx context.Context, c *call, p *params) (any, error) {
	ref := work.OrderRef{ID: p.orderID()}
	if err := p.fault(); err != nil {
		return nil, err
	}
	n, err := c.door.core.CountMailUsers(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	return object{{"noOfMailAccounts", whole(int64(n.Mailboxes))}, {"noOfForwardOnlyAccounts", whole(int64(n.ForwardOnly))}}, nil
}
