package config

import (
	"net/url"
	"strings"

	"posthouse/internal/core/brand"
)

// Brand is how partners appear that set nothing, or not all.
type Brand struct {
	Name         string   `toml:"name" doc:"name that customers read"`
	SupportURL   string   `toml:"support_url" doc:"page where customers get help"`
	LogoURL      string   `toml:"logo_url" doc:"picture in mails and on pages"`
	Colour       string   `toml:"colour" doc:"of buttons and headings, as #rrggbb"`
	SenderName   string   `toml:"sender_name" doc:"From of mails that Posthouse writes; empty = the name"`
	SenderEmail  string   `toml:"sender_email" doc:"address in From of mails that Posthouse writes"`
	ContactEmail string   `toml:"contact_email" doc:"who is warned when a partner has named nobody"`
	PanelURL     string   `toml:"panel_url" doc:"base of the control panel"`
	WebmailURL   string   `toml:"webmail_url" doc:"base of webmail"`
	PaymentURL   string   `toml:"payment_url" doc:"payment page; its path and query may hold {domain_name}, {order_id} and {locale}"`
	MX           []string `toml:"mx" doc:"host names that domains publish as MX, best first; empty = hostname"`
	SPFInclude   string   `toml:"spf_include" doc:"name that the SPF record of a domain includes; empty = the record names the domain's MX instead"`
}

// OwnHosts are the host names that lead to this installation.
func (c *Config) OwnHosts(b brand.Brand) []string {
	out := append([]string{c.Hostname, c.Web.PanelHost, c.Web.WebmailHost, c.ForwardDomain()}, c.Outbound.LocalNames...)
	out = append(out, b.MX...)
	for _, page := range []string{b.PanelURL, b.WebmailURL} {
		if u, err := url.Parse(page); err == nil {
			out = append(out, u.Hostname())
		}
	}
	return out
}

// PlatformBrand is what partners that set nothing appear as.
func (c *Config) PlatformBrand() (brand.Brand, error) {
	b, err := brand.Brand{
		Name: c.Brand.Name, SupportURL: c.Brand.SupportURL, LogoURL: c.Brand.LogoURL, Colour: c.Brand.Colour,
		SenderName: c.Brand.SenderName, SenderEmail: c.Brand.SenderEmail, ContactEmail: c.Brand.ContactEmail,
		PanelURL: c.Brand.PanelURL, WebmailURL: c.Brand.WebmailURL, PaymentURL: c.Brand.PaymentURL,
		MX: c.Brand.MX, SPFInclude: c.Brand.SPFInclude,
	}.Checked(c.Mode == Development)
	if len(b.MX) == 0 {
		b.MX = []string{strings.ToLower(c.Hostname)}
	}
	return b, err
}
