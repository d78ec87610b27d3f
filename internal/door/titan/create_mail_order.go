package titan

import (
	"context"
	"slices"

	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/work"
)

func createMailOrderFields() []Field {
	return slices.Concat([]Field{
		{Name: "domainName", Kind: Name, Required: true},
		{Name: "orderId", Kind: Text},
		{Name: "customerId", Kind: Text, Required: true},
		{Name: "customerName", Kind: Text},
		{Name: "customerEmailAddress", Kind: Name},
		{Name: "alternateEmailAddress", Kind: Name},
		{Name: "password", Kind: Secret, Note: "of the control panel"},
		{Name: "customerCountry", Kind: Text},
		required(planField()),
		{Name: "noOfAccounts", Kind: Count, Note: "required on paid plans"},
		{Name: "titanResellerId", Kind: ID},
		{Name: "expiryDate", Kind: Date, Note: "required on paid and trial plans"},
	}, paymentFields(), []Field{
		cycleField(),
		{Name: "locale", Kind: Text, Metadata: "locale"},
		sourceField(),
		{Name: "sourceContext", Kind: Text, Metadata: "sourceContext"},
		{Name: "metadata", Kind: Object, Note: "kept whole"},
		{Name: "serverHostName", Kind: Name, Also: []string{"serverHostname"}, Note: "of server-scoped (cPanel, Plesk) partners"},
		{Name: "firstEmailAccount", Kind: Nested, Fields: []Field{
			{Name: "email", Kind: Name, Required: true},
			{Name: "password", Kind: Secret, Required: true},
			{Name: "name", Kind: Text},
			{Name: "firstName", Kind: Text},
			{Name: "lastName", Kind: Text},
			{Name: "alternateEmailAddress", Kind: Name, Also: []string{"alternateEmail"}},
			{Name: "isAdmin", Kind: Bool, Note: "default true"},
			{Name: "requireAutoLoginToken", Kind: Bool, Note: "default true"},
		}},
		{Name: "sendWelcomeEmail", Kind: Bool, Also: []string{"send_welcome_email"}, Note: "default true"},
	})
}

type createdMailOrder struct {
	answered
	OrderID int64        `json:"titanOrderId"`
	Status  order.Status `json:"status"`
	First   struct {
		Token     string `json:"webmailAutoLoginToken,omitempty"`
		AccountID int64  `json:"titanAccountId,omitempty"`
		Email     string `json:"email,omitempty"`
	} `json:"firstEmailAccountDetails" note:"{} without firstEmailAccount"`
}

// createMailOrder is operation 2.
func createMailOrder(ctx context.Context, c *call, in *record) (reply, error) {
	cmd := ordering.CreateMailOrder{
		Domain:         in.text("domainName"),
		PartnerOrderID: in.text("orderId"),
		Customer: work.CustomerProfile{
			CustomerID: in.text("customerId"), Name: in.text("customerName"), Email: in.text("customerEmailAddress"),
			AlternateEmail: in.text("alternateEmailAddress"), Country: in.text("customerCountry"),
			Locale: in.text("locale"), ServerHost: in.text("serverHostName"),
		},
		CustomerPassword: in.text("password"),
		Plan:             plan.Plan(in.text("planType")),
		Seats:            in.count("noOfAccounts"),
		ResellerID:       in.idPtr("titanResellerId"),
		Expiry:           in.date("expiryDate"),
		Payment:          in.payment(),
		BillingCycle:     order.Cycle(in.text("billingCycle")),
		Locale:           in.text("locale"),
		Source:           order.Source(in.text("source")),
		SourceContext:    in.text("sourceContext"),
		Metadata:         in.raw("metadata"),
		NoWelcomeEmail:   !in.flagOr("sendWelcomeEmail", true),
	}
	if a := in.nested("firstEmailAccount"); a != nil {
		cmd.FirstAccount = &ordering.FirstAccount{
			Email: a.text("email"), Password: a.text("password"), Name: a.text("name"),
			FirstName: a.text("firstName"), LastName: a.text("lastName"), AlternateEmail: a.text("alternateEmailAddress"),
			IsAdmin: a.flag("isAdmin"), WantLoginToken: a.flagOr("requireAutoLoginToken", true),
		}
	}
	made, err := c.door.core.CreateMailOrder(ctx, c.actor, cmd)
	if err != nil {
		return nil, err
	}
	out := &createdMailOrder{OrderID: made.OrderID, Status: made.Status}
	if a := made.Account; a != nil {
		out.First.Token, out.First.AccountID, out.First.Email = a.LoginToken, a.AccountID, a.Email
	}
	return out, nil
}
