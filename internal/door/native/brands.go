package native

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"posthouse/internal/core/brand"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/tenancy"
)

// brandFields is brand.Brand with what the document says of its fields.
type brandFields struct {
	PartnerID  int64 `json:"-"`
	ResellerID int64 `json:"-"`

	Name         string    `json:"name,omitempty" doc:"What customers read"`
	SupportURL   string    `json:"supportUrl,omitempty"`
	LogoURL      string    `json:"logoUrl,omitempty"`
	Colour       string    `json:"colour,omitempty" doc:"Of buttons and headings" example:"#1a2b3c"`
	SenderName   string    `json:"senderName,omitempty" doc:"From of mails that the platform writes"`
	SenderEmail  string    `json:"senderEmail,omitempty" doc:"From of mails that the platform writes"`
	ContactEmail string    `json:"contactEmail,omitempty" doc:"Your own staff: warnings go here"`
	PanelURL     string    `json:"panelUrl,omitempty" doc:"Base of the control panel"`
	WebmailURL   string    `json:"webmailUrl,omitempty" doc:"Base of webmail"`
	PaymentURL   string    `json:"paymentUrl,omitempty" doc:"Redirect R4; its path and query may hold {domain_name}, {order_id}, {locale}"`
	FrameOrigins []string  `json:"frameOrigins,omitempty" nullable:"false" maxItems:"20" doc:"Who may frame the control panel"`
	Themes       []string  `json:"themes,omitempty" nullable:"false" maxItems:"20" doc:"Names that redirect R3 may ask for; the first is the default"`
	MX           []string  `json:"mx,omitempty" nullable:"false" maxItems:"20" doc:"Hosts that domains publish, the best first"`
	SPFInclude   string    `json:"spfInclude,omitempty" doc:"What their SPF records include"`
	UpdatedAt    time.Time `json:"-"`
}

type brandLevels struct {
	Own       brandFields `json:"own" doc:"What was set"`
	Effective brandFields `json:"effective" doc:"What customers see: empty fields come from the partner's, then from the platform's"`
}

type brandOutput struct {
	ETag string `header:"ETag"`
	Body brandLevels
}

// brandVersion counts from the platform's microseconds; 0 is a brand that was never set.
func brandVersion(t time.Time) string {
	if t.IsZero() {
		return "0"
	}
	return microVersion(t)
}

func viewBrand(b *tenancy.BrandDetails) *brandOutput {
	return &brandOutput{ETag: etag(brandVersion(b.Own.UpdatedAt)), Body: brandLevels{Own: brandFields(b.Own), Effective: brandFields(b.Effective)}}
}

type ResellerPath struct {
	Reseller int64 `path:"id" minimum:"1" doc:"titanResellerId"`
}

type SetBrandInput struct {
	Condition
	Body brandFields
}

type setResellerBrandInput struct {
	ResellerPath
	SetBrandInput
}

func (d *Door) serveBrands() {
	own := brandFields{Name: "Example Mail", SupportURL: "https://help.example/", Colour: "#1a2b3c", PanelURL: "https://panel.example"}
	effective := own
	effective.MX, effective.SPFInclude = []string{"mx1.mail.example"}, "spf.mail.example"
	view := brandLevels{Own: own, Effective: effective}
	get := operation{
		id: "getBrand", method: http.MethodGet, path: "/v1/brand", tag: "Settings", scope: partner.ScopeSettingsRead,
		summary: "What you appear as", response: view,
	}
	put := operation{
		id: "setBrand", method: http.MethodPut, path: "/v1/brand", tag: "Settings", scope: partner.ScopeSettingsWrite, summary: "Set what you appear as",
		doc: "As a whole: an absent field falls back.", ifMatch: true, request: own, response: view,
	}
	serve(d, get, func(ctx context.Context, c *call, _ *struct{}) (*brandOutput, error) { return d.brand(ctx, c, 0) })
	serve(d, put, func(ctx context.Context, c *call, in *SetBrandInput) (*brandOutput, error) {
		return d.setBrand(ctx, c, 0, in)
	})

	get.id, get.path, get.summary = "getResellerBrand", "/v1/resellers/{id}/brand", "What a reseller appears as"
	put.id, put.path, put.summary = "setResellerBrand", get.path, "Set what a reseller appears as"
	get.doc = "A reseller is whatever orders name in titanResellerId; one that was never set falls back to yours."
	serve(d, get, func(ctx context.Context, c *call, in *ResellerPath) (*brandOutput, error) {
		return d.brand(ctx, c, in.Reseller)
	})
	serve(d, put, func(ctx context.Context, c *call, in *setResellerBrandInput) (*brandOutput, error) {
		return d.setBrand(ctx, c, in.Reseller, &in.SetBrandInput)
	})
}

func (d *Door) brand(ctx context.Context, c *call, reseller int64) (*brandOutput, error) {
	b, err := d.core.Brand(ctx, c.actor, c.actor.PartnerID, reseller)
	if err != nil {
		return nil, err
	}
	return viewBrand(b), nil
}

func (d *Door) setBrand(ctx context.Context, c *call, reseller int64, in *SetBrandInput) (*brandOutput, error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	cmd := tenancy.SetBrand{PartnerID: c.actor.PartnerID, ResellerID: reseller, Brand: brand.Brand(in.Body)}
	if version != "" {
		us, err := strconv.ParseInt(version, 36, 64)
		if err != nil {
			return nil, errMatch
		}
		seen := time.Time{}
		if us != 0 {
			seen = time.UnixMicro(us)
		}
		cmd.IfUpdatedAt = &seen
	}
	b, err := d.core.SetBrand(ctx, c.actor, cmd)
	if err != nil {
		return nil, err
	}
	return viewBrand(b), nil
}
