package pricing

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/price"
	"posthouse/internal/core/work"
)

// ImportPrices replaces a whole list by a file (price.Read).
type ImportPrices struct {
	List   PriceListRef
	File   []byte
	DryRun bool // only tell what it would change
}

// ImportedPrices is what an import changes, and the list as it is then.
type ImportedPrices struct {
	PriceList
	Added, Changed, Removed, Same int
}

// ImportPrices reads the file whole or not at all: what is wrong with it is told
// with line numbers.
func (s *Service) ImportPrices(ctx context.Context, actor audit.Actor, cmd ImportPrices) (*ImportedPrices, error) {
	var out *ImportedPrices
	run := s.Write
	if cmd.DryRun {
		run = s.Read
	}
	err := run(ctx, actor, func(u *work.Unit) error {
		was, err := priceList(u, cmd.List)
		if err != nil {
			return err
		}
		rows, err := price.Read(cmd.File, was.Currency)
		if err != nil {
			return err
		}
		out = compare(was.Rows, rows)
		out.PriceList = PriceList{List: was.List, Currency: was.Currency, Rows: rows}
		if cmd.DryRun || out.Added+out.Changed+out.Removed == 0 {
			return nil
		}
		if err := u.Tx.ClearPrices(u.Ctx, was.List); err != nil {
			return err
		}
		for _, r := range rows {
			if err := u.Tx.SetPrice(u.Ctx, was.List, r); err != nil {
				return err
			}
		}
		return u.Record(was.List.PartnerID, "price.import", "reseller", was.List.IssuerID, work.Detail{
			"audience": was.List.Audience, "party": was.List.PartyID, "added": out.Added, "changed": out.Changed, "removed": out.Removed, "same": out.Same,
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func compare(was, is []price.Row) *ImportedPrices {
	out := &ImportedPrices{}
	old := make(map[price.Item]price.Row, len(was))
	for _, r := range was {
		old[r.Item] = r
	}
	for _, r := range is {
		o, ok := old[r.Item]
		switch {
		case !ok:
			out.Added++
		case o.Figure.Cmp(r.Figure) == 0:
			out.Same++
		default:
			out.Changed++
		}
	}
	out.Removed = len(was) - out.Same - out.Changed
	return out
}

// ExportPrices gives a list as the file that ImportPrices takes.
func (s *Service) ExportPrices(ctx context.Context, actor audit.Actor, ref PriceListRef) ([]byte, error) {
	l, err := s.Prices(ctx, actor, ref)
	if err != nil {
		return nil, err
	}
	return price.Write(l.Rows, l.Currency), nil
}
