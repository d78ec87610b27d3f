package panel

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestHeed(t *testing.T) {
	themes := []string{"partner-light", "partner-dark"}
	for name, c := range map[string]struct{ in, want Asked }{
		"nothing":           {Asked{}, Asked{Section: Home}},
		"unknown":           {Asked{Section: "admin", Action: "drop"}, Asked{Section: Home}},
		"case counts":       {Asked{Section: "HOME"}, Asked{Section: Home}},
		"creation":          {Asked{Section: EmailAccounts, Action: LaunchEmailCreation, Email: " info@a.example "}, Asked{Section: EmailAccounts, Action: LaunchEmailCreation, Email: "info@a.example"}},
		"not its section":   {Asked{Section: Home, Action: LaunchEmailCreation, Email: "info@a.example"}, Asked{Section: Home}},
		"no action":         {Asked{Section: EmailAccounts, Email: "info@a.example"}, Asked{Section: EmailAccounts}},
		"address too long":  {Asked{Section: EmailAccounts, Action: LaunchEmailCreation, Email: strings.Repeat("x", 321)}, Asked{Section: EmailAccounts, Action: LaunchEmailCreation}},
		"address with line": {Asked{Section: EmailAccounts, Action: LaunchEmailCreation, Email: "a\n@b"}, Asked{Section: EmailAccounts, Action: LaunchEmailCreation}},
		"paid":              {Asked{Section: BillingAndUpgrade, Action: PaymentSuccess}, Asked{Section: BillingAndUpgrade, Action: PaymentSuccess}},
		"frame only":        {Asked{Section: BillingAndSubscription, Action: ReactivateSubscription}, Asked{Section: Home}},
		"framed":            {Asked{Section: BillingAndSubscription, Action: ReactivateSubscription, Framed: true, Theme: "partner-dark"}, Asked{Section: BillingAndSubscription, Action: ReactivateSubscription, Framed: true, Theme: "partner-dark"}},
		"unknown theme":     {Asked{Framed: true, Theme: "evil"}, Asked{Section: Home, Framed: true, Theme: "partner-light"}},
		"theme, no frame":   {Asked{Theme: "partner-dark"}, Asked{Section: Home}},
	} {
		if got := c.in.Heed(themes); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	if got := (Asked{Framed: true, Theme: "x"}).Heed(nil); got.Theme != "" {
		t.Errorf("%+v", got)
	}
}

func FuzzHeed(f *testing.F) {
	f.Add("email-accounts", "launch-email-creation", "info@a.example", "dark", true)
	f.Fuzz(func(t *testing.T, section, action, email, theme string, framed bool) {
		got := Asked{Section: Section(section), Action: Action(action), Email: email, Theme: theme, Framed: framed}.Heed([]string{"dark"})
		if !slices.Contains(sections, got.Section) || (got.Action != "" && actions[got.Action] != got.Section) ||
			len(got.Email) > maxAddress || !utf8.ValidString(got.Email) || (got.Theme != "" && got.Theme != "dark") {
			t.Fatalf("%+v", got)
		}
		if again := got.Heed([]string{"dark"}); again != got {
			t.Fatalf("%+v became %+v", got, again)
		}
	})
}
