// Package shop is how a partner sells to account holders in the BaseKit dialect,
// where it is a brand: its packages, who has subscribed to what, and orders on
// their way to a mail service (basekit.md sections 4, 5, 7).
package shop

// Settings are a brand's own; kept as one JSON document. The zero value is the
// contract's default.
type Settings struct {
	Hosts            []string `json:"hosts,omitempty"`            // names of the API's virtual host, lower case, without a port (B-01)
	LinkHosts        []string `json:"linkHosts,omitempty"`        // where links of our mails may lead (B-11); none = anywhere
	TimeZone         string   `json:"timeZone,omitempty"`         // IANA name; "" = UTC (B-22)
	DNSProviderRef   int64    `json:"dnsProviderRef,omitempty"`   // 0 = 1 (B-08)
	MailboxArray     bool     `json:"mailboxArray,omitempty"`     // PUT mailbox answers an array of one (B-04)
	DefaultPackage   int64    `json:"defaultPackage,omitempty"`   // of holders without a subscription; 0 = the cheapest mail package
	PreferredPackage int64    `json:"preferredPackage,omitempty"` // shown only
	Endings          []string `json:"endings,omitempty"`          // of domain names on offer, "co.uk"; none = any
	Languages        []string `json:"languages,omitempty"`        // of holders; none = those that the platform has texts in

	Name         string       `json:"name,omitempty"`         // of the brand in lists; "" = the partner's
	Domain       string       `json:"domain,omitempty"`       // of the brand's site; shown only, as the next
	FaviconURL   string       `json:"faviconUrl,omitempty"`   //
	SupportEmail string       `json:"supportEmail,omitempty"` //
	Capabilities Capabilities `json:"capabilities,omitempty"` // of every package, which may say otherwise
}
