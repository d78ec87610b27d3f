// Package price is price lists: what a figure is for, and what an invoice comes
// to (resellerclub.md sections 8 and 13, R-10, R-11, R-27).
package price

import (
	"slices"
	"strconv"
	"strings"

	"github.com/govalues/decimal"

	"posthouse/internal/core/product"
	"posthouse/internal/fault"
)

// Action is what a figure is for; a wire name.
type Action string

// The actions.
const (
	Add   Action = "add"
	Renew Action = "renew"
)

// Actions are both, in the order of files and replies.
var Actions = []Action{Add, Renew}

// Question asks for one figure: per account per month at a tenure.
type Question struct {
	Product product.Key
	PlanID  int // of products sold by plans
	Seats   int // total after the action: chooses the slab
	Action  Action
	Months  int // the tenure
}

// Figure is the answer, never rounded.
type Figure struct {
	Currency string
	PerMonth decimal.Decimal
}

// Audience is whom a list is for; a wire name of files.
type Audience string

// The audiences.
const (
	Customers Audience = "customers"
	Resellers Audience = "resellers"
)

// List names a price list: what an issuer takes from all its customers or
// sub-resellers, or instead from a single one.
type List struct {
	PartnerID int64
	IssuerID  int64 // reseller.Reseller.ID; 0 = the platform, towards the partner's root
	Audience  Audience
	PartyID   int64 // customer or reseller whose own figures these are; 0 = everyone's
}

// Item is what one figure is for. Unit is a slab in its wire form ("1-5"), or
// the id of a plan ("1762") of a product sold by plans.
type Item struct {
	Product product.Key
	Unit    string
	Action  Action
	Months  int
}

// Row is one line of a list. Every list is in the issuer's selling currency;
// the platform's in the root's accounting currency.
type Row struct {
	Item
	Figure decimal.Decimal
}

// Bounds of a figure.
const (
	maxPlaces = 6
	maxFigure = 1_000_000
)

var (
	errFigureForm   = fault.New(fault.Invalid, "The price is not a decimal number").WithReason("PRICE")
	errFigureSign   = fault.New(fault.Invalid, "The price is negative").WithReason("PRICE")
	errFigurePlaces = fault.Newf(fault.Invalid, "The price has more than %d decimal places", maxPlaces).WithReason("PRICE")
	errFigureLarge  = fault.Newf(fault.Invalid, "The price is more than %d", maxFigure).WithReason("PRICE")
)

// ParseFigure reads a price such as "0.35". Only digits and a point are taken,
// so that a figure is printed as it was written but for zeros at its end.
func ParseFigure(s string) (decimal.Decimal, error) {
	if strings.HasPrefix(s, "-") {
		return decimal.Decimal{}, errFigureSign
	}
	whole, frac, point := strings.Cut(s, ".")
	if whole == "" || point && frac == "" || strings.Trim(whole+frac, "0123456789") != "" {
		return decimal.Decimal{}, errFigureForm
	}
	if frac = strings.TrimRight(frac, "0"); len(frac) > maxPlaces {
		return decimal.Decimal{}, errFigurePlaces
	}
	if whole = strings.TrimLeft(whole, "0"); len(whole) > len(strconv.Itoa(maxFigure)) {
		return decimal.Decimal{}, errFigureLarge
	}
	d, err := decimal.Parse("0" + whole + "." + frac + "0")
	if err != nil {
		return decimal.Decimal{}, errFigureForm
	}
	d = d.Trim(0)
	if d.Cmp(decimal.MustNew(maxFigure, 0)) > 0 {
		return decimal.Decimal{}, errFigureLarge
	}
	return d, nil
}

// Check refuses an item that nothing can be sold by.
func (i Item) Check() error {
	p, ok := product.Find(i.Product)
	if !ok {
		return fault.Newf(fault.Invalid, "There is no product %q", clip(string(i.Product))).WithReason("PRODUCT")
	}
	if !slices.Contains(Units(p), i.Unit) {
		kind := "slab"
		if len(p.Slabs) == 0 {
			kind = "plan"
		}
		return fault.Newf(fault.Invalid, "%s has no %s %q", p.Key, kind, clip(i.Unit)).WithReason("UNIT")
	}
	if !slices.Contains(Actions, i.Action) {
		return fault.Newf(fault.Invalid, "There is no price action %q", clip(string(i.Action))).WithReason("ACTION")
	}
	if !slices.Contains(product.Tenures, i.Months) {
		return fault.Newf(fault.Invalid, "There is no tenure of %d months", i.Months).WithReason("TENURE")
	}
	return nil
}

// clip keeps a foreign text in a message short.
func clip(s string) string {
	const most = 40
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "..."
	}
	return strings.ToValidUTF8(s, "?")
}

// Units are what a product is priced by: its slabs, else its plans.
func Units(p product.Product) []string {
	out := make([]string, 0, len(p.Slabs)+len(p.Plans))
	for _, s := range p.Slabs {
		out = append(out, s.String())
	}
	for _, l := range p.Plans {
		out = append(out, strconv.Itoa(l.ID))
	}
	return out
}

// Item gives what a question asks the figure of; false when nothing of the kind
// is sold: seats out of every slab, a plan of another product.
func (q Question) Item() (Item, bool) {
	p, ok := product.Find(q.Product)
	if !ok {
		return Item{}, false
	}
	i := Item{Product: q.Product, Action: q.Action, Months: q.Months}
	if len(p.Slabs) > 0 {
		s, ok := p.Slab(q.Seats)
		if !ok {
			return Item{}, false
		}
		i.Unit = s.String()
	} else {
		if _, ok := p.PlanByID(q.PlanID); !ok {
			return Item{}, false
		}
		i.Unit = strconv.Itoa(q.PlanID)
	}
	return i, i.Check() == nil
}

// Sort brings rows into the order of the catalogue: product, unit, action, tenure.
func Sort(rows []Row) {
	at := map[Item]int{}
	for _, p := range product.All() {
		for _, u := range Units(p) {
			for _, a := range Actions {
				for _, m := range product.Tenures {
					at[Item{p.Key, u, a, m}] = len(at)
				}
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b Row) int { return at[a.Item] - at[b.Item] })
}

// Override gives a list with the figures of single ones in place of its own.
func Override(list, single []Row) []Row {
	out := slices.Clone(list)
	for _, s := range single {
		if i := slices.IndexFunc(out, func(r Row) bool { return r.Item == s.Item }); i >= 0 {
			out[i] = s
		} else {
			out = append(out, s)
		}
	}
	Sort(out)
	return out
}
