package basekit

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/holders"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// holderActionCore is what happens to an account holder.
type holderActionCore interface {
	SuspendHolder(ctx context.Context, actor audit.Actor, ref int64) error
	UnsuspendHolder(ctx context.Context, actor audit.Actor, ref int64) error
	CancelHolder(ctx context.Context, actor audit.Actor, ref int64) error
	AnonymiseHolder(ctx context.Context, actor audit.Actor, ref int64) error
	OpenHolder(ctx context.Context, actor audit.Actor, cmd holders.OpenHolder) (*holders.HolderTicket, error)
	AuthenticateHolder(ctx context.Context, actor audit.Actor, cmd customers.AuthenticateCustomer) (*holders.HolderDetails, error)
	HolderNotes(ctx context.Context, actor audit.Actor, ref int64) ([]*work.HolderNote, error)
	AddHolderNote(ctx context.Context, actor audit.Actor, ref int64, note string) ([]*work.HolderNote, error)
	SearchHolders(ctx context.Context, actor audit.Actor, text string) ([]*holders.FoundHolder, error)
}

func holderActions() []*operation {
	act := func(path string, do func(holderActionCore, context.Context, audit.Actor, int64) error) *operation {
		return &operation{method: http.MethodPost, path: path, section: "6", status: http.StatusNoContent, serve: func(ctx context.Context, c *call, in *input) (any, error) {
			ref, err := in.pathRef("ref")
			if err != nil {
				return nil, err
			}
			return none{}, do(c.door.core, ctx, c.actor, ref)
		}}
	}
	return []*operation{
		act("/users/:ref/suspend", holderActionCore.SuspendHolder),
		act("/users/:ref/unsuspend", holderActionCore.UnsuspendHolder),
		act("/users/:ref/cancel", holderActionCore.CancelHolder),
		act("/users/:ref/anonymise", holderActionCore.AnonymiseHolder),
		{method: http.MethodPost, path: "/users/:ref/auto-login", section: "6", serve: autoLogin, params: []param{{"siteRef", "integer", false}}},
		{method: http.MethodGet, path: "/users/:ref/capabilities", section: "6", serve: holderCapabilities},
		{method: http.MethodGet, path: "/users/:ref/capability/:name", section: "6", serve: holderCapability},
		{method: http.MethodGet, path: "/users/:ref/notes", section: "6", serve: holderNotes},
		{method: http.MethodPost, path: "/users/:ref/notes", section: "6", status: http.StatusCreated, serve: addHolderNote, params: []param{{"note", "string", true}}},
		{method: http.MethodGet, path: "/search", section: "6", serve: searchHolders, params: []param{{"token", "string", true}}},
		{method: http.MethodPost, path: "/login", section: "2.1", asks: true, serve: loginHolder,
			params: []param{{"username", "string", true}, {"password", "string", true}, {"userType", "string", true}}},
	}
}

// flowPath is where door/web takes the ticket.
const flowPath = "/account/login"

// autoLogin gives an address that stays whole when a client appends "r=...".
func autoLogin(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	cmd := holders.OpenHolder{Ref: ref, OrderID: in.ref("siteRef"), APIUserID: c.caller.User.ID}
	if err := in.fault(); err != nil {
		return nil, err
	}
	t, err := c.door.core.OpenHolder(ctx, c.actor, cmd)
	if err != nil {
		return nil, err
	}
	query := url.Values{"hash": {t.Ticket}}
	if t.OrderID != 0 {
		query.Set("siteRef", strconv.FormatInt(t.OrderID, 10))
	}
	return object{"hash": t.Ticket, "flowUrl": cmp.Or(t.PanelURL, c.door.baseURL()) + flowPath + "?" + query.Encode() + "&"}, nil
}

func holderCapabilities(ctx context.Context, c *call, in *input) (any, error) {
	h, err := holderInPath(ctx, c, in)
	if err != nil {
		return nil, err
	}
	return object{"capabilities": h.Capabilities.Strings()}, nil
}

func holderCapability(ctx context.Context, c *call, in *input) (any, error) {
	h, err := holderInPath(ctx, c, in)
	if err != nil {
		return nil, err
	}
	value, known := h.Capabilities.Strings()[in.path["name"]]
	if !known {
		return nil, errNotFound
	}
	return object{"capability": value}, nil
}

func holderNotes(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	list, err := c.door.core.HolderNotes(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	return notesObject(c, list), nil
}

func addHolderNote(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	in.need("note")
	note := in.text("note")
	if err := in.fault(); err != nil {
		return nil, err
	}
	list, err := c.door.core.AddHolderNote(ctx, c.actor, ref, note)
	if err != nil {
		return nil, err
	}
	return notesObject(c, list), nil
}

func notesObject(c *call, list []*work.HolderNote) object {
	notes := make([]object, len(list))
	for i, n := range list {
		notes[i] = object{"ref": n.ID, "note": n.Note, "author": n.Author, "created": date(&n.CreatedAt, c.zone())}
	}
	return object{"notes": notes}
}

// searchHolders gives account holders, each with his sites.
func searchHolders(ctx context.Context, c *call, in *input) (any, error) {
	in.need("token")
	token := in.text("token")
	if err := in.fault(); err != nil {
		return nil, err
	}
	found, err := c.door.core.SearchHolders(ctx, c.actor, token)
	if err != nil {
		return nil, err
	}
	users := make([]object, len(found))
	for i, f := range found {
		sites := make([]object, len(f.Orders))
		for j, o := range f.Orders {
			sites[j] = siteObject(o)
		}
		users[i] = accountHolderObject(c, f.HolderDetails)
		users[i]["sites"] = sites
	}
	return object{"users": users}, nil
}

var errLogin = &wireFault{status: http.StatusUnauthorized, code: "unauthorized", message: "The user name or the password is wrong"}

// loginHolder is the log-in of 2.1 for account holders; others log in elsewhere.
func loginHolder(ctx context.Context, c *call, in *input) (any, error) {
	for _, name := range []string{"username", "password", "userType"} {
		in.need(name)
	}
	cmd := customers.AuthenticateCustomer{Username: in.text("username"), Password: in.text("password")}
	if kind := in.text("userType"); kind != "" && kind != "accountHolder" {
		in.fail("userType", ruleInvalid, "userType must be accountHolder")
	}
	if err := in.fault(); err != nil {
		return nil, err
	}
	h, err := c.door.core.AuthenticateHolder(ctx, c.actor, cmd)
	if fault.Is(err, fault.Unauthenticated) || fault.Is(err, fault.Forbidden) {
		out := *errLogin
		out.cause = err
		return nil, &out
	}
	if err != nil {
		return nil, err
	}
	return object{"accountHolder": accountHolderObject(c, h)}, nil
}
