package blackbox

import (
	"fmt"
	"testing"
)

// TestScheduledDNSCheck moves a sandbox's clock past the first two checks; the
// answers are its own.
func TestScheduledDNSCheck(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		p := fmt.Sprint(s.Ready.Partner.ID)
		order, _ := s.order("shop.test", "anna@shop.test")
		o := fmt.Sprint(order)
		s.cli(1, "sandbox", "dns", "show", p)
		s.cli(0, "sandbox", "dns", "set", p, `[{"name":"shop.test","type":"NS","value":"ns.test"},{"name":"shop.test","type":"MX","preference":10,"value":"posthouse.localhost"}]`)
		out, _ := s.cli(0, "sandbox", "dns", "show", p)
		contains(t, out, "shop.test", "10 posthouse.localhost")
		s.cli(0, "clock", "advance", p, "--by", "5h")
		check := func() map[string]any {
			t.Helper()
			return s.json("order", "check", o, "--last").(map[string]any)["found"].(map[string]any)
		}
		if f := check(); f["mxVerified"] != true || f["spfVerified"] != false {
			t.Errorf("%v", f)
		}
		s.cli(0, "sandbox", "dns", "set", p, `[{"name":"shop.test","type":"MX","preference":10,"value":"posthouse.localhost"},{"name":"shop.test","type":"TXT","value":"v=spf1 mx ~all"}]`)
		s.cli(0, "clock", "advance", p, "--by", "24h")
		if f := check(); f["mxVerified"] != true || f["spfVerified"] != true || f["lenientSPF"] != false {
			t.Errorf("%v", f)
		}
		out, _ = s.cli(0, "order", "show", o)
		contains(t, out, "MAIL_ORDER_SETUP_COMPLETED")
	})
}
