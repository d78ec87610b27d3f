package basekit

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
)

// holderTypes is 4.1: i, b, s, d, o (an object), with ? where a null is taken.
var holderTypes = map[string]string{
	"ref": "i", "brandRef": "i", "suspended": "i", "newsletter": "i", "currencyRef": "i", "cpfCompany": "i", "storageBytesUsed": "i", "entryFlowComplete": "i",
	"beta": "b", "deleted": "b", "emailVerified": "b",
	"firstName": "s", "lastName": "s", "username": "s", "email": "s", "languageCode": "s", "company": "s", "accountStatus": "s",
	"phoneNumber": "s?", "address1": "s?", "address2": "s?", "city": "s?", "postcode": "s?", "country": "s?", "countryCode": "s?", "state": "s?", "cpfNumber": "s?", "externalSystemId": "s?",
	"accountPaymentMethodRef": "i?", "resellerRef": "i?", "subscriptionPackageRef": "i?", "campaignRef": "i?", "packageCampaignRef": "i?",
	"created": "d", "lastLogin": "d?", "capabilities": "o", "metadata": "o", "enabledFeatureFlags": "o", "owner": "o",
}

var (
	holderOwnerKeys = []string{"type", "ref", "displayName", "email", "loginURL", "externalAccountURL", "externalPaymentURL", "externalPaymentCancellationURL", "externalSubscriptionURL", "domain", "helpURL",
		"helpGettingStartedURL", "helpCommonMistakesURL", "helpDocumentationURL", "helpWhatsNewURL", "helpOpenSourceUrl"}
	holderCapabilityKeys = []string{"liveSites", "allowUsers", "cdnEnabled", "cssEditing", "themeLevel", "freeDomains", "htmlEditing", "pagesLimited", "storageLimit", "templateTier", "domainMapping",
		"googleAnalytics", "ecommerceAllowed", "googleAdWordVoucher", "allowExternalRedirects", "allowTemplateSave", "mailboxes", "mobile", "siteLock", "mobileSites", "mobilePublishing", "restrictPagesOnPublish"}
)

func jsonTypeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "b"
	case string:
		return "s"
	case float64:
		if v == float64(int64(v)) {
			return "i"
		}
		return "n"
	case map[string]any:
		if date, ok := v["date"].(string); ok && len(v) == 3 && v["timezone_type"] == float64(3) && v["timezone"] != "" && len(date) == len(dateLayout) {
			return "d"
		}
		return "o"
	}
	return "?"
}

// wantHolderTypes compares an object with a table of its keys.
func wantHolderTypes(t *testing.T, got map[string]any, types map[string]string) {
	t.Helper()
	for key, want := range types {
		v, there := got[key]
		if kind := jsonTypeOf(v); !there || kind != strings.TrimSuffix(want, "?") && (kind != "null" || !strings.HasSuffix(want, "?")) {
			t.Errorf("%s is %v (%s), want %s", key, v, kind, want)
		}
	}
	for key := range got {
		if types[key] == "" {
			t.Errorf("%s is not in the contract", key)
		}
	}
}

// wantHolder is what a strictly typed client reads.
func wantHolder(t *testing.T, got map[string]any) {
	t.Helper()
	wantHolderTypes(t, got, holderTypes)
	owner, _ := got["owner"].(map[string]any)
	if len(owner) != len(holderOwnerKeys) {
		t.Errorf("the owner has the keys %v", owner)
	}
	for _, key := range holderOwnerKeys {
		want := "s"
		if key == "ref" {
			want = "i"
		}
		if jsonTypeOf(owner[key]) != want {
			t.Errorf("owner.%s is %v", key, owner[key])
		}
	}
	caps, _ := got["capabilities"].(map[string]any)
	for _, key := range holderCapabilityKeys {
		if jsonTypeOf(caps[key]) != "s" {
			t.Errorf("capabilities.%s is %v", key, caps[key])
		}
	}
	for key, v := range got["metadata"].(map[string]any) {
		if jsonTypeOf(v) != "s" {
			t.Errorf("metadata.%s is %v", key, v)
		}
	}
}

func TestHolder(t *testing.T) {
	w := newWorld(t)
	created := w.call(w.ours, http.MethodPost, "/users", w.leeOf(w.ours))
	h := w.want(created, 201)["accountHolder"].(map[string]any)
	wantHolder(t, h)
	w.golden("user-created", created)
	ref := int64(h["ref"].(float64))
	if h["username"] != "hlee88" || h["metadata"].(map[string]any)["its_client_id"] != "c1" || h["deleted"] != false || h["subscriptionPackageRef"] != nil || h["storageBytesUsed"] != 0.0 {
		t.Errorf("got %v", h)
	}
	path := fmt.Sprint("/users/", ref)
	w.golden("user", w.send(w.ours, http.MethodGet, path, "application/json", ""))
	changed := w.call(w.ours, http.MethodPut, path, map[string]any{
		"firstName": "Ünï", "phoneNumber": "+44.2070000000x12", "address1": "1 High St", "city": "London", "postcode": "N1", "country": "gb", "state": "LDN", "company": "Lee & <Co>",
		"newsletter": "1", "beta": true, "cpfNumber": "123", "currencyRef": "978", "username": "hlee88", "email": "h@b.test",
	})
	got := w.want(changed, 200)["accountHolder"].(map[string]any)
	wantHolder(t, got)
	w.golden("user-changed", changed)
	if got["lastName"] != "Lee" || got["phoneNumber"] != "+44.2070000000x12" || got["countryCode"] != "GB" || got["newsletter"] != 1.0 || got["currencyRef"] != 978.0 {
		t.Errorf("got %v", got)
	}
	cleared := w.want(w.call(w.ours, http.MethodPut, path, map[string]any{"city": nil, "address1": "", "company": nil, "firstName": nil, "metadata": []any{}}), 200)["accountHolder"].(map[string]any)
	if cleared["city"] != nil || cleared["address1"] != nil || cleared["company"] != "Lee & <Co>" || cleared["firstName"] != "Ünï" || len(cleared["metadata"].(map[string]any)) != 0 {
		t.Errorf("got %v", cleared)
	}
	for _, action := range []string{"suspend", "unsuspend", "cancel", "anonymise"} { // empty, without a type
		w.want(w.send(w.ours, http.MethodPost, path+"/"+action, "", ""), 204)
		if h := w.showHolder(w.ours, ref); (h["suspended"] == 1.0) != (action == "suspend") {
			t.Errorf("after %s suspended is %v", action, h["suspended"])
		}
	}
	gone := w.showHolder(w.ours, ref)
	wantHolder(t, gone)
	if gone["firstName"] != "anonymised" || gone["city"] != "anonymised" || !strings.HasSuffix(gone["email"].(string), ".invalid") || gone["username"] == "hlee88" {
		t.Errorf("got %v", gone)
	}
}

// TestHolderOfAnotherDialect: a typed client reads what Titan's partner made.
func TestHolderOfAnotherDialect(t *testing.T) {
	w := newWorld(t)
	actor := audit.Actor{PartnerID: w.ours.id, Role: suspension.RolePartner, Name: "key:1"}
	expiry := start.AddDate(1, 0, 0)
	o, err := w.core.CreateMailOrder(t.Context(), actor, ordering.CreateMailOrder{
		Expiry: &expiry, Domain: "titan.example", Plan: plan.PremiumTrial, Customer: work.CustomerProfile{CustomerID: "t-1", Name: "Jane van Doe", Email: "jane@x.example", Country: "DE"},
	})
	if err != nil {
		t.Fatal(err)
	}
	d, err := w.core.FetchOrder(t.Context(), actor, work.OrderRef{ID: o.OrderID})
	if err != nil {
		t.Fatal(err)
	}
	h := w.showHolder(w.ours, d.Customer.ID)
	wantHolder(t, h)
	if h["username"] != "jane@x.example" || h["lastName"] != "Doe" || h["firstName"] != "Jane van" || h["languageCode"] != "en" || h["countryCode"] != "DE" {
		t.Errorf("got %v", h)
	}
	w.wantError(w.call(w.ours, http.MethodPost, "/users", w.holderWith(w.leeOf(w.ours), "email", "Jane@X.example")), 400, "email", "alreadyExists")
	w.wantError(w.call(w.ours, http.MethodPost, "/users", w.holderWith(w.leeOf(w.ours), "username", "jane@x.example")), 400, "username", "alreadyExists")
	found := w.want(w.call(w.ours, http.MethodGet, "/search?token=titan.example", nil), 200)["users"].([]any)
	if len(found) != 1 {
		t.Errorf("got %v", found)
	}
}
