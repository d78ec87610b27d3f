package provision

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/event"
	"posthouse/internal/core/order"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/product"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

// CustomerProfile names a customer and says what is known about it.
type CustomerProfile struct {
	CustomerID     string // the partner's own id; required
	Name           string
	Email          string
	AlternateEmail string
	Country        string // two letters
	Locale         string
	ServerHost     string // counts for server-scoped partners only (7.6)
}

// CreateMailOrder is titan.md operation 2. Empty strings and nil pointers are
// absent fields.
type CreateMailOrder struct {
	Domain           string
	PartnerOrderID   string
	Customer         CustomerProfile
	CustomerPassword string // panel password
	Plan             plan.Plan
	Seats            *int
	ResellerID       *int64
	Expiry           *time.Time // 00:00 UTC of expiryDate
	Payment          PaymentDetails
	BillingCycle     order.Cycle
	Locale           string
	Source           order.Source
	SourceContext    string
	Metadata         json.RawMessage
	FirstAccount     *FirstAccount
	MailService      order.MailService     // "" = the one chosen for its hosting account (operation 10), else titan
	BillingOwner     *partner.BillingOwner // nil = the partner's setting (T-14)
	AwaitingPayment  bool                  // makes a pending order (T-12); never for this dialect
	NoWelcomeEmail   bool                  // sendWelcomeEmail false
}

// FirstAccount is the mailbox made with an order; Email and Password are required.
type FirstAccount struct {
	Email          string
	Password       string
	Name           string
	FirstName      string
	LastName       string
	AlternateEmail string
	IsAdmin        *bool // nil = true
	WantLoginToken bool
}

// CreatedOrder is the result. Existing means that nothing was made: the order
// was there already (T-11).
type CreatedOrder struct {
	OrderID    int64
	CustomerID int64 // customer.Customer.ID
	Status     order.Status
	Existing   bool
	Account    *CreatedAccount // nil without FirstAccount, or when an existing order has no such live account
}

// newOrder is a checked CreateMailOrder.
type newOrder struct {
	CreateMailOrder
	seats int
	first *newAccount
	panel string // hash of the panel password

	product   product.Key // "" = made in a dialect without products
	tenure    int
	autoRenew bool
}

// checkNewOrder applies every rule that needs no look-up. It works on a copy.
func (s *Service) checkNewOrder(cmd CreateMailOrder) (*newOrder, error) {
	domain, err := s.orderDomain(cmd.Domain)
	if err != nil {
		return nil, err
	}
	n := &newOrder{CreateMailOrder: cmd}
	n.Domain = domain
	var f fields
	n.PartnerOrderID = f.line("order id", n.PartnerOrderID, maxID)
	f.profile(&n.Customer)
	f.plan(s.catalogue, n.Plan)
	f.cycle(n.BillingCycle)
	f.source(n.Source)
	f.payment(&n.Payment)
	n.Locale = f.line("locale", n.Locale, maxFreeText)
	n.SourceContext = f.line("source context", n.SourceContext, maxFreeText)
	n.Expiry = f.expiry(n.Expiry)
	if n.MailService != "" && !n.MailService.Valid() {
		f.failf("The mail service is unknown")
	}
	if n.BillingOwner != nil && *n.BillingOwner != partner.BilledByPartner && *n.BillingOwner != partner.BilledByPlatform {
		f.failf("The billing owner is unknown")
	}
	terms := s.catalogue[n.Plan]
	if f.err == nil && n.Expiry == nil && needsExpiry(terms) {
		f.failf("An expiry date is required on paid and trial plans")
	}
	switch {
	case n.Seats != nil:
		n.seats = *n.Seats
	case terms.Paid:
		f.failf("The number of accounts is required on paid plans")
	default:
		n.seats = terms.DefaultSeats
	}
	if f.err != nil {
		return nil, f.err
	}
	if err := order.CheckSeats(n.seats); err != nil {
		return nil, err
	}
	if n.Metadata, err = order.MergeMetadata(nil, n.Metadata); err != nil {
		return nil, err
	}
	if n.FirstAccount != nil {
		if n.first, err = checkFirstAccount(n.FirstAccount, domain); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// checkFirstAccount reads the mailbox that comes with an order; it is an admin by default.
func checkFirstAccount(a *FirstAccount, domain string) (*newAccount, error) {
	if a.Password == "" {
		return nil, fault.New(fault.Invalid, "The first email account needs a password")
	}
	n, err := checkNewAccount(CreateEmailAccount{
		Email: a.Email, Name: a.Name, FirstName: a.FirstName, LastName: a.LastName, AlternateEmail: a.AlternateEmail,
		Password: a.Password, IsAdmin: a.IsAdmin == nil || *a.IsAdmin, WantLoginToken: a.WantLoginToken,
	})
	if err != nil {
		return nil, err
	}
	return n, n.locate(domain)
}

// CreateMailOrder makes an order, its customer if new and its first account, all
// or nothing. A live order of the same customer for the domain is answered as it
// is (T-11).
func (s *Service) CreateMailOrder(ctx context.Context, actor audit.Actor, cmd CreateMailOrder) (*CreatedOrder, error) {
	n, err := s.checkNewOrder(cmd)
	if err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		out, err := s.createMailOrder(ctx, actor, n)
		if errors.Is(err, errOvertaken) && attempt < maxAttempts {
			continue
		}
		return out, err
	}
}

func (s *Service) createMailOrder(ctx context.Context, actor audit.Actor, n *newOrder) (*CreatedOrder, error) {
	var out *CreatedOrder
	err := s.read(ctx, actor, func(u *unit) (err error) {
		out, err = u.existingOrder(n)
		return err
	})
	if err != nil {
		return nil, err
	}
	if out != nil && (out.Account == nil || !n.first.WantLoginToken) {
		return out, nil
	}
	if out == nil { // what is there already costs no password hash
		if err := s.hashNewOrder(ctx, n); err != nil {
			return nil, err
		}
	}
	err = s.write(ctx, actor, func(u *unit) (err error) {
		out, err = u.createOrder(n)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// hashNewOrder does the slow part outside of any transaction.
func (s *Service) hashNewOrder(ctx context.Context, n *newOrder) (err error) {
	if n.CustomerPassword != "" && n.panel == "" {
		if n.panel, err = s.hasher.Hash(ctx, n.CustomerPassword); err != nil {
			return err
		}
	}
	if n.first != nil && n.first.hash == "" {
		n.first.hash, err = s.hasher.Hash(ctx, n.first.Password)
	}
	return err
}

// existingOrder answers a repeat; nil when the domain is free for the partner.
func (u *unit) existingOrder(n *newOrder) (*CreatedOrder, error) {
	if u.actor.PartnerID == 0 {
		return nil, fault.New(fault.Invalid, "An order is made for a partner")
	}
	p, err := u.partner(u.actor.PartnerID)
	if err != nil {
		return nil, err
	}
	terms := u.s.catalogue[n.Plan]
	if terms.Paid && n.Payment.Charged == nil && !n.AwaitingPayment && !p.Settings.ChargedAmountOptional {
		return nil, errChargedAmount // T-47
	}
	o, err := u.liveSibling(p.ID, n.Domain)
	if o == nil || err != nil {
		return nil, err
	}
	c, err := u.customerOf(o)
	if err != nil {
		return nil, err
	}
	if c.CustomerID != n.Customer.CustomerID || order.HostName(c.ServerHost) != serverHost(p, n.Customer.ServerHost, n.Metadata) {
		return nil, errOrderExists
	}
	out := &CreatedOrder{OrderID: o.ID, CustomerID: c.ID, Status: o.Status(u.now), Existing: true}
	if n.first == nil {
		return out, nil
	}
	held, err := u.tx.Address(u.ctx, o.ID, n.first.local)
	if err != nil {
		return nil, err
	}
	if held != nil && held.Kind == account.KindAccount {
		out.Account = &CreatedAccount{AccountID: held.AccountID, OrderID: o.ID, Email: n.first.local + "@" + o.Domain, Existing: true}
	}
	return out, nil
}

// createOrder is the write transaction: everything is looked at again.
func (u *unit) createOrder(n *newOrder) (*CreatedOrder, error) {
	out, err := u.existingOrder(n)
	if err != nil {
		return nil, err
	}
	if out != nil {
		if out.Account != nil && n.first.WantLoginToken {
			out.Account.LoginToken, err = u.issueLoginToken(out.Account.AccountID)
		}
		return out, err
	}
	if n.first != nil && n.first.hash == "" {
		return nil, errOvertaken // the order that was there is gone since
	}
	p, err := u.partner(u.actor.PartnerID)
	if err != nil {
		return nil, err
	}
	c, err := u.nameCustomer(p, n.Customer, n.panel, n.Metadata)
	if err != nil {
		return nil, err
	}
	if c.Status != customer.Active {
		return nil, errCustomerInactive
	}
	o, err := u.insertOrder(n, p, c)
	if err != nil {
		return nil, err
	}
	terms := u.s.catalogue[o.Plan]
	out = &CreatedOrder{OrderID: o.ID, CustomerID: c.ID, Status: o.Status(u.now)}
	if err := u.emit(o, event.MailOrderCreated, event.NewOrderCreated(o, c, terms, u.now)); err != nil {
		return nil, err
	}
	if n.first != nil {
		if out.Account, err = u.insertAccount(o, c, n.first); err != nil {
			return nil, err
		}
	}
	if err := u.book(o, order.ActionNewPurchase, n.Payment, terms.Paid && !o.PendingPayment); err != nil {
		return nil, err
	}
	if !n.NoWelcomeEmail && !p.Settings.NoSetupMail && !o.PendingPayment {
		if err := u.welcomeOrder(o, c, n.first); err != nil {
			return nil, err
		}
	}
	return out, u.record(p.ID, "mail_order.create", "order", o.ID, detail{
		"domain": o.Domain, "plan": o.Plan, "seats": o.Seats, "customer": c.ID, "expiry": event.Date(o.ExpiresAt),
		"serviceable": o.Serviceable, "status": out.Status,
	})
}

func (u *unit) insertOrder(n *newOrder, p *partner.Partner, c *customer.Customer) (*order.Order, error) {
	token, err := secret.Alphanumeric(u.s.random, 32)
	if err != nil {
		return nil, err
	}
	serves := false
	if !n.AwaitingPayment { // the first order in service has the domain (7.2)
		if serves, err = u.claimService(n.Domain, p.Sandbox); err != nil {
			return nil, err
		}
	}
	service, err := u.mailService(p.ID, n.MailService, n.Metadata)
	if err != nil {
		return nil, err
	}
	owner := p.Settings.BillingOwner
	if n.BillingOwner != nil {
		owner = *n.BillingOwner
	}
	if owner == "" {
		owner = partner.BilledByPartner
	}
	o := &order.Order{
		PartnerID: p.ID, CustomerID: c.ID, PartnerOrderID: n.PartnerOrderID, Domain: n.Domain, Plan: n.Plan, Seats: n.seats,
		ResellerID: n.ResellerID, ExpiresAt: n.Expiry, BillingOwner: owner, BillingCycle: string(n.BillingCycle),
		Currency: u.currency(p, n.Payment.Currency), Source: string(n.Source), SourceContext: n.SourceContext,
		Locale: n.Locale, Metadata: n.Metadata, MailService: service, PendingPayment: n.AwaitingPayment,
		Serviceable: serves, OwnershipToken: token, CreatedAt: u.now, UpdatedAt: u.now,
		ProductKey: n.product, Tenure: n.tenure, AutoRenew: n.autoRenew,
	}
	if err := u.followSuspensionPackage(c, o); err != nil {
		return nil, err
	}
	if err := u.tx.InsertOrder(u.ctx, o); err != nil {
		return nil, err
	}
	if err := u.remindDNS(o); err != nil {
		return nil, err
	}
	return o, u.joinHosting(o)
}

// currency is what an order's amounts are in.
func (u *unit) currency(p *partner.Partner, given string) string {
	switch {
	case given != "":
		return given
	case p.Settings.Currency != "":
		return p.Settings.Currency
	}
	return u.s.settings.DefaultCurrency
}
