package provision

import (
	"context"
	"regexp"
	"regexp/syntax"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/price"
)

// CustomerFigure and CostFigure are what purchases ask.
func (s *Service) CustomerFigure(ctx context.Context, actor audit.Actor, customerID int64, q price.Question) (f price.Figure, err error) {
	err = s.read(ctx, actor, func(u *unit) error {
		c, err := u.customer(customerID)
		if err != nil {
			return err
		}
		f, err = u.customerFigure(c, q)
		return err
	})
	return f, err
}

func (s *Service) CostFigure(ctx context.Context, actor audit.Actor, resellerID int64, q price.Question) (f price.Figure, err error) {
	err = s.read(ctx, actor, func(u *unit) error {
		r, err := u.reseller(resellerID)
		if err != nil {
			return err
		}
		f, err = u.costFigure(r, q)
		return err
	})
	return f, err
}

// SuspendedByParent is orderSuspendedByParent.
func (s *Service) SuspendedByParent(ctx context.Context, actor audit.Actor, ref OrderRef) (out bool, err error) {
	err = s.read(ctx, actor, func(u *unit) error {
		o, err := u.order(ref, opRead)
		if err != nil {
			return err
		}
		out, err = u.suspendedByParent(o)
		return err
	})
	return out, err
}

// CompilePattern gives what a search matches with, and how many instructions it has.
func CompilePattern(p string) (*regexp.Regexp, int, error) {
	r, err := compilePattern(p)
	if r == nil || err != nil {
		return nil, 0, err
	}
	tree, err := syntax.Parse(r.String(), syntax.Perl)
	if err != nil {
		return nil, 0, err
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, 0, err
	}
	return r, len(program.Inst), nil
}

// BeginMailService is beginMailService.
func (s *Service) BeginMailService(ctx context.Context, actor audit.Actor, ref OrderRef) error {
	return s.write(ctx, actor, func(u *unit) error {
		o, err := u.order(ref, opRead)
		if err != nil {
			return err
		}
		return u.beginMailService(o)
	})
}
