package reselling

import (
	"cmp"
	"context"
	"net/netip"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/product"
	"posthouse/internal/core/reseller"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

// CreateReseller makes a node of a partner's tree. Currencies are chosen here for
// good: prices and ledgers are in them.
type CreateReseller struct {
	PartnerID          int64 // a partner's and a reseller's own call may leave it out
	ParentID           int64 // 0 = whoever acts; of a partner its root; of the operator this makes the root
	Username           string
	Password           string // for auth-password; "" = none
	Profile            reseller.Profile
	Test               bool
	Funds              reseller.Funds // "" = postpaid
	SellingCurrency    string         // "" = the parent's; of a root the partner's
	AccountingCurrency string         // "" = SellingCurrency
	ConversionRate     string         // "" = 1, which only two equal currencies have
	TaxName            string
	TaxRate            string // per cent
	AllowedNetworks    []netip.Prefix
	Products           []product.Key // nil = all of the parent's
	NoKey              bool          // it calls with its password until it is given one
}

// resellerKeyLen is the length of an API key in alphanumeric characters.
const resellerKeyLen = 32

var (
	errRootExists = fault.New(fault.Conflict, "The partner has a root reseller already").WithReason("ROOT_EXISTS")
	errTreeDepth  = fault.Newf(fault.Forbidden, "A tree has at most %d levels", reseller.MaxDepth).WithReason("TREE_DEPTH")

	errRateNeeded = fault.New(fault.Invalid, "Two currencies need a conversion rate, and one currency has the rate 1").WithReason("RATE")
)

// CreateReseller gives the reseller and its first API key, which is shown only
// here; "" with NoKey. A reseller makes those below it.
func (s *Service) CreateReseller(ctx context.Context, actor audit.Actor, cmd CreateReseller) (*reseller.Reseller, string, error) {
	if err := cmd.Check(); err != nil {
		return nil, "", err
	}
	hash := ""
	if cmd.Password != "" {
		var f work.Fields
		if f.CustomerPassword(cmd.Password); f.Err != nil { // R-18 for resellers too
			return nil, "", f.Err
		}
		var err error
		if hash, err = s.Hasher.Hash(ctx, cmd.Password); err != nil {
			return nil, "", err
		}
	}
	var r *reseller.Reseller
	var raw string
	err := s.Write(ctx, actor, func(u *work.Unit) (err error) {
		r, raw, err = InsertReseller(u, cmd, hash)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return r, raw, nil
}

// InsertReseller is CreateReseller with a command that was checked.
func InsertReseller(u *work.Unit, cmd CreateReseller, hash string) (r *reseller.Reseller, raw string, err error) {
	p, parent, err := placeReseller(u, cmd)
	if err != nil {
		return nil, "", err
	}
	r = &reseller.Reseller{
		PartnerID: p.ID, Username: cmd.Username, PasswordHash: hash, Profile: cmd.Profile, Status: reseller.Active, Test: cmd.Test, Funds: cmd.Funds,
		SellingCurrency: tenancy.Currency(u, p, cmd.SellingCurrency), AccountingCurrency: cmd.AccountingCurrency, ConversionRate: cmd.ConversionRate,
		TaxName: cmd.TaxName, TaxRate: cmd.TaxRate, AllowedNetworks: cmd.AllowedNetworks, CreatedAt: u.Real, UpdatedAt: u.Real,
	}
	if parent != nil {
		r.ParentID, r.Path = parent.ID, parent.Path
		if cmd.SellingCurrency == "" {
			r.SellingCurrency = parent.SellingCurrency
		}
	}
	if err := FillReseller(r, parent, cmd.Products); err != nil {
		return nil, "", err
	}
	if taken, err := u.Tx.ResellerByUsername(u.Ctx, p.ID, r.Username); err != nil || taken != nil {
		return nil, "", cmp.Or(err, error(work.ErrUsernameExists))
	}
	if err := u.Tx.InsertReseller(u.Ctx, r); err != nil {
		return nil, "", err
	}
	if !cmd.NoKey {
		if _, raw, err = addResellerKey(u, r, nil); err != nil {
			return nil, "", err
		}
	}
	return r, raw, u.Record(p.ID, "reseller.create", "reseller", r.ID, work.Detail{
		"parent": r.ParentID, "username": r.Username, "currency": r.SellingCurrency, "test": r.Test, "funds": r.Funds, "products": r.Products,
	})
}

// Check reads the command in place.
func (cmd *CreateReseller) Check() error {
	var f work.Fields
	cmd.Username = ResellerName(&f, cmd.Username)
	cmd.Profile = resellerProfile(&f, cmd.Profile)
	cmd.SellingCurrency, cmd.AccountingCurrency = f.Currency(cmd.SellingCurrency), f.Currency(cmd.AccountingCurrency)
	cmd.TaxName = f.Line("tax name", cmd.TaxName, maxTaxName)
	cmd.AllowedNetworks = tenancy.Networks(&f, cmd.AllowedNetworks)
	var err error
	if cmd.ConversionRate != "" {
		cmd.ConversionRate, err = reseller.ParseRate(cmd.ConversionRate)
		if err != nil {
			f.Fail(err)
		}
	}
	if cmd.TaxRate, err = reseller.ParseTaxRate(cmd.TaxRate); err != nil {
		f.Fail(err)
	}
	if cmd.Funds != "" && !cmd.Funds.Valid() {
		f.Failf("The way of funds is unknown")
	}
	return f.Err
}

// placeReseller gives whose tree it is, and who is above; nil for a root, which
// only the operator makes.
func placeReseller(u *work.Unit, cmd CreateReseller) (*partner.Partner, *reseller.Reseller, error) {
	if u.Actor.PartnerID == 0 && cmd.ParentID == 0 {
		p, err := u.Partner(cmd.PartnerID)
		if err != nil {
			return nil, nil, err
		}
		if root, err := u.Tx.RootReseller(u.Ctx, p.ID); err != nil || root != nil {
			return nil, nil, cmp.Or(err, error(errRootExists))
		}
		return p, nil, u.Enter(p.ID)
	}
	parent, err := pricing.Issuer(u, cmd.ParentID)
	switch {
	case err != nil:
		return nil, nil, err
	case cmd.PartnerID != 0 && cmd.PartnerID != parent.PartnerID:
		return nil, nil, work.ErrReseller
	case work.Borrowed(u.Actor) && u.Actor.Limit.ResellerID == 0:
		return nil, nil, errOwnAccount
	case parent.Depth() >= reseller.MaxDepth:
		return nil, nil, errTreeDepth
	}
	p, err := u.Partner(parent.PartnerID)
	return p, parent, err
}

// FillReseller sets what was left out.
func FillReseller(r, parent *reseller.Reseller, keys []product.Key) (err error) {
	if r.Funds == "" {
		r.Funds = reseller.Postpaid
	}
	if r.AccountingCurrency == "" {
		r.AccountingCurrency = r.SellingCurrency
	}
	if r.ConversionRate == "" {
		r.ConversionRate = "1"
		if r.AccountingCurrency != r.SellingCurrency {
			return errRateNeeded
		}
	}
	if err := checkRate(r); err != nil {
		return err
	}
	offered := offeredBy(parent)
	if keys == nil {
		keys = offered
	}
	r.Products, err = reseller.CheckProducts(keys, offered)
	return err
}

func checkRate(r *reseller.Reseller) error {
	if r.AccountingCurrency == r.SellingCurrency && r.ConversionRate != "1" {
		return errRateNeeded
	}
	return nil
}

// offeredBy are the products that one below parent may sign up for; nil is the platform.
func offeredBy(parent *reseller.Reseller) []product.Key {
	if parent != nil {
		return parent.Products
	}
	var out []product.Key
	for _, p := range product.All() {
		out = append(out, p.Key)
	}
	return out
}

// addResellerKey makes a key and gives its raw form.
func addResellerKey(u *work.Unit, r *reseller.Reseller, expires *time.Time) (*reseller.Key, string, error) {
	raw, err := secret.Alphanumeric(u.Platform.Random, resellerKeyLen)
	if err != nil {
		return nil, "", err
	}
	k := &reseller.Key{ResellerID: r.ID, LookupHash: secret.Hash(raw), Hint: secret.Hint(raw), CreatedAt: u.Real, ExpiresAt: expires}
	if err := u.Tx.InsertResellerKey(u.Ctx, k); err != nil {
		return nil, "", err
	}
	return k, raw, u.Record(r.PartnerID, "reseller.add_key", "reseller", r.ID, work.Detail{"key": k.ID, "hint": k.Hint})
}
