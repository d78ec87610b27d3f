package selling

import (
	"context"

	"posthouse/internal/core/action"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/work"
	"posthouse/internal/money"
)

// ChangeOrderPlan is a call of resellerclub.md section 15.
type ChangeOrderPlan struct {
	Order    SoldOrderRef
	PlanID   int
	Months   int // what a trial becomes is bought for; else the end stays
	Option   action.InvoiceOption
	Discount money.Value
}

// ChangeOrderPlan buys a higher plan for the rest of the running time; a trial
// begins anew.
func (s *Service) ChangeOrderPlan(ctx context.Context, actor audit.Actor, cmd ChangeOrderPlan) (*Purchased, error) {
	if err := checkOption(cmd.Option); err != nil {
		return nil, err
	}
	var out *Purchased
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		o, c, err := changing(u, cmd.Order)
		if err != nil {
			return err
		}
		if _, err := changesTo(u, o, cmd.PlanID); err != nil {
			return err
		}
		ch := action.Change{Type: action.ChangePlan, PlanID: cmd.PlanID}
		if !u.Platform.Catalogue[o.Plan].Paid {
			if err := tenureFits(cmd.Months); err != nil {
				return err
			}
			ch.Months = cmd.Months
		}
		out, err = Buy(u, Purchase{Order: o, Customer: c, Option: cmd.Option, discount: cmd.Discount, Change: ch})
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
