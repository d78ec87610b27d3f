package titan

import (
	"context"

	"posthouse/internal/core/routing"
	"posthouse/internal/core/work"
)

func forwarderFields(f ...Field) []Field {
	return withOrder(append([]Field{{Name: "email", Kind: Name, Required: true}}, f...)...)
}

func recipientsField() Field { return Field{Name: "recipients", Kind: Names, Required: true} }

// members reads what operations 42 to 44 have in common.
func (r *record) members() (routing.ForwarderMembers, error) {
	ref, err := r.forwarder()
	return routing.ForwarderMembers{Forwarder: ref, Recipients: r.names("recipients")}, err
}

func (r *record) forwarder() (work.ForwarderRef, error) {
	o, err := r.order()
	return work.ForwarderRef{Order: o, Email: r.text("email")}, err
}

// changesForwarder serves operations 42 to 44.
func changesForwarder(do func(context.Context, *call, routing.ForwarderMembers) error) func(context.Context, *call, *record) (reply, error) {
	return func(ctx context.Context, c *call, in *record) (reply, error) {
		cmd, err := in.members()
		if err != nil {
			return nil, err
		}
		if err := do(ctx, c, cmd); err != nil {
			return nil, err
		}
		return &answered{}, nil
	}
}

// createForwarder is operation 42.
func createForwarder(ctx context.Context, c *call, cmd routing.ForwarderMembers) error {
	return c.door.core.CreateForwarder(ctx, c.actor, cmd)
}

// addForwarderMembers is operation 43.
func addForwarderMembers(ctx context.Context, c *call, cmd routing.ForwarderMembers) error {
	return c.door.core.AddForwarderMembers(ctx, c.actor, cmd)
}

// removeForwarderMembers is operation 44.
func removeForwarderMembers(ctx context.Context, c *call, cmd routing.ForwarderMembers) error {
	return c.door.core.RemoveForwarderMembers(ctx, c.actor, cmd)
}

type forwarderInfo struct {
	answered
	Recipients []string `json:"recipients"`
}

// fetchForwarder is operation 45.
func fetchForwarder(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.forwarder()
	if err != nil {
		return nil, err
	}
	f, err := c.door.core.FetchForwarder(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	return &forwarderInfo{Recipients: f.Recipients()}, nil
}

type forwarderItem struct {
	Email      string   `json:"email"`
	Recipients []string `json:"recipients"`
}

type forwarders struct {
	answered
	Accounts []forwarderItem `json:"accounts"`
}

// listForwarders is operation 46.
func listForwarders(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.order()
	if err != nil {
		return nil, err
	}
	list, err := c.door.core.ListForwarders(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	out := &forwarders{Accounts: make([]forwarderItem, len(list))}
	for i, f := range list {
		out.Accounts[i] = forwarderItem{Email: f.Email(), Recipients: f.Recipients()}
	}
	return out, nil
}
