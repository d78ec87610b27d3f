package native

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"posthouse/internal/core/partner"
)

// What the core knows of a partner's settings is shown, so that a new one isn't forgotten.
func TestSettingsAreComplete(t *testing.T) {
	w := sqliteWorld(t)
	n := 500
	if err := w.core.SetPartnerSettings(t.Context(), operator, w.partner, partner.Settings{
		BillingOwner: partner.BilledByPlatform, Currency: "EUR", ChargedAmountOptional: true, ServerScoped: true, CollateHosts: true,
		Carts: true, NoSetupMail: true, RatePerSecond: &n, RateBurst: &n,
	}); err != nil {
		t.Fatal(err)
	}
	p, err := w.core.PartnerSettings(t.Context(), w.actor(w.partner))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(p.Settings)
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	if len(want) != reflect.TypeFor[partner.Settings]().NumField() {
		t.Fatalf("the test leaves fields unset: %s", raw)
	}
	got := w.do(w.key, "GET", "/v1/settings", "").want(200, "")
	if !reflect.DeepEqual(got.body, want) {
		t.Errorf("%s, want %s", got.raw, raw)
	}
	for field := range want {
		body := fmt.Sprintf(`{%q: null}`, field)
		if a := w.do(w.key, "PATCH", "/v1/settings", body, header{"If-Match": "*"}); (a.status == 200) != slices.Contains([]string{"currency", "collateHosts", "carts", "noSetupMail"}, field) {
			t.Errorf("%s: %d %s", field, a.status, a.raw)
		}
	}
	a := w.do(w.key, "PATCH", "/v1/settings", `{"currency":"usd","collateHosts":false,"carts":false,"noSetupMail":false}`, header{"If-Match": "*"}).want(200, "")
	if a.body["carts"] != false || a.body["collateHosts"] != false || a.body["noSetupMail"] != false || a.body["currency"] != "USD" || a.body["ratePerSecond"] != float64(500) {
		t.Error(a.raw)
	}
}
