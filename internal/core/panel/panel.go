// Package panel is what a redirect into the control panel may ask for
// (titan.md section 9.3).
package panel

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Section is a page of the panel.
type Section string

// The sections.
const (
	Home                   Section = "home"
	EmailAccounts          Section = "email-accounts"
	InternalForward        Section = "internal-forward"
	CatchAllEmail          Section = "catch-all-email"
	DeviceDownload         Section = "device-download"
	ConfigureDesktop       Section = "configure-desktop"
	DomainVerification     Section = "domain-verification"
	ImportEmail            Section = "import-email"
	BillingAndUpgrade      Section = "billing-and-upgrade"
	BuyEmailAccount        Section = "buy-email-account"
	BillingAndSubscription Section = "billing-and-subscription" // in a frame only
)

var sections = []Section{
	Home, EmailAccounts, InternalForward, CatchAllEmail, DeviceDownload, ConfigureDesktop, DomainVerification, ImportEmail,
	BillingAndUpgrade, BuyEmailAccount, BillingAndSubscription,
}

// Action is what a section is to begin with.
type Action string

// The actions.
const (
	LaunchEmailCreation    Action = "launch-email-creation"
	PaymentSuccess         Action = "paymentSuccess"
	ReactivateSubscription Action = "reactivate-subscription" // in a frame only
)

var actions = map[Action]Section{
	LaunchEmailCreation: EmailAccounts, PaymentSuccess: BillingAndUpgrade, ReactivateSubscription: BillingAndSubscription,
}

// Asked is what a redirect asks for.
type Asked struct {
	Section Section `json:"section"`
	Action  Action  `json:"action,omitempty"`
	Email   string  `json:"email,omitempty"` // to be prefilled
	Locale  string  `json:"locale"`
	Theme   string  `json:"theme,omitempty"`
	Framed  bool    `json:"framed,omitempty"` // R3
}

// maxAddress is the length of an address, RFC 5321 section 4.5.3.1.
const maxAddress = 320

// Heed gives what of a is heeded: an unknown section is home, an action counts
// in its own section only, an address only for the action that wants one, a
// theme in a frame only and only if it is one of themes, whose first is the
// default.
func (a Asked) Heed(themes []string) Asked {
	if !slices.Contains(sections, a.Section) || (a.Section == BillingAndSubscription && !a.Framed) {
		a.Section = Home
	}
	if s, ok := actions[a.Action]; !ok || s != a.Section {
		a.Action = ""
	}
	a.Email = strings.TrimSpace(a.Email)
	if a.Action != LaunchEmailCreation || len(a.Email) > maxAddress || !utf8.ValidString(a.Email) || strings.ContainsFunc(a.Email, control) {
		a.Email = ""
	}
	switch {
	case !a.Framed:
		a.Theme = ""
	case !slices.Contains(themes, a.Theme):
		a.Theme = ""
		if len(themes) > 0 {
			a.Theme = themes[0]
		}
	}
	return a
}

func control(r rune) bool { return r < ' ' || r == 0x7f }
