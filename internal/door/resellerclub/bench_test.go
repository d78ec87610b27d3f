package resellerclub

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/price"
	"posthouse/internal/core/pricing"
	"posthouse/internal/core/product"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/door/doortest"
	"posthouse/internal/secret"
	"posthouse/internal/store/sqltest"
)

// BenchmarkAddAndDetails is an order of a reseller's below the root and the
// details that its callers ask for right after: two requests through the door.
func BenchmarkAddAndDetails(b *testing.B) {
	for _, engine := range sqltest.Engines {
		for _, option := range []string{"NoInvoice", "KeepInvoice"} {
			b.Run(engine+"/"+option, func(b *testing.B) { benchAdd(b, engine, option) })
		}
	}
}

func benchAdd(b *testing.B, engine, option string) {
	s := sqltest.Store(b, engine)
	core, err := provision.New(work.Config{Store: s, Hasher: doortest.Hasher{}, SealingKey: make([]byte, secret.SealKeyLen)})
	if err != nil {
		b.Fatal(err)
	}
	w := &world{t: b, core: core, clock: clock.NewManual(start)}
	if w.door, err = New(Config{Core: core}); err != nil {
		b.Fatal(err)
	}
	rate := 0 // none
	p, _, err := core.CreatePartner(b.Context(), operator, tenancy.CreatePartner{Name: "Us", Settings: partner.Settings{RatePerSecond: &rate}})
	if err != nil {
		b.Fatal(err)
	}
	w.partner = p.ID
	root := w.newSeller(w.partner, seller{}, "root")
	w.child = w.newSeller(w.partner, root, "child")
	prices := &shop{w}
	var rows []pricing.SetPrice
	for _, p := range product.All() {
		for _, unit := range price.Units(p) {
			rows = append(rows, pricing.SetPrice{Item: price.Item{Product: p.Key, Unit: unit, Action: price.Add, Months: 12}, Figure: "1.25"})
		}
	}
	for r, audience := range map[seller]price.Audience{root: price.Resellers, w.child: price.Customers} {
		if _, err := core.SetPrices(b.Context(), prices.actor(r), pricing.PriceListRef{Audience: audience}, rows); err != nil {
			b.Fatal(err)
		}
	}
	call := func(method, path string, pairs ...any) (string, bool) {
		target, body := "/api/"+path, w.child.with(pairs)
		if method == "GET" {
			target, body = target+"?"+body, ""
		}
		req := httptest.NewRequest(method, target, strings.NewReader(body))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := httptest.NewRecorder()
		w.door.ServeHTTP(rec, req)
		if rec.Code != 200 {
			b.Errorf("%s: %d %s", path, rec.Code, rec.Body)
		}
		return rec.Body.String(), rec.Code == 200
	}
	var customers []string
	for i := range 20 {
		id, ok := call("POST", "customers/signup.json", "username", fmt.Sprintf("c%d@customers.example", i), "passwd", "Secret#1234", "name", "Ann Ash", "company", "Ash Ltd",
			"address-line-1", "1 High St", "city", "London", "state", "London", "country", "GB", "zipcode", "N1", "phone-cc", "44", "phone", "2012345678", "lang-pref", "en")
		if !ok {
			b.FailNow()
		}
		customers = append(customers, id)
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ReportAllocs()
	before := cpu(b)
	b.ResetTimer()
	for range 16 {
		wg.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				added, ok := call("POST", "eelite/us/add.json", "domain-name", fmt.Sprintf("d%d.example", n), "customer-id", customers[n%20], "months", 12,
					"no-of-accounts", 1+n%20, "auto-renew", false, "invoice-option", option)
				var a struct {
					ID string `json:"entityid"`
				}
				if !ok || json.Unmarshal([]byte(added), &a) != nil {
					b.Error(added)
					return
				}
				if _, ok := call("GET", "eelite/us/details.json", "order-id", a.ID); !ok {
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pairs/s")
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/pair")
}

// cpu is what this process has used of the processors, which other processes
// disturb less than the time.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
