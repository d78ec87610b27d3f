package notices

import (
	"encoding/json"
	"time"

	"posthouse/internal/core/brand"
	"posthouse/internal/core/notice"
)

// samples are a letter of every kind and form, for trying templates out.
func samples() []order {
	look := brand.Brand{Name: "Example Mail", SupportURL: "https://help.example.com/", Colour: "#0b7a5c"}
	end := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	link := "https://panel.example.com/password/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcd"
	of := func(k notice.Kind, data any, link string) order {
		raw, err := json.Marshal(data)
		if err != nil {
			panic(err) // our own types
		}
		return order{kind: k, data: raw, brand: look, link: link, expires: end, panel: "https://panel.example.com", webmail: "https://mail.example.com"}
	}
	welcome := notice.OrderWelcomeData{Domain: "shop.example", Email: "kim@example.org", Name: "Kim Lee", Plan: "premium_trial", Seats: 5, FirstAccount: "info@shop.example"}
	quota := notice.QuotaData{Email: "ann@shop.example", Name: "Ann", UsedMB: 4710, LimitMB: 5120, Percent: 92}
	holder := notice.HolderLinkData{Name: "Harry", Username: "hlee88", Email: "harry@lee.example"}
	signed := func(o order) order {
		o.signature = notice.Signature{Business: "Lee & Sons <Bakers>", Email: "office@lee.example"}
		return o
	}
	full := quota
	full.Full, full.UsedMB, full.Percent = true, 5120, 100
	return []order{
		of(notice.OrderWelcome, welcome, link), of(notice.OrderWelcome, notice.OrderWelcomeData{Domain: "shop.example", Plan: "free", Seats: 1}, ""),
		of(notice.AccountWelcome, notice.AccountWelcomeData{Email: "ann@shop.example", Name: "Ann"}, link),
		of(notice.AccountWelcome, notice.AccountWelcomeData{Email: "ann@shop.example"}, ""),
		of(notice.PasswordReset, notice.PasswordResetData{Email: "ann@shop.example", Name: "Ann"}, link),
		of(notice.PanelPassword, notice.PasswordResetData{Email: "kim@example.org", Name: "Kim"}, link),
		of(notice.QuotaWarning, quota, ""), of(notice.QuotaWarning, full, ""),
		of(notice.DNSProblem, notice.DNSProblemData{Domain: "shop.example", MXFound: notice.Words{"mx.old.example"}, MXExpected: notice.Words{"mx1.example.com", "mx2.example.com"},
			SPFExpected: notice.Words{"v=spf1 include:spf.example.com ~all"}}, ""),
		signed(of(notice.HolderPassword, holder, link+"?lang=en&h=AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcd")), of(notice.HolderPassword, notice.HolderLinkData{Username: "hlee88", Email: holder.Email}, link),
		signed(of(notice.HolderVerification, holder, link)), of(notice.HolderVerification, notice.HolderLinkData{Username: "hlee88", Email: holder.Email}, link),
		of(notice.WebhooksFailing, notice.WebhooksFailingData{URL: "https://hooks.example.org/posthouse", Since: end, LastError: "connection refused"}, ""),
		of(notice.WebhooksFailing, notice.WebhooksFailingData{URL: "https://hooks.example.org/posthouse", Since: end, LastError: "HTTP status 500", GivesUp: true}, ""),
	}
}
