package basekit

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/holders"
	"posthouse/internal/fault"
)

// holderCore is section 6: account holders, who are customers.
type holderCore interface {
	AccountHolder(ctx context.Context, actor audit.Actor, ref int64) (*holders.HolderDetails, error)
	ListHolders(ctx context.Context, actor audit.Actor, q holders.ListHolders) (*holders.FoundHolders, error)
	CreateHolder(ctx context.Context, actor audit.Actor, cmd holders.CreateHolder) (*holders.HolderDetails, error)
	ModifyHolder(ctx context.Context, actor audit.Actor, cmd holders.ModifyHolder) (*holders.HolderDetails, error)
	DeleteHolder(ctx context.Context, actor audit.Actor, ref int64, hard bool) error
	holderActionCore
}

// profileParams are what POST and PUT of a user take alike.
func profileParams(required bool) []param {
	out := []param{
		{"firstName", "string", required}, {"lastName", "string", required}, {"username", "string", required}, {"password", "string", required}, {"email", "string", required},
	}
	for _, name := range []string{"languageCode", "address1", "address2", "city", "postcode", "state", "country", "countryCode", "company", "phoneNumber", "cpfNumber", "externalSystemId"} {
		out = append(out, param{name: name, kind: "string"})
	}
	for _, name := range []string{"currencyRef", "resellerRef", "accountPaymentMethodRef", "campaignRef"} {
		out = append(out, param{name: name, kind: "integer"})
	}
	for _, name := range []string{"newsletter", "beta", "cpfCompany", "entryFlowComplete"} {
		out = append(out, param{name: name, kind: "flag"})
	}
	return append(out, param{name: "metadata", kind: "object"}, param{name: "metricsSource", kind: "string"}, param{name: "metricsPath", kind: "string"})
}

// holderOperations are the rows of section 6, and the log-in of 2.1.
func holderOperations() []*operation {
	return append([]*operation{
		{method: http.MethodGet, path: "/users", section: "6", serve: listHolders, params: []param{
			{"limit", "integer", false}, {"offset", "integer", false}, {"showDeleted", "flag", false}, {"dateFrom", "date", false}, {"dateTo", "date", false},
			{"username", "string", false}, {"resellerRef", "integer", false},
		}},
		{method: http.MethodPost, path: "/users", section: "6", status: http.StatusCreated, serve: createHolder,
			params: append([]param{{"brandRef", "integer", true}}, profileParams(true)...)},
		{method: http.MethodGet, path: "/users/:ref", section: "6", serve: getHolder},
		{method: http.MethodPut, path: "/users/:ref", section: "6", serve: modifyHolder,
			params: append([]param{{"brandRef", "integer", false}, {"deleted", "flag", false}}, profileParams(false)...)},
		{method: http.MethodDelete, path: "/users/:ref", section: "6", status: http.StatusNoContent, serve: deleteHolder,
			params: []param{{"hard", "flag", false}, {"source", "string", false}}},
	}, holderActions()...)
}

func listHolders(ctx context.Context, c *call, in *input) (any, error) {
	q := holders.ListHolders{ResellerRef: in.ref("resellerRef")}
	q.Limit, q.Offset = in.page(20, holders.MaxHolders)
	q.Username = in.text("username")
	if show := in.flag("showDeleted"); show != nil {
		q.Deleted = *show
	}
	q.From, q.To = in.date("dateFrom", c.zone()), in.lastMoment("dateTo", c.zone())
	if err := in.fault(); err != nil {
		return nil, err
	}
	found, err := c.door.core.ListHolders(ctx, c.actor, q)
	if err != nil {
		return nil, err
	}
	list := make([]object, len(found.Page))
	for i, h := range found.Page {
		list[i] = accountHolderObject(c, h)
	}
	return object{"count": strconv.Itoa(found.Total), "accountHolders": list}, nil
}

// holderInPath gives the account holder that a path names.
func holderInPath(ctx context.Context, c *call, in *input) (*holders.HolderDetails, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	return c.door.core.AccountHolder(ctx, c.actor, ref)
}

func getHolder(ctx context.Context, c *call, in *input) (any, error) {
	h, err := holderInPath(ctx, c, in)
	if err != nil {
		return nil, err
	}
	return object{"accountHolder": accountHolderObject(c, h)}, nil
}

// holderData reads the fields of a profile. A null clears what may be null, and
// else is as if it had not been sent.
func holderData(in *input) holders.HolderData {
	some := func(name string) *string {
		if !in.has(name) {
			return nil
		}
		return in.textOr(name)
	}
	ref := func(name string) *int64 {
		if !in.has(name) || in.sent[name] == "" {
			return nil
		}
		n := in.number(name)
		return &n
	}
	return holders.HolderData{
		FirstName: some("firstName"), LastName: some("lastName"), Username: some("username"), Email: some("email"), Language: some("languageCode"), Company: some("company"),
		Phone: in.textOr("phoneNumber"), Address1: in.textOr("address1"), Address2: in.textOr("address2"), City: in.textOr("city"), Zip: in.textOr("postcode"),
		State: in.textOr("state"), Country: in.textOr("country"), CountryCode: in.textOr("countryCode"), CPFNumber: in.textOr("cpfNumber"), External: in.textOr("externalSystemId"),
		CurrencyRef: ref("currencyRef"), PaymentMethodRef: ref("accountPaymentMethodRef"), CampaignRef: ref("campaignRef"), ResellerRef: ref("resellerRef"),
		CPFCompany: in.flag("cpfCompany"), Newsletter: in.flag("newsletter"), Beta: in.flag("beta"), EntryComplete: in.flag("entryFlowComplete"),
		Metadata: in.texts("metadata"),
	}
}

// texts gives a field that is an object of texts; numbers and flags are their own
// text, and a null is as if it had not been sent. nil when absent.
func (in *input) texts(name string) map[string]string {
	o := in.object(name)
	if o == nil {
		return nil
	}
	out := make(map[string]string, len(o))
	for k, v := range o {
		switch v := v.(type) {
		case nil:
		case string:
			out[k] = v
		case json.Number:
			out[k] = v.String()
		case bool:
			out[k] = strconv.FormatBool(v)
		default:
			in.fail(name, ruleInvalid, name+" is not an object of texts")
		}
	}
	return out
}

func createHolder(ctx context.Context, c *call, in *input) (any, error) {
	in.need("brandRef")
	for _, name := range []string{"firstName", "lastName", "username", "password", "email"} {
		in.need(name)
	}
	other := in.ownBrand()
	cmd := holders.CreateHolder{Data: holderData(in), Password: in.text("password")}
	if cmd.Data.Language == nil || *cmd.Data.Language == "" {
		language := defaultLanguage
		cmd.Data.Language = &language
	}
	if err := in.fault(); err != nil {
		return nil, err
	}
	if other != nil {
		return nil, other
	}
	h, err := c.door.core.CreateHolder(ctx, c.actor, cmd)
	if err != nil {
		return nil, holderFault(err)
	}
	return object{"accountHolder": accountHolderObject(c, h)}, nil
}

func modifyHolder(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	other := in.ownBrand()
	cmd := holders.ModifyHolder{Ref: ref, Data: holderData(in), Deleted: in.flag("deleted")}
	if in.has("password") {
		cmd.Password = in.textOr("password")
	}
	if err := in.fault(); err != nil {
		return nil, err
	}
	if other != nil {
		return nil, other
	}
	h, err := c.door.core.ModifyHolder(ctx, c.actor, cmd)
	if err != nil {
		return nil, holderFault(err)
	}
	return object{"accountHolder": accountHolderObject(c, h)}, nil
}

func deleteHolder(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	hard := in.flag("hard")
	if err := in.fault(); err != nil {
		return nil, err
	}
	if err := c.door.core.DeleteHolder(ctx, c.actor, ref, hard != nil && *hard); err != nil {
		return nil, err
	}
	return none{}, nil
}

// holderFault tells of a taken address as of a taken user name too, which is the
// rule that clients know (B-16).
func holderFault(err error) error {
	f := fault.Of(err)
	if f == nil || f.Reason != holders.ReasonEmailTaken {
		return err
	}
	w := invalid("email", ruleExists, f.Text)
	w.errors["username"] = map[string]string{ruleExists: f.Text}
	w.cause = err
	return w
}
