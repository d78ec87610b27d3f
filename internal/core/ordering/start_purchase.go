package ordering

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/cart"
	"posthouse/internal/core/event"
	"posthouse/internal/core/locale"
	"posthouse/internal/core/order"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/jwt"
	"posthouse/internal/money"
	"posthouse/internal/secret"
)

// StartPurchase is a customer's way to the partner's payment page (R4, titan.md
// 9.4). Items become a cart where the partner takes carts; otherwise its page
// sees to what is bought.
type StartPurchase struct {
	Order  work.OrderRef
	Action cart.Action
	Items  []cart.Item
	Locale string
}

// Purchase is where to go.
type Purchase struct {
	URL        string
	TrackingID string // "" without a cart
}

// purchaseLife is how long the token in the URL is valid.
const purchaseLife = 15 * time.Minute

// paymentClaims are exactly those of titan.md 9.4.
type paymentClaims struct {
	OrderID      int64         `json:"titanOrderId"`
	Domain       string        `json:"domainName"`
	CustomerID   string        `json:"customerId"`
	Plan         string        `json:"planType"`
	Seats        int           `json:"noOfAccounts"`
	ExpiryDate   string        `json:"expiryDate"`
	Action       cart.Action   `json:"action"`
	TrackingID   string        `json:"trackingId,omitempty"`
	Currency     string        `json:"currency,omitempty"`
	ChargeAmount *money.Amount `json:"chargeAmount,omitempty"`
	IssuedAt     int64         `json:"iat"`
	ExpiresAt    int64         `json:"exp"`
}

var errNoPaymentPage = fault.New(fault.Conflict, "The partner has no payment page").WithReason("NO_PAYMENT_URL")

// StartPurchase makes the cart and the URL of the payment page with its token.
func (s *Service) StartPurchase(ctx context.Context, actor audit.Actor, cmd StartPurchase) (*Purchase, error) {
	if !cmd.Action.Valid() {
		return nil, fault.New(fault.Invalid, "The payment action is unknown")
	}
	if len(cmd.Items) > cart.MaxItems {
		return nil, fault.Newf(fault.Invalid, "A cart has at most %d items", cart.MaxItems)
	}
	for _, i := range cmd.Items {
		if err := i.Check(s.Catalogue); err != nil {
			return nil, err
		}
	}
	var out *Purchase
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, err := u.Order(cmd.Order, work.OpStartPurchase)
		if err != nil {
			return err
		}
		b, err := tenancy.BrandOf(u, o)
		if err != nil {
			return err
		}
		if b.PaymentURL == "" {
			return errNoPaymentPage
		}
		c, err := u.CustomerOf(o)
		if err != nil {
			return err
		}
		claims := paymentClaims{
			OrderID: o.ID, Domain: o.Domain, CustomerID: c.CustomerID, Plan: string(o.Plan), Seats: o.Seats, ExpiryDate: event.Date(o.ExpiresAt),
			Action: cmd.Action, IssuedAt: u.Real.Unix(), ExpiresAt: u.Real.Add(purchaseLife).Unix(),
		}
		if err := fillCart(u, o, &cmd, &claims); err != nil {
			return err
		}
		key, err := newestSigningKey(u, o.PartnerID)
		if err != nil {
			return err
		}
		token, err := jwt.Sign(claims, key)
		if err != nil {
			return err
		}
		to, err := paymentPage(b.PaymentURL, o, locale.Match(cmd.Locale).Tag, token)
		out = &Purchase{URL: to, TrackingID: claims.TrackingID}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// fillCart keeps what is bought, where the partner takes carts.
func fillCart(u *work.Unit, o *order.Order, cmd *StartPurchase, claims *paymentClaims) error {
	p, err := u.Partner(o.PartnerID)
	if err != nil || !p.Settings.Carts || len(cmd.Items) == 0 {
		return err
	}
	price, err := checkItems(u, o, cmd.Items)
	if err != nil {
		return err
	}
	id, err := secret.Alphanumeric(u.Platform.Random, 32)
	if err != nil {
		return err
	}
	k := &cart.Cart{
		TrackingID: id, PartnerID: o.PartnerID, OrderID: o.ID, Action: cmd.Action, Items: cmd.Items, Currency: o.Currency,
		CreatedAt: u.Now, ExpiresAt: u.Now.Add(u.Platform.Settings.CartLife),
	}
	if price != nil {
		k.Price = price.String()
	}
	if err := u.Tx.InsertCart(u.Ctx, k); err != nil {
		return err
	}
	claims.TrackingID, claims.Currency, claims.ChargeAmount = k.TrackingID, k.Currency, price
	return u.Record(o.PartnerID, "cart.create", "order", o.ID, work.Detail{"action": cmd.Action, "items": cmd.Items})
}

// checkItems refuses what can't be bought for this order, and gives the price
// when the catalogue has all of it.
func checkItems(u *work.Unit, o *order.Order, items []cart.Item) (*money.Amount, error) {
	products, err := u.Tx.AddonCatalogue(u.Ctx, o.PartnerID)
	if err != nil {
		return nil, err
	}
	var total money.Amount
	known := true
	seats, plans, renewals := o.Seats, 0, 0
	for _, i := range items {
		switch {
		case i.Accounts > 0:
			seats += i.Accounts
		case i.Plan != "":
			plans++
			if !u.Platform.Catalogue.Upgrades(o.Plan, i.Plan) {
				return nil, fault.New(fault.Conflict, "That is no upgrade of the present plan").WithReason("NOT_AN_UPGRADE")
			}
		case i.Renew != "":
			renewals++
		}
		if i.Addon == "" {
			known = false
			continue
		}
		product := sold(products, i.Addon, o)
		if product == nil {
			return nil, fault.New(fault.Invalid, "The add-on is not sold").WithReason("UNKNOWN_ADDON")
		}
		price, err := product.Price.Times(i.Quantity)
		if err == nil {
			total, err = total.Plus(price)
		}
		if err != nil {
			return nil, err
		}
	}
	if plans > 1 || renewals > 1 {
		return nil, fault.New(fault.Invalid, "A cart has one plan and one renewal at most")
	}
	if seats != o.Seats {
		if err := order.CheckSeats(seats); err != nil {
			return nil, err
		}
	}
	if !known {
		return nil, nil
	}
	return &total, nil
}

// sold finds an add-on in the order's currency, the one of its billing cycle first.
func sold(products []cart.Product, addon string, o *order.Order) *cart.Product {
	var found *cart.Product
	for i, p := range products {
		if p.Type != addon || p.Currency != o.Currency {
			continue
		}
		if string(p.BillingCycle) == o.BillingCycle {
			return &products[i]
		}
		if found == nil {
			found = &products[i]
		}
	}
	return found
}

// newestSigningKey gives the raw key that signs what we send to a partner.
func newestSigningKey(u *work.Unit, partnerID int64) ([]byte, error) {
	keys, err := u.Tx.Keys(u.Ctx, partnerID)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(keys, tenancy.NewestKeyFirst)
	for _, k := range keys {
		if k.ValidAt(u.Real) && k.Signs() {
			return u.Platform.Sealer.Open(k.Sealed, tenancy.KeyContext(partnerID))
		}
	}
	return nil, fault.New(fault.Conflict, "The partner has no valid key").WithReason("NO_KEY")
}

// paymentPage puts the placeholders' values, the path and the token into a
// partner's payment URL.
func paymentPage(base string, o *order.Order, locale, token string) (string, error) {
	id := o.PartnerOrderID
	if id == "" {
		id = strconv.FormatInt(o.ID, 10)
	}
	filled := strings.NewReplacer("{domain_name}", percentEncoded(o.Domain), "{order_id}", percentEncoded(id), "{locale}", percentEncoded(locale)).Replace(base)
	front, query, hasQuery := strings.Cut(filled, "?")
	to := strings.TrimRight(front, "/") + "/upgrade?"
	if hasQuery {
		to += query + "&"
	}
	to += "jwt=" + token
	if u, err := url.Parse(to); err != nil || u.Host == "" || u.Fragment != "" || (u.Scheme != "https" && u.Scheme != "http") {
		return "", &fault.Error{Code: fault.Conflict, Reason: errNoPaymentPage.Reason, Text: "The partner's payment URL is not valid", Cause: err}
	}
	return to, nil
}

// percentEncoded leaves the unreserved characters of RFC 3986 only, so that a
// value fits into a path and into a query.
func percentEncoded(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
