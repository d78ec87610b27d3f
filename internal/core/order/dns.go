package order

import "time"

// How often the records of a domain are looked up when nobody asks (T-26, 7.2).
const (
	firstDNSCheck  = 4 * time.Hour
	SecondDNSCheck = 24 * time.Hour // what is wrong then is told to the customer
	dailyDNSChecks = 14 * 24 * time.Hour
	dnsCheckDaily  = 24 * time.Hour
	dnsCheckWeekly = 7 * 24 * time.Hour
	newKeyCheck    = time.Hour
	newKeyDuration = 24 * time.Hour
)

// NextDNSCheck says when the domain's records are to be looked up again; nil =
// never. The two checks after creation are fixed. Later ones look for the
// ownership token as long as the order has something to gain by it, daily and
// after two weeks weekly. newKeySince is since when DKIM keys wait for their
// records to be published, nil when none does.
func (o *Order) NextDNSCheck(now time.Time, newKeySince *time.Time) *time.Time {
	if !o.Live() || o.MailService == ServiceLocal {
		return nil
	}
	var next *time.Time
	at := func(t time.Time) {
		if next == nil || t.Before(*next) {
			next = &t
		}
	}
	for _, after := range []time.Duration{firstDNSCheck, SecondDNSCheck} {
		if t := o.CreatedAt.Add(after); t.After(now) {
			at(t)
		}
	}
	if newKeySince != nil {
		if now.Sub(*newKeySince) < newKeyDuration {
			at(now.Add(newKeyCheck))
		} else {
			at(now.Add(dnsCheckDaily))
		}
	}
	if !o.Serviceable || o.ProvenAt == nil {
		if now.Sub(o.CreatedAt) < dailyDNSChecks {
			at(now.Add(dnsCheckDaily))
		} else {
			at(now.Add(dnsCheckWeekly))
		}
	}
	return next
}
