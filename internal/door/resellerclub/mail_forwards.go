package resellerclub

import (
	"context"
	"strings"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/work"
)

// forwards gives the addresses to forward to: separated by commas (section 9).
func (p *params) forwards() []string {
	out := p.separated("forwards")
	if len(out) == 0 {
		p.refuse("forwards", "forwards must not be blank")
	}
	return out
}

// addForwardOnly is row 2.
func addForwardOnly(ctx context.Context, c *call, p *params) (any, error) {
	ref := p.mailUserRef()
	cmd := routing.CreateForwardOnlyAccount{Order: ref.Order, Email: ref.Email, Forwards: p.forwards()}
	if err := p.fault(); err != nil {
		return nil, err
	}
	return nil, c.door.core.CreateForwardOnlyAccount(ctx, c.actor, cmd)
}

// changeForwards is row 11.
func changeForwards(do func(core mailCore, ctx context.Context, actor audit.Actor, cmd routing.ChangeForwards) error, kind forwarder.Kind) serveFunc {
	return func(ctx context.Context, c *call, p *params) (any, error) {
		cmd := routing.ChangeForwards{Account: p.mailUserRef(), Kind: kind, Forwards: p.forwards()}
		if err := p.fault(); err != nil {
			return nil, err
		}
		return nil, do(c.door.core, ctx, c.actor, cmd)
	}
}

// updateAutoresponder is row 10; what is missing stays as it is.
func updateAutoresponder(ctx context.Context, c *call, p *params) (any, error) {
	cmd := routing.SetAutoresponder{Account: p.mailUserRef(), QuoteOriginal: p.flag("quote-original-message"), Ends: p.flag("autodisable-enabled")}
	if p.text("is-autoresponder-on") != "" {
		if on := p.flag("is-autoresponder-on"); on != nil {
			cmd.On = *on
		}
	}
	cmd.Subject, cmd.Message, cmd.Format = p.given("subject"), p.given("message"), p.given("message-format")
	if cmd.Ends == nil || *cmd.Ends {
		cmd.EndsAt = p.day("autodisable-timestamp")
		if cmd.EndsAt == nil && cmd.Ends != nil {
			p.text("autodisable-timestamp")
		}
	}
	if err := p.fault(); err != nil {
		return nil, err
	}
	return nil, c.door.core.SetMailUserAutoresponder(ctx, c.actor, cmd)
}

// day reads dd/mm/yyyy as the beginning of that day; missing is nil.
func (p *params) day(name string) *time.Time {
	v := strings.TrimSpace(p.optText(name))
	if v == "" {
		return nil
	}
	t, err := time.Parse("02/01/2006", v)
	if err != nil {
		p.refuse(name, name+" is invalid")
		return nil
	}
	return &t
}

// changeDomainAlias is row 20.
func changeDomainAlias(do func(core mailCore, ctx context.Context, actor audit.Actor, cmd routing.DomainAlias) error) serveFunc {
	return func(ctx context.Context, c *call, p *params) (any, error) {
		cmd := routing.DomainAlias{Order: work.OrderRef{ID: p.orderID()}, Domain: p.text("alias")}
		if err := p.fault(); err != nil {
			return nil, err
		}
		return nil, do(c.door.core, ctx, c.actor, cmd)
	}
}
