package titan

import (
	"context"

	"posthouse/internal/core/mailboxes"
)

func aliasFields(f ...Field) []Field {
	return withOrder(append([]Field{{Name: "email", Kind: Name, Required: true}}, f...)...)
}

// addEmailAlias is operation 33.
func addEmailAlias(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.account()
	if err != nil {
		return nil, err
	}
	err = c.door.core.AddEmailAlias(ctx, c.actor, mailboxes.AddEmailAlias{
		Account: ref, Alias: in.text("alias"), DisplayName: in.textPtr("displayName"),
	})
	if err != nil {
		return nil, err
	}
	return &answered{}, nil
}

// removeEmailAlias is operation 34.
func removeEmailAlias(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.account()
	if err != nil {
		return nil, err
	}
	if err := c.door.core.RemoveEmailAliases(ctx, c.actor, mailboxes.RemoveEmailAliases{Account: ref, Aliases: in.names("aliases")}); err != nil {
		return nil, err
	}
	return &answered{}, nil
}

type aliasItem struct {
	Alias       string  `json:"alias"`
	DisplayName *string `json:"displayName"`
}

type emailAliases struct {
	answered
	Email   string      `json:"email"`
	Aliases []aliasItem `json:"aliases"`
}

// listEmailAlias is operation 35.
func listEmailAlias(ctx context.Context, c *call, in *record) (reply, error) {
	ref, err := in.account()
	if err != nil {
		return nil, err
	}
	d, err := c.door.core.EmailAliases(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	out := &emailAliases{Email: d.Account.Email(), Aliases: make([]aliasItem, 0, len(d.Account.Aliases))}
	for _, a := range d.Account.Aliases {
		if a.Held {
			out.Aliases = append(out.Aliases, aliasItem{Alias: a.Local + "@" + d.Account.Domain, DisplayName: orNull(a.DisplayName)})
		}
	}
	return out, nil
}
