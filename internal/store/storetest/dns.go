package storetest

import (
	"testing"

	"posthouse/internal/core/dnsrecord"
	"posthouse/internal/core/work"
)

func testDNSCheck(t *testing.T, b *bench) {
	o := b.anOrder("d.example")
	read := func(tx work.Tx) (*work.DNSCheck, error) { return tx.DNSCheck(b.ctx(), o.ID) }
	absent(b, "a check that was never made", read)
	c := &work.DNSCheck{OrderID: o.ID, CheckedAt: when(1), Found: dnsrecord.Found{
		DomainExists: true, NS: []string{"ns.example"}, MX: []string{"a.example", "b.example"}, SPF: []string{"v=spf1 ü ~all"}, MXVerified: true,
		SPFProblem: &dnsrecord.Problem{Code: dnsrecord.SPFSyntax, Detail: "ü"}, DKIM: []dnsrecord.KeyFound{{Selector: "s", State: dnsrecord.Published}},
		DMARC: dnsrecord.DMARC{State: dnsrecord.Missing}, Ownership: true,
	}}
	b.write(func(tx work.Tx) error { return tx.PutDNSCheck(b.ctx(), c) })
	same(t, get(b, read), c)
	c.Found, c.CheckedAt, c.VerifiedAt, c.ToldAt = dnsrecord.Found{}, when(2), maybe(3), maybe(4)
	b.write(func(tx work.Tx) error { return tx.PutDNSCheck(b.ctx(), c) })
	same(t, get(b, read), c)
}

func testSandboxDNS(t *testing.T, b *bench) {
	p := b.partner()
	read := func(tx work.Tx) (*work.SandboxDNS, error) { return tx.SandboxDNS(b.ctx(), p.ID) }
	absent(b, "answers that were never given", read)
	d := &work.SandboxDNS{PartnerID: p.ID, UpdatedAt: when(1), Records: []dnsrecord.Answer{
		{Name: "d.example", Type: "MX", Preference: 10, Value: "mx.example"}, {Name: "d.example", Type: "TXT", Failure: dnsrecord.FailTimeout},
	}}
	b.write(func(tx work.Tx) error { return tx.PutSandboxDNS(b.ctx(), d) })
	same(t, get(b, read), d)
	d.Records, d.UpdatedAt = []dnsrecord.Answer{}, when(2)
	b.write(func(tx work.Tx) error { return tx.PutSandboxDNS(b.ctx(), d) })
	same(t, get(b, read), d)
	for _, there := range []bool{true, false} {
		b.write(func(tx work.Tx) error {
			removed, err := tx.DeleteSandboxDNS(b.ctx(), p.ID)
			if err == nil && removed != there {
				t.Errorf("removed %v, want %v", removed, there)
			}
			return err
		})
		absent(b, "answers that were taken away", read)
	}
}
