package ordering

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/billing"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/dnssetup"
	"posthouse/internal/core/event"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/order"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/product"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/ticket"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

// CreateMailOrder is titan.md operation 2. Empty strings and nil pointers are
// absent fields.
type CreateMailOrder struct {
	Domain           string
	PartnerOrderID   string
	Customer         work.CustomerProfile
	CustomerPassword string // panel password
	Plan             plan.Plan
	Seats            *int
	ResellerID       *int64
	Expiry           *time.Time // 00:00 UTC of expiryDate
	Payment          billing.PaymentDetails
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
	Account    *mailboxes.CreatedAccount // nil without FirstAccount, or when an existing order has no such live account
}

// NewOrder is a checked CreateMailOrder; the last three are of orders that are sold.
type NewOrder struct {
	CreateMailOrder

	SeatCount int
	first     *mailboxes.NewAccount
	panel     string // hash of the panel password

	Product   product.Key // "" = made in a dialect without products
	Tenure    int         // months that were bought
	AutoRenew bool
}

// checkNewOrder applies every rule that needs no look-up. It works on a copy.
func (s *Service) checkNewOrder(cmd CreateMailOrder) (*NewOrder, error) {
	domain, err := s.OrderDomain(cmd.Domain)
	if err != nil {
		return nil, err
	}
	n := &NewOrder{CreateMailOrder: cmd}
	n.Domain = domain
	var f work.Fields
	n.PartnerOrderID = f.Line("order id", n.PartnerOrderID, work.MaxID)
	profile(&f, &n.Customer)
	f.Plan(s.Catalogue, n.Plan)
	cycle(&f, n.BillingCycle)
	source(&f, n.Source)
	payment(&f, &n.Payment)
	n.Locale = f.Line("locale", n.Locale, work.MaxFreeText)
	n.SourceContext = f.Line("source context", n.SourceContext, work.MaxFreeText)
	n.Expiry = expiry(&f, n.Expiry)
	if n.MailService != "" && !n.MailService.Valid() {
		f.Failf("The mail service is unknown")
	}
	if n.BillingOwner != nil && *n.BillingOwner != partner.BilledByPartner && *n.BillingOwner != partner.BilledByPlatform {
		f.Failf("The billing owner is unknown")
	}
	terms := s.Catalogue[n.Plan]
	if f.Err == nil && n.Expiry == nil && NeedsExpiry(terms) {
		f.Failf("An expiry date is required on paid and trial plans")
	}
	switch {
	case n.Seats != nil:
		n.SeatCount = *n.Seats
	case terms.Paid:
		f.Failf("The number of accounts is required on paid plans")
	default:
		n.SeatCount = terms.DefaultSeats
	}
	if f.Err != nil {
		return nil, f.Err
	}
	if err := order.CheckSeats(n.SeatCount); err != nil {
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
func checkFirstAccount(a *FirstAccount, domain string) (*mailboxes.NewAccount, error) {
	if a.Password == "" {
		return nil, fault.New(fault.Invalid, "The first email account needs a password")
	}
	n, err := mailboxes.CheckNewAccount(mailboxes.CreateEmailAccount{
		Email: a.Email, Name: a.Name, FirstName: a.FirstName, LastName: a.LastName, AlternateEmail: a.AlternateEmail,
		Password: a.Password, IsAdmin: a.IsAdmin == nil || *a.IsAdmin, WantLoginToken: a.WantLoginToken,
	})
	if err != nil {
		return nil, err
	}
	return n, n.Locate(domain)
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
		if errors.Is(err, mailboxes.ErrOvertaken) && attempt < mailboxes.MaxAttempts {
			continue
		}
		return out, err
	}
}

func (s *Service) createMailOrder(ctx context.Context, actor audit.Actor, n *NewOrder) (*CreatedOrder, error) {
	var out *CreatedOrder
	err := s.Read(ctx, actor, func(u *work.Unit) (err error) {
		out, err = existingOrder(u, n)
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
	err = s.Write(ctx, actor, func(u *work.Unit) (err error) {
		out, err = createOrder(u, n)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// hashNewOrder does the slow part outside of any transaction.
func (s *Service) hashNewOrder(ctx context.Context, n *NewOrder) (err error) {
	if n.CustomerPassword != "" && n.panel == "" {
		if n.panel, err = s.Hasher.Hash(ctx, n.CustomerPassword); err != nil {
			return err
		}
	}
	if n.first != nil && n.first.Hash == "" {
		n.first.Hash, err = s.Hasher.Hash(ctx, n.first.Password)
	}
	return err
}

// existingOrder answers a repeat; nil when the domain is free for the partner.
func existingOrder(u *work.Unit, n *NewOrder) (*CreatedOrder, error) {
	if u.Actor.PartnerID == 0 {
		return nil, fault.New(fault.Invalid, "An order is made for a partner")
	}
	p, err := u.Partner(u.Actor.PartnerID)
	if err != nil {
		return nil, err
	}
	terms := u.Platform.Catalogue[n.Plan]
	if terms.Paid && n.Payment.Charged == nil && !n.AwaitingPayment && !p.Settings.ChargedAmountOptional {
		return nil, work.ErrChargedAmount // T-47
	}
	o, err := u.LiveSibling(p.ID, n.Domain)
	if o == nil || err != nil {
		return nil, err
	}
	c, err := u.CustomerOf(o)
	if err != nil {
		return nil, err
	}
	if c.CustomerID != n.Customer.CustomerID || order.HostName(c.ServerHost) != work.ServerHost(p, n.Customer.ServerHost, n.Metadata) {
		return nil, work.ErrOrderExists
	}
	out := &CreatedOrder{OrderID: o.ID, CustomerID: c.ID, Status: o.Status(u.Now), Existing: true}
	if n.first == nil {
		return out, nil
	}
	held, err := u.Tx.Address(u.Ctx, o.ID, n.first.Local)
	if err != nil {
		return nil, err
	}
	if held != nil && held.Kind == account.KindAccount {
		out.Account = &mailboxes.CreatedAccount{AccountID: held.AccountID, OrderID: o.ID, Email: n.first.Local + "@" + o.Domain, Existing: true}
	}
	return out, nil
}

// createOrder is the write transaction: everything is looked at again.
func createOrder(u *work.Unit, n *NewOrder) (*CreatedOrder, error) {
	out, err := existingOrder(u, n)
	if err != nil {
		return nil, err
	}
	if out != nil {
		if out.Account != nil && n.first.WantLoginToken {
			out.Account.LoginToken, err = ticket.IssueLoginToken(u, out.Account.AccountID)
		}
		return out, err
	}
	if n.first != nil && n.first.Hash == "" {
		return nil, mailboxes.ErrOvertaken // the order that was there is gone since
	}
	p, err := u.Partner(u.Actor.PartnerID)
	if err != nil {
		return nil, err
	}
	c, err := u.NameCustomer(p, n.Customer, n.panel, n.Metadata)
	if err != nil {
		return nil, err
	}
	if c.Status != customer.Active {
		return nil, work.ErrCustomerInactive
	}
	o, err := InsertOrder(u, n, p, c)
	if err != nil {
		return nil, err
	}
	terms := u.Platform.Catalogue[o.Plan]
	out = &CreatedOrder{OrderID: o.ID, CustomerID: c.ID, Status: o.Status(u.Now)}
	if err := u.Emit(o, event.MailOrderCreated, event.NewOrderCreated(o, c, terms, u.Now)); err != nil {
		return nil, err
	}
	if n.first != nil {
		if out.Account, err = mailboxes.InsertAccount(u, o, c, n.first); err != nil {
			return nil, err
		}
	}
	if err := billing.BookPayment(u, o, order.ActionNewPurchase, n.Payment, terms.Paid && !o.PendingPayment); err != nil {
		return nil, err
	}
	if !n.NoWelcomeEmail && !p.Settings.NoSetupMail && !o.PendingPayment {
		if err := mailboxes.WelcomeOrder(u, o, c, n.first); err != nil {
			return nil, err
		}
	}
	return out, u.Record(p.ID, "mail_order.create", "order", o.ID, work.Detail{
		"domain": o.Domain, "plan": o.Plan, "seats": o.Seats, "customer": c.ID, "expiry": event.Date(o.ExpiresAt),
		"serviceable": o.Serviceable, "status": out.Status,
	})
}

// InsertOrder makes the order itself: no account, payment, event or audit record.
func InsertOrder(u *work.Unit, n *NewOrder, p *partner.Partner, c *customer.Customer) (*order.Order, error) {
	token, err := secret.Alphanumeric(u.Platform.Random, 32)
	if err != nil {
		return nil, err
	}
	serves := false
	if !n.AwaitingPayment { // the first order in service has the domain (7.2)
		if serves, err = routing.ClaimService(u, n.Domain, p.Sandbox); err != nil {
			return nil, err
		}
	}
	service, err := mailService(u, p.ID, n.MailService, n.Metadata)
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
		PartnerID: p.ID, CustomerID: c.ID, PartnerOrderID: n.PartnerOrderID, Domain: n.Domain, Plan: n.Plan, Seats: n.SeatCount,
		ResellerID: n.ResellerID, ExpiresAt: n.Expiry, BillingOwner: owner, BillingCycle: string(n.BillingCycle),
		Currency: tenancy.Currency(u, p, n.Payment.Currency), Source: string(n.Source), SourceContext: n.SourceContext,
		Locale: n.Locale, Metadata: n.Metadata, MailService: service, PendingPayment: n.AwaitingPayment,
		Serviceable: serves, OwnershipToken: token, CreatedAt: u.Now, UpdatedAt: u.Now,
		ProductKey: n.Product, Tenure: n.Tenure, AutoRenew: n.AutoRenew,
	}
	if err := packages.FollowSuspensionPackage(u, c, o); err != nil {
		return nil, err
	}
	if err := u.Tx.InsertOrder(u.Ctx, o); err != nil {
		return nil, err
	}
	if err := dnssetup.RemindDNS(u, o); err != nil {
		return nil, err
	}
	return o, joinHosting(u, o)
}
