package resellerclub

import (
	"context"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/work"
)

// email gives the address that a mailbox operation is about.
func (p *params) email() string {
	p.call.named.email = strings.ToLower(strings.TrimSpace(p.text("email")))
	return p.call.named.email
}

// mailUserRef reads order-id and email.
func (p *params) mailUserRef() work.AccountRef {
	return work.AccountRef{Order: work.OrderRef{ID: p.orderID()}, Email: p.email()}
}

// addMailUser is row 1.
func addMailUser(ctx context.Context, c *call, p *params) (any, error) {
	cmd := mailboxes.AddMailUser{
		Order: work.OrderRef{ID: p.orderID()}, Email: p.email(), Password: p.text("passwd"), NotificationEmail: p.text("notification-email"),
		FirstName: p.text("first-name"), LastName: p.text("last-name"), Country: p.text("country-code"), Language: p.text("language-code"),
	}
	if err := p.fault(); err != nil {
		return nil, err
	}
	m, err := c.door.core.AddMailUser(ctx, c.actor, cmd)
	return c.mailUser(m, err)
}

// showMailUser is row 3.
func showMailUser(ctx context.Context, c *call, p *params) (any, error) {
	ref := p.mailUserRef()
	if err := p.fault(); err != nil {
		return nil, err
	}
	m, err := c.door.core.FindMailUser(ctx, c.actor, ref)
	return c.mailUser(m, err)
}

// mailUser is the reply of rows 1, 3 and 9.
func (c *call) mailUser(m *mailboxes.MailUser, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return object{{"user", c.door.userObject(m)}}, nil
}

// modifyMailUser is row 4; what is missing or empty stays as it is.
func modifyMailUser(ctx context.Context, c *call, p *params) (any, error) {
	cmd := mailboxes.ModifyEmailAccount{Account: p.mailUserRef()}
	cmd.AlternateEmail, cmd.FirstName, cmd.LastName = p.given("notification-email"), p.given("first-name"), p.given("last-name")
	if err := p.fault(); err != nil {
		return nil, err
	}
	return nil, c.door.core.ModifyMailUser(ctx, c.actor, cmd)
}

// given is a text that is not blank, else nil.
func (p *params) given(name string) *string {
	if v := p.optText(name); strings.TrimSpace(v) != "" {
		return &v
	}
	return nil
}

// changeMailPassword is row 7.
func changeMailPassword(ctx context.Context, c *call, p *params) (any, error) {
	cmd := mailboxes.ChangeMailPassword{Account: p.mailUserRef(), Old: p.text("old-passwd"), New: p.text("new-passwd")}
	if err := p.fault(); err != nil {
		return nil, err
	}
	return nil, c.door.core.ChangeMailPassword(ctx, c.actor, cmd)
}

// resetMailPassword is row 8.
func resetMailPassword(ctx context.Context, c *call, p *params) (any, error) {
	ref := p.mailUserRef()
	if err := p.fault(); err != nil {
		return nil, err
	}
	password, err := c.door.core.ResetMailPassword(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	return object{{"data", password}}, nil
}

// authenticateMailUser is row 9.
func authenticateMailUser(ctx context.Context, c *call, p *params) (any, error) {
	ref, password := p.mailUserRef(), p.text("passwd")
	if err := p.fault(); err != nil {
		return nil, err
	}
	m, err := c.door.core.AuthenticateMailUser(ctx, c.actor, ref, password)
	return c.mailUser(m, err)
}

type mailUsersCommand = func(core mailCore, ctx context.Context, actor audit.Actor, cmd mailboxes.MailUsers) error

// oneMailUser is rows 5 and 6.
func oneMailUser(do mailUsersCommand) serveFunc {
	return func(ctx context.Context, c *call, p *params) (any, error) {
		ref := p.mailUserRef()
		if err := p.fault(); err != nil {
			return nil, err
		}
		return nil, do(c.door.core, ctx, c.actor, mailboxes.MailUsers{Order: ref.Order, Emails: []string{ref.Email}})
	}
}

// someMailUsers is row 14.
func someMailUsers(do mailUsersCommand) serveFunc {
	return func(ctx context.Context, c *call, p *params) (any, error) {
		cmd := mailboxes.MailUsers{Order: work.OrderRef{ID: p.orderID()}, Emails: p.separated("emails")}
		if len(cmd.Emails) == 0 {
			p.refuse("emails", "emails must not be blank")
		}
		if err := p.fault(); err != nil {
			return nil, err
		}
		return nil, do(c.door.core, ctx, c.actor, cmd)
	}
}

// separated gives values that are repeated or separated by commas.
func (p *params) separated(name string) []string {
	var out []string
	for _, v := range p.texts(name) {
		for part := range strings.SplitSeq(v, ",") {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
	}
	return out
}
