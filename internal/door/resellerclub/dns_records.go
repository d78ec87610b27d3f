package resellerclub

import (
	"strconv"

	"posthouse/internal/core/dnsrecord"
)

// dnsRecords is what a domain is to publish for its mail (section 7.9, R-29):
// MX, SPF, DKIM, and names for mail programs and webmail.
func (d *Door) dnsRecords(e *dnsrecord.Expected) list {
	out := list{}
	add := func(kind, host, value string) {
		out = append(out, object{{"type", kind}, {"host", host}, {"value", value}, {"class", "IN"}})
	}
	for _, r := range e.Records() {
		switch r.Purpose {
		case "mx":
			add("MX", r.Name, strconv.Itoa(r.Priority)+" "+r.Value)
		case "spf", "dkim":
			add("TXT", r.Name, r.Value)
		}
	}
	if host := d.mailHostOf(e.MX); host != "" {
		for _, name := range []string{"webmail", "imap", "pop", "smtp"} {
			add("CNAME", name+"."+e.Domain, host)
		}
	}
	return out
}
