package native

import (
	"context"
	"net/http"

	"posthouse/internal/core/partner"
	"posthouse/internal/core/tenancy"
)

type settingsView struct {
	Currency     string `json:"currency" doc:"Of amounts that name none; empty: the platform's" example:"EUR"`
	CollateHosts bool   `json:"collateHosts" doc:"A customer id that is known on several server hosts lists the orders of all"`
	Carts        bool   `json:"carts" doc:"Purchases in the control panel become carts, which completePurchase executes"`
	NoSetupMail  bool   `json:"noSetupMail" doc:"No password set-up mails"`

	BillingOwner          string `json:"billingOwner" readOnly:"true" enum:"partner,platform" doc:"Who acts on expiry; the operator's choice"`
	ChargedAmountOptional bool   `json:"chargedAmountOptional" readOnly:"true" doc:"The operator's choice"`
	ServerScoped          bool   `json:"serverScoped" readOnly:"true" doc:"Customers are unique per server host; the operator's choice"`
	RatePerSecond         *int   `json:"ratePerSecond,omitempty" nullable:"false" readOnly:"true" doc:"Requests per second and key, 0: any number; absent: 100"`
	RateBurst             *int   `json:"rateBurst,omitempty" nullable:"false" readOnly:"true" doc:"Absent: 500"`
}

type settingsOutput struct {
	ETag string `header:"ETag"`
	Body settingsView
}

func viewSettings(s *tenancy.PartnerSettings) *settingsOutput {
	owner := s.Settings.BillingOwner
	if owner == "" {
		owner = partner.BilledByPartner
	}
	return &settingsOutput{ETag: etag(s.Version), Body: settingsView{
		Currency: s.Settings.Currency, CollateHosts: s.Settings.CollateHosts, Carts: s.Settings.Carts, NoSetupMail: s.Settings.NoSetupMail,
		BillingOwner: string(owner), ChargedAmountOptional: s.Settings.ChargedAmountOptional, ServerScoped: s.Settings.ServerScoped,
		RatePerSecond: s.Settings.RatePerSecond, RateBurst: s.Settings.RateBurst,
	}}
}

type modifySettings struct {
	Currency     *string `json:"currency,omitempty" maxLength:"16" doc:"An ISO 4217 code, or empty for the platform's"`
	CollateHosts *bool   `json:"collateHosts,omitempty"`
	Carts        *bool   `json:"carts,omitempty"`
	NoSetupMail  *bool   `json:"noSetupMail,omitempty"`
}

type settingsInput struct {
	Condition
	Body modifySettings
}

func (d *Door) serveSettings() {
	example := settingsView{Currency: "EUR", BillingOwner: "partner"}
	serve(d, operation{
		id: "getSettings", method: http.MethodGet, path: "/v1/settings", tag: "Settings", scope: partner.ScopeSettingsRead, summary: "Your settings",
		response: example,
	}, func(ctx context.Context, c *call, _ *struct{}) (*settingsOutput, error) {
		s, err := d.core.PartnerSettings(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return viewSettings(s), nil
	})
	currency := "EUR"
	serve(d, operation{
		id: "modifySettings", method: http.MethodPatch, path: "/v1/settings", tag: "Settings", scope: partner.ScopeSettingsWrite,
		summary: "Change settings", doc: "What is absent or null stays. The others are the operator's.", ifMatch: true,
		request: modifySettings{Currency: &currency}, response: example,
	}, func(ctx context.Context, c *call, in *settingsInput) (*settingsOutput, error) {
		version, err := in.version()
		if err != nil {
			return nil, err
		}
		s, err := d.core.ModifyPartnerSettings(ctx, c.actor, tenancy.ModifyPartnerSettings{
			Currency: in.Body.Currency, CollateHosts: in.Body.CollateHosts, Carts: in.Body.Carts, NoSetupMail: in.Body.NoSetupMail, Version: version,
		})
		if err != nil {
			return nil, err
		}
		return viewSettings(s), nil
	})
}
