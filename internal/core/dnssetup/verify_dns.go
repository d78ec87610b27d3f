package dnssetup

import (
	"context"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/dnsrecord"
	"posthouse/internal/core/due"
	"posthouse/internal/core/event"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/order"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

const (
	panelCheckLife = time.Minute // CheckDNSCached (T-26)
	maxDueAttempts = 5           // of a scheduled check whose look-up fails
)

// VerifyDNS is titan.md operation 17: it looks the domain's records up now and
// keeps what it finds. A look-up that fails changes nothing and is a temporary
// fault with dnsrecord.ReasonNoAnswer.
func (s *Service) VerifyDNS(ctx context.Context, actor audit.Actor, ref work.OrderRef) (*work.DNSCheck, error) {
	l, err := s.lookup(ctx, actor, ref)
	if err != nil {
		return nil, err
	}
	found, err := s.checkDNS(ctx, l)
	if err != nil {
		return nil, err
	}
	var out *work.DNSCheck
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(work.OrderRef{ID: l.orderID}, work.OpVerifyDNS)
		if err != nil {
			return err
		}
		if out, err = keepDNSCheck(u, o, found); err != nil {
			return err
		}
		return RemindDNS(u, o)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// CheckDNSCached is VerifyDNS for a page that is opened again and again: what
// was found within the last minute is good enough.
func (s *Service) CheckDNSCached(ctx context.Context, actor audit.Actor, ref work.OrderRef) (*work.DNSCheck, error) {
	var recent *work.DNSCheck
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(ref, work.OpVerifyDNS)
		if err != nil {
			return err
		}
		recent, err = u.Tx.DNSCheck(u.Ctx, o.ID)
		if recent != nil && u.Now.Sub(recent.CheckedAt) >= panelCheckLife {
			recent = nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if recent != nil {
		return recent, nil
	}
	return s.VerifyDNS(ctx, actor, ref)
}

// LastDNSCheck gives what the last check found, nil when there was none.
func (s *Service) LastDNSCheck(ctx context.Context, actor audit.Actor, ref work.OrderRef) (*work.DNSCheck, error) {
	var out *work.DNSCheck
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(ref, work.OpRead)
		if err != nil {
			return err
		}
		out, err = u.Tx.DNSCheck(u.Ctx, o.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// DNSRecords gives what an order's domain is to publish. Missing DKIM keys are made.
func (s *Service) DNSRecords(ctx context.Context, actor audit.Actor, ref work.OrderRef) (*dnsrecord.Expected, error) {
	var domain string
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(ref, work.OpRead)
		if err == nil {
			domain = o.Domain
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if _, err := s.EnsureDKIMKeys(ctx, domain); err != nil {
		return nil, err
	}
	var out dnsrecord.Expected
	err = s.Read(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(ref, work.OpRead)
		if err == nil {
			out, err = expectedRecords(u, o)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

// dnsLookup is what a check needs to know before it asks, outside of any transaction.
type dnsLookup struct {
	orderID int64
	want    dnsrecord.Expected
	given   []dnsrecord.Answer // not nil: a sandbox's
	sandbox bool
}

func (s *Service) lookup(ctx context.Context, actor audit.Actor, ref work.OrderRef) (*dnsLookup, error) {
	var out *dnsLookup
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(ref, work.OpVerifyDNS)
		if err != nil {
			return err
		}
		out, err = lookup(u, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func lookup(u *work.Unit, o *order.Order) (*dnsLookup, error) {
	want, err := expectedRecords(u, o)
	if err != nil {
		return nil, err
	}
	l := &dnsLookup{orderID: o.ID, want: want}
	p, err := u.Partner(o.PartnerID)
	if err != nil || !p.Sandbox {
		return l, err
	}
	l.sandbox = true
	d, err := u.Tx.SandboxDNS(u.Ctx, o.PartnerID)
	if d != nil {
		if l.given = d.Records; l.given == nil {
			l.given = []dnsrecord.Answer{}
		}
	}
	return l, err
}

func expectedRecords(u *work.Unit, o *order.Order) (dnsrecord.Expected, error) {
	e := dnsrecord.Expected{Domain: o.Domain, OwnershipToken: o.OwnershipToken}
	b, err := tenancy.BrandOf(u, o)
	if err != nil {
		return e, err
	}
	e.MX, e.SPFInclude = b.MX, b.SPFInclude
	keys, err := u.Tx.DKIMKeys(u.Ctx, o.Domain)
	if err != nil {
		return e, err
	}
	for _, k := range keys {
		if k.DestroyedAt == nil {
			e.DKIM = append(e.DKIM, dnsrecord.Key{Selector: k.Selector, Record: k.TXTRecord})
		}
	}
	return e, nil
}

func (s *Service) checkDNS(ctx context.Context, l *dnsLookup) (*dnsrecord.Found, error) {
	if s.DNSChecker == nil {
		return nil, fault.Unavail("There is no DNS here", nil).WithReason(dnsrecord.ReasonNoAnswer)
	}
	return s.DNSChecker.Check(ctx, l.want, l.given)
}

// keepDNSCheck stores what was found and does what follows from it: the
// ownership is proven, DKIM keys begin to sign, the set-up is complete.
func keepDNSCheck(u *work.Unit, o *order.Order, found *dnsrecord.Found) (*work.DNSCheck, error) {
	c, err := u.Tx.DNSCheck(u.Ctx, o.ID)
	if err != nil {
		return nil, err
	}
	if c == nil {
		c = &work.DNSCheck{OrderID: o.ID}
	}
	c.Found, c.CheckedAt = *found, u.Now
	if found.Verified() && c.VerifiedAt == nil {
		now := u.Now
		c.VerifiedAt = &now
		if err := setupCompleted(u, o); err != nil {
			return nil, err
		}
	}
	if err := u.Tx.PutDNSCheck(u.Ctx, c); err != nil {
		return nil, err
	}
	if found.Ownership {
		if err := routing.Prove(u, o); err != nil {
			return nil, err
		}
	}
	return c, useNewDKIMKeys(u, o, found.KeyPublished)
}

func setupCompleted(u *work.Unit, o *order.Order) error {
	k, err := u.CustomerOf(o)
	if err != nil {
		return err
	}
	if err := u.Emit(o, event.MailOrderSetupCompleted, event.NewSetupCompleted(o, k)); err != nil {
		return err
	}
	return u.Record(o.PartnerID, "mail_order.dns_verified", "order", o.ID, nil)
}

// RemindDNS puts an order's next check into the calendar.
func RemindDNS(u *work.Unit, o *order.Order) error {
	next, err := NextDNS(u, o)
	if err != nil {
		return err
	}
	return u.Remind(due.DNS, o.ID, o.PartnerID, next)
}

// NextDNS is when an order's domain is to be looked up again, or an old key of it
// destroyed; nil = never.
func NextDNS(u *work.Unit, o *order.Order) (*time.Time, error) {
	var waiting, destroy *time.Time
	if o.Serviceable {
		keys, err := u.Tx.DKIMKeys(u.Ctx, o.Domain)
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			if waits(k) {
				waiting = &k.CreatedAt
			}
			if t := destroyAt(k); t != nil && (destroy == nil || t.Before(*destroy)) {
				destroy = t
			}
		}
	}
	next := o.NextDNSCheck(u.Now, waiting)
	if destroy != nil && o.Live() && (next == nil || destroy.Before(*next)) {
		next = destroy
	}
	return next, nil
}

// CheckDueDNS does what the calendar asks for an order (T-26, 7.2). A look-up
// that fails is the fault, to be tried again, until there were enough attempts.
func (s *Service) CheckDueDNS(ctx context.Context, actor audit.Actor, item due.Item) error {
	if err := work.CheckOperator(actor); err != nil {
		return err
	}
	l, err := s.lookup(ctx, actor, work.OrderRef{ID: item.ObjectID})
	if fault.Is(err, fault.OrderNotFound) {
		return s.endDNSChecks(ctx, actor, item.ObjectID)
	}
	if err != nil {
		return err
	}
	var found *dnsrecord.Found
	asked := !l.sandbox || l.given != nil // a sandbox does not bother the real DNS by itself
	if asked {
		if found, err = s.checkDNS(ctx, l); err != nil && (ctx.Err() != nil || item.Attempts+1 < maxDueAttempts) {
			return err
		}
	}
	err = s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(work.OrderRef{ID: l.orderID}, work.OpVerifyDNS)
		if err != nil {
			return err
		}
		if found != nil {
			if _, err := keepDNSCheck(u, o, found); err != nil {
				return err
			}
		}
		if asked {
			if err := tellDNSProblem(u, o, l.want, found); err != nil {
				return err
			}
		}
		if err := destroyOldDKIMKeys(u, o); err != nil {
			return err
		}
		return RemindDNS(u, o)
	})
	if fault.Is(err, fault.OrderNotFound) {
		return s.endDNSChecks(ctx, actor, item.ObjectID)
	}
	return err
}

// endDNSChecks takes an order out of the calendar that is not live any more.
func (s *Service) endDNSChecks(ctx context.Context, actor audit.Actor, orderID int64) error {
	return s.Write(ctx, actor, func(u *work.Unit) error {
		_, err := u.Order(work.OrderRef{ID: orderID}, work.OpVerifyDNS)
		if fault.Is(err, fault.OrderNotFound) {
			return u.Tx.ClearDue(u.Ctx, due.DNS, orderID)
		}
		return err // it came back; the item stays
	})
}

// tellDNSProblem writes to the customer, once, when the second check after the
// order was made, or a later one, has not found MX and SPF right, now or ever.
func tellDNSProblem(u *work.Unit, o *order.Order, want dnsrecord.Expected, found *dnsrecord.Found) error {
	if u.Now.Before(o.CreatedAt.Add(order.SecondDNSCheck)) || o.PendingPayment || o.MailService == order.ServiceLocal {
		return nil
	}
	c, err := u.Tx.DNSCheck(u.Ctx, o.ID)
	if err != nil {
		return err
	}
	if c == nil {
		c = &work.DNSCheck{OrderID: o.ID, CheckedAt: u.Now}
	}
	if c.VerifiedAt != nil || c.ToldAt != nil {
		return nil
	}
	now := u.Now
	c.ToldAt = &now
	if err := u.Tx.PutDNSCheck(u.Ctx, c); err != nil {
		return err
	}
	if found == nil {
		found = &dnsrecord.Found{}
	}
	k, err := u.CustomerOf(o)
	if err != nil {
		return err
	}
	var reseller int64
	if o.ResellerID != nil {
		reseller = *o.ResellerID
	}
	locale := o.Locale
	if locale == "" {
		locale = k.Locale
	}
	contact, err := u.Tx.OrderContact(u.Ctx, o.ID)
	if err != nil {
		return err
	}
	to, fallback := k.Email, k.AlternateEmail
	if contact != "" {
		to, fallback = contact, k.Email
	}
	return u.Notify(notice.Notice{PartnerID: o.PartnerID, ResellerID: reseller, OrderID: o.ID, Kind: notice.DNSProblem,
		To: to, FallbackTo: fallback, Locale: locale}, notice.DNSProblemData{
		Domain: o.Domain, MXFound: found.MX, MXExpected: want.MX, SPFFound: found.SPF, SPFExpected: []string{want.SPF()},
	}, "")
}
