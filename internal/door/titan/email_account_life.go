package titan

import (
	"context"

	"posthouse/internal/core/account"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/work"
)

// suspendEmailAccount is operation 27.
func suspendEmailAccount(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.account()
	if err != nil {
		return nil, err
	}
	_, err = c.door.core.SuspendEmailAccount(ctx, c.actor, mailboxes.SuspendEmailAccount{
		Account: ref, Type: in.text("suspensionType"), Note: in.text("note"),
	})
	if err != nil {
		return nil, err
	}
	return &answered{}, nil
}

type unsuspendedEmailAccount struct {
	answered
	NewStatus account.Status   `json:"newStatus"`
	Remaining []suspensionItem `json:"remainingSuspensions"`
}

// unsuspendEmailAccount is operation 28.
func unsuspendEmailAccount(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.account()
	if err != nil {
		return nil, err
	}
	st, err := c.door.core.UnsuspendEmailAccount(ctx, c.actor, mailboxes.UnsuspendEmailAccount{
		Account: ref, Type: in.text("suspensionType"), Note: in.text("note"),
	})
	if err != nil {
		return nil, err
	}
	return &unsuspendedEmailAccount{NewStatus: st.Status, Remaining: suspensionItems(st.Suspensions)}, nil
}

// deleteEmailAccount is operation 29.
func deleteEmailAccount(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.account()
	if err != nil {
		return nil, err
	}
	if _, err := c.door.core.DeleteEmailAccount(ctx, c.actor, mailboxes.DeleteEmailAccount{Account: ref, Reason: in.text("reason")}); err != nil {
		return nil, err
	}
	return &answered{}, nil
}

// reactivationFields name an account by its ids alone: a deleted one's address
// may be another's by now.
func reactivationFields(f ...Field) []Field {
	return withOrder(append([]Field{{Name: "titanAccountId", Kind: ID, Required: true}}, f...)...)
}

func (r *record) deletedAccount() (work.AccountRef, error) {
	ref, err := r.order()
	return work.AccountRef{Order: ref, AccountID: r.id("titanAccountId")}, err
}

type accountReactivation struct {
	answered
	Allowed bool    `json:"reactivationAllowed"`
	PurgeAt *string `json:"purgeAt,omitempty" kind:"date" note:"while deleted"`
	Reason  string  `json:"reason,omitempty" note:"only when not allowed"`
}

// checkEmailAccountReactivation is operation 37.
func checkEmailAccountReactivation(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.deletedAccount()
	if err != nil {
		return nil, err
	}
	r, err := c.door.core.EmailAccountReactivation(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	return &accountReactivation{Allowed: r.Allowed, PurgeAt: dayOrNull(r.PurgeAt), Reason: r.Reason}, nil
}

// reactivateEmailAccount is operation 38.
func reactivateEmailAccount(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.deletedAccount()
	if err != nil {
		return nil, err
	}
	_, err = c.door.core.ReactivateEmailAccount(ctx, c.actor, mailboxes.ReactivateEmailAccount{Account: ref, Reason: in.text("reason")})
	if err != nil {
		return nil, err
	}
	return &answered{}, nil
}
