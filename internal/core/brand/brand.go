// Package brand is how a partner, or a reseller below it, appears to customers:
// names, addresses of pages, colours, and the host names that domains publish
// in the DNS (titan.md sections 1, 7.7, 9.4).
package brand

import (
	"slices"
	"time"
)

// Brand is one appearance. Empty fields fall back: a reseller's to its
// partner's, a partner's to the platform's.
type Brand struct {
	PartnerID  int64 `json:"-"`
	ResellerID int64 `json:"-"` // titanResellerId; 0 = the partner's own

	Name         string   `json:"name,omitempty"`
	SupportURL   string   `json:"supportUrl,omitempty"`
	LogoURL      string   `json:"logoUrl,omitempty"`
	Colour       string   `json:"colour,omitempty"`       // #rrggbb, of buttons and headings
	SenderName   string   `json:"senderName,omitempty"`   // From of mails that we write
	SenderEmail  string   `json:"senderEmail,omitempty"`  // From of mails that we write
	ContactEmail string   `json:"contactEmail,omitempty"` // the partner's own staff: warnings go here
	PanelURL     string   `json:"panelUrl,omitempty"`     // base of the control panel, no trailing slash
	WebmailURL   string   `json:"webmailUrl,omitempty"`   // base of webmail, no trailing slash
	PaymentURL   string   `json:"paymentUrl,omitempty"`   // R4; path and query may hold {domain_name}, {order_id}, {locale}
	FrameOrigins []string `json:"frameOrigins,omitempty"` // who may frame the panel (R3)
	Themes       []string `json:"themes,omitempty"`       // names that R3 may ask for; the first is the default
	MX           []string `json:"mx,omitempty"`           // hosts that domains publish, best first
	SPFInclude   string   `json:"spfInclude,omitempty"`   // what their SPF record includes

	UpdatedAt time.Time `json:"-"`
}

// Over fills the empty fields of b from what it falls back to.
func (b Brand) Over(base Brand) Brand {
	text := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	list := func(s *[]string, v []string) {
		if len(*s) == 0 {
			*s = v
		}
	}
	text(&b.Name, base.Name)
	text(&b.SupportURL, base.SupportURL)
	text(&b.LogoURL, base.LogoURL)
	text(&b.Colour, base.Colour)
	text(&b.SenderName, base.SenderName)
	text(&b.SenderEmail, base.SenderEmail)
	text(&b.ContactEmail, base.ContactEmail)
	text(&b.PanelURL, base.PanelURL)
	text(&b.WebmailURL, base.WebmailURL)
	text(&b.PaymentURL, base.PaymentURL)
	text(&b.SPFInclude, base.SPFInclude)
	list(&b.FrameOrigins, base.FrameOrigins)
	list(&b.Themes, base.Themes)
	list(&b.MX, base.MX)
	return b
}

// SameRouted reports whether both lead customers and their mail to the same
// places: links with tokens, frames, payments, the hosts that domains publish.
func (b Brand) SameRouted(o Brand) bool {
	return b.PanelURL == o.PanelURL && b.WebmailURL == o.WebmailURL && b.PaymentURL == o.PaymentURL && b.SPFInclude == o.SPFInclude &&
		slices.Equal(b.FrameOrigins, o.FrameOrigins) && slices.Equal(b.MX, o.MX)
}
