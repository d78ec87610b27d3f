package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/core/product"
)

// resellerclub measures orders through the ResellerClub API: an add and the
// details that its callers ask for right after.
func resellerclub(ctx context.Context, r *report, s sizes, t *target) error {
	type seller struct {
		ID       int64  `json:"id"`
		ParentID int64  `json:"parentId"`
		Currency string `json:"sellingCurrency"`
		Key      string `json:"key"`
	}
	cli := func(v any, args ...string) error {
		out, err := t.server.CLI(ctx, append(append([]string{"reseller"}, args...), "--json")...)
		if err != nil {
			return err
		}
		return json.Unmarshal([]byte(out), v)
	}
	var all []seller
	if err := cli(&all, "list", "--partner", fmt.Sprint(t.server.Ready.Partner.ID)); err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(r seller) bool { return r.ParentID == 0 })
	if i < 0 { // the sandbox partner's root
		return fmt.Errorf("the sandbox partner has no reseller among %v", all)
	}
	root := all[i]
	var shop seller
	if err := cli(&shop, "create", "shop@bench.example", "--parent", fmt.Sprint(root.ID), "--currency", root.Currency); err != nil {
		return err
	}
	prices := filepath.Join(t.server.Dir, "prices.csv")
	if err := os.WriteFile(prices, []byte(benchPrices(root.Currency)), 0o600); err != nil {
		return err
	}
	for _, list := range [][2]string{{fmt.Sprint(root.ID), "resellers"}, {fmt.Sprint(shop.ID), "customers"}} {
		if _, err := t.server.CLI(ctx, "reseller", "prices", "import", prices, "--reseller", list[0], "--for", list[1]); err != nil {
			return err
		}
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	base := "http://" + t.server.Addr("http") + "/api/"
	call := func(method, path string, pairs ...string) ([]byte, error) {
		form := url.Values{"auth-userid": {fmt.Sprint(shop.ID)}, "api-key": {shop.Key}}
		for i := 0; i+1 < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		req, err := http.NewRequestWithContext(ctx, method, base+path+"?"+form.Encode(), nil)
		if method == http.MethodPost && err == nil {
			req, err = http.NewRequestWithContext(ctx, method, base+path, strings.NewReader(form.Encode()))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		if err != nil {
			return nil, err
		}
		res, err := client.Do(req)
		if err != nil {
			return nil, err
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err == nil && res.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %s", path, b)
		}
		return b, err
	}
	var customers []string
	for n := range 20 {
		id, err := call(http.MethodPost, "customers/signup.json", "username", fmt.Sprintf("c%d@bench.example", n), "passwd", "Secret#1234", "name", "Ann Ash", "company", "Ash Ltd",
			"address-line-1", "1 High St", "city", "London", "state", "London", "country", "GB", "zipcode", "N1", "phone-cc", "44", "phone", "2012345678", "lang-pref", "en")
		if err != nil {
			return err
		}
		customers = append(customers, string(id))
	}
	for _, option := range []string{"NoInvoice", "KeepInvoice"} {
		pair := func(n int) error {
			b, err := call(http.MethodPost, "eelite/us/add.json", "domain-name", fmt.Sprintf("d%d-%s.example", n, strings.ToLower(option)), "customer-id", customers[n%len(customers)],
				"months", "12", "no-of-accounts", strconv.Itoa(1+n%20), "auto-renew", "false", "invoice-option", option)
			if err != nil {
				return err
			}
			var added struct {
				ID string `json:"entityid"`
			}
			if err := json.Unmarshal(b, &added); err != nil {
				return err
			}
			_, err = call(http.MethodGet, "eelite/us/details.json", "order-id", added.ID)
			return err
		}
		before, begin := cpu(t.pids), time.Now()
		if err := each(16, s.pairs, func() (func(int) error, func(), error) { return pair, func() {}, nil }); err != nil {
			return err
		}
		r.figure("ResellerClub: add and details, "+option+", 16 clients", "/s", true, "500/s", func(own, _ float64) bool { return own >= 500 }).
			add(t.name, float64(s.pairs)/time.Since(begin).Seconds())
		r.figure("server CPU of each pair, "+option, "ms", false, "", nil).add(t.name, float64((cpu(t.pids)-before).Microseconds())/1000/float64(s.pairs))
	}
	return nil
}

// benchPrices prices Business Email.
func benchPrices(currency string) string {
	var b strings.Builder
	b.WriteString("product,unit,action,months,currency,price\n")
	for _, p := range product.All() {
		if p.Key != product.BusinessEmail {
			continue
		}
		for _, slab := range p.Slabs {
			for _, action := range []string{"add", "renew"} {
				for _, months := range product.Tenures {
					fmt.Fprintf(&b, "%s,%s,%s,%d,%s,1.25\n", p.Key, slab, action, months, currency)
				}
			}
		}
	}
	return b.String()
}
