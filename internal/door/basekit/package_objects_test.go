package basekit

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// shape gives the JSON type of each value: i, n, s, b, null, {} and [].
func shape(t *testing.T, body string, path ...string) map[string]string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	for _, p := range path {
		switch at := v.(type) {
		case map[string]any:
			v = at[p]
		case []any:
			v = at[0]
		}
	}
	out := map[string]string{}
	for k, v := range v.(map[string]any) {
		switch v := v.(type) {
		case json.Number:
			out[k] = "i"
			if strings.ContainsAny(v.String(), ".eE") {
				out[k] = "n"
			}
		case string:
			out[k] = "s"
		case bool:
			out[k] = "b"
		case nil:
			out[k] = "null"
		case map[string]any:
			out[k] = "{}"
		case []any:
			out[k] = "[]"
		}
	}
	return out
}

// wantShape takes "i: a b c" lines.
func wantShape(t *testing.T, got map[string]string, lines ...string) {
	t.Helper()
	want := map[string]string{}
	for _, l := range lines {
		kind, names, _ := strings.Cut(l, ": ")
		for _, n := range strings.Fields(names) {
			want[n] = kind
		}
	}
	if !maps.Equal(got, want) {
		for _, k := range slices.Sorted(maps.Keys(got)) {
			if got[k] != want[k] {
				t.Errorf("%s is %s, want %q", k, got[k], want[k])
			}
		}
		for k := range want {
			if got[k] == "" {
				t.Errorf("%s is missing", k)
			}
		}
	}
}

const capabilityKeys = `liveSites allowUsers cdnEnabled cssEditing themeLevel freeDomains htmlEditing pagesLimited storageLimit templateTier
	domainMapping googleAnalytics ecommerceAllowed googleAdWordVoucher allowExternalRedirects allowTemplateSave mailboxes mobile siteLock mobileSites
	mobilePublishing restrictPagesOnPublish`

func TestPackageShapes(t *testing.T) {
	w := newWorld(t)
	pro := w.packageNamed(w.ours, "Professional")
	one := w.call(w.ours, "GET", fmt.Sprintf("/packages/%d", pro), nil)
	w.want(one, 200)
	w.golden("package", one)
	wantShape(t, shape(t, one.body, "package"),
		"i: ref offerRebillMonths trialDays requirePurchasedDomain allowMultiplePurchase showInStore showInTemplatePicker displayOrder brandRef defaultCurrencyRef",
		"s: name active global urlId notifyMarketing productType type contentType offerRebillActive imageURL bannerHTML affiliateLink brandName currencyCode currencyName currencyTitle",
		"null: templateGroupRef", "[]: prices categories", "{}: capabilities templateGroup")
	wantShape(t, shape(t, one.body, "package", "prices", "0"), "i: ref billingPeriodMonths", "s: price formattedPrice", "null: offerPrice", "{}: currency")
	wantShape(t, shape(t, one.body, "package", "prices", "0", "currency"), "i: ref paypal", "s: name alphaCode numCode htmlCode currencyRate")
	wantShape(t, shape(t, one.body, "package", "capabilities"), "i: "+capabilityKeys)
	prices := w.call(w.ours, "GET", fmt.Sprintf("/packages/%d/prices?locale=en", pro), nil)
	w.want(prices, 200)
	w.golden("package_prices", prices)
	list := w.call(w.ours, "GET", fmt.Sprintf("/brands/%d/packages", w.ours.id), nil)
	w.want(list, 200)
	w.golden("packages", list)

	c, _ := w.subscriber(w.ours, "c1", "one.example")
	path := fmt.Sprintf("/users/%d/account-packages", c)
	if got := w.call(w.ours, "GET", path, nil).body; got != `{"accountPackages":[]}` {
		t.Error(got)
	}
	added := w.send(w.ours, "POST", path, "application/json", fmt.Sprintf(`{"packageRef":"%d","billingFrequency":12}`, pro))
	w.want(added, 200)
	w.golden("account_package_added", added)
	wantShape(t, shape(t, added.body, "capabilities"), "s: "+capabilityKeys)
	mine := w.call(w.ours, "GET", path, nil)
	w.want(mine, 200)
	w.golden("account_packages", mine)
	wantShape(t, shape(t, mine.body, "accountPackages", "0"), "i: ref deleteOnExpiry isFree billingPeriodMonths", "s: activationCode", "{}: startDateTime endDateTime updated package")
	ref := int64(w.want(mine, 200)["accountPackages"].([]any)[0].(map[string]any)["ref"].(float64))
	w.golden("account_package", w.call(w.ours, "GET", fmt.Sprintf("%s/%d", path, ref), nil))
}
