package shop

import (
	"maps"
	"slices"
	"strconv"
)

// Capabilities are what an account holder may do (basekit.md 4.2), by name.
type Capabilities map[string]int64

// The two that count here.
const (
	Mailboxes    = "mailboxes"    // seats per account domain (B-19)
	StorageLimit = "storageLimit" // bytes of one mailbox
)

// CapabilityNames are those that clients read; each of them is always told.
func CapabilityNames() []string {
	return []string{
		"liveSites", "allowUsers", "cdnEnabled", "cssEditing", "themeLevel", "freeDomains", "htmlEditing", "pagesLimited", StorageLimit, "templateTier",
		"domainMapping", "googleAnalytics", "ecommerceAllowed", "googleAdWordVoucher", "allowExternalRedirects", "allowTemplateSave", Mailboxes, "mobile",
		"siteLock", "mobileSites", "mobilePublishing", "restrictPagesOnPublish",
	}
}

// Merged gives all names that clients read, with what the lists say; later ones win.
func Merged(lists ...Capabilities) Capabilities {
	out := Capabilities{}
	for _, name := range CapabilityNames() {
		out[name] = 0
	}
	for _, l := range lists {
		maps.Copy(out, l)
	}
	return out
}

// Strings is how they are told of a holder: a text each.
func (c Capabilities) Strings() map[string]string {
	out := make(map[string]string, len(c))
	for name, n := range c {
		out[name] = strconv.FormatInt(n, 10)
	}
	return out
}

// Names gives their names in order.
func (c Capabilities) Names() []string { return slices.Sorted(maps.Keys(c)) }
