package provision_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/retail"
	nouns "posthouse/internal/core/shop"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/oauth1"
	"posthouse/internal/oauth1/oauth1test"
)

// brandOf makes a partner a brand.
func (w *world) brandOf(a audit.Actor) *tenancy.ShopDetails {
	w.t.Helper()
	d, err := w.s.SetUpShop(w.ctx, w.op, retail.SetUpShop{PartnerID: a.PartnerID, Username: fmt.Sprintf("root%d@resellers.example", a.PartnerID), Currency: "GBP"})
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func (w *world) apiUser(a audit.Actor, name string, networks ...netip.Prefix) (*partner.APIUser, string) {
	w.t.Helper()
	u, password, err := w.s.CreateAPIUser(w.ctx, w.op, tenancy.CreateAPIUser{PartnerID: a.PartnerID, Username: name, AllowedNetworks: networks})
	if err != nil {
		w.t.Fatal(err)
	}
	return u, password
}

func TestSetUpShop(t *testing.T) {
	w := newWorld(t)
	d := w.brandOf(w.a)
	if d.Root == nil || d.Root.SellingCurrency != "GBP" || d.Root.PartnerID != w.a.PartnerID || d.Partner.ID != w.a.PartnerID {
		t.Fatalf("%+v", d)
	}
	again, err := w.s.SetUpShop(w.ctx, w.op, retail.SetUpShop{PartnerID: w.a.PartnerID, Username: "other@resellers.example", Hosts: []string{"REST.Acme.example."}, TimeZone: "Europe/London"})
	if err != nil || again.Root.ID != d.Root.ID || !slices.Equal(again.Settings.Hosts, []string{"rest.acme.example"}) || again.Settings.TimeZone != "Europe/London" {
		t.Fatalf("%+v, %v", again, err)
	}
	hosts := func() map[string]int64 {
		h, err := w.s.ShopHosts(w.ctx)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	if h := hosts(); len(h) != 1 || h["rest.acme.example"] != w.a.PartnerID {
		t.Errorf("%v", h)
	}
	for name, c := range map[string]struct {
		cmd  retail.SetUpShop
		code fault.Code
	}{
		"host of another": {retail.SetUpShop{PartnerID: w.b.PartnerID, Username: "x@y.example", Hosts: []string{"free.example", "rest.acme.example"}}, fault.Conflict},
		"host of ours":    {retail.SetUpShop{PartnerID: w.b.PartnerID, Username: "x@y.example", Hosts: []string{"mx.platform.example"}}, fault.InvalidDomain},
		"no host":         {retail.SetUpShop{PartnerID: w.b.PartnerID, Username: "x@y.example", Hosts: []string{"a b"}}, fault.InvalidDomain},
		"with a port":     {retail.SetUpShop{PartnerID: w.b.PartnerID, Username: "x@y.example", Hosts: []string{"rest.example:80"}}, fault.InvalidDomain},
		"no zone":         {retail.SetUpShop{PartnerID: w.b.PartnerID, Username: "x@y.example", TimeZone: "Mars/Olympus"}, fault.Invalid},
		"zone of ours":    {retail.SetUpShop{PartnerID: w.b.PartnerID, Username: "x@y.example", TimeZone: "Local"}, fault.Invalid},
		"zone elsewhere":  {retail.SetUpShop{PartnerID: w.b.PartnerID, Username: "x@y.example", TimeZone: "../../etc/passwd"}, fault.Invalid},
		"no user name":    {retail.SetUpShop{PartnerID: w.b.PartnerID}, fault.Invalid},
		"no partner":      {retail.SetUpShop{PartnerID: 99, Username: "x@y.example"}, fault.PartnerNotFound},
	} {
		if _, err := w.s.SetUpShop(w.ctx, w.op, c.cmd); !fault.Is(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if h := hosts(); len(h) != 1 {
		t.Errorf("a refused set-up leaves hosts: %v", h)
	}
	if _, err := w.s.ShopSettings(w.ctx, w.op, w.b.PartnerID); !fault.Is(err, fault.NotFound) {
		t.Errorf("a refused set-up leaves a brand: %v", err)
	}
	if _, err := w.s.SetUpShop(w.ctx, w.a, retail.SetUpShop{PartnerID: w.a.PartnerID}); !fault.Is(err, fault.Forbidden) {
		t.Error(err)
	}
}

func TestModifyShop(t *testing.T) {
	w := newWorld(t)
	w.brandOf(w.a)
	w.brandOf(w.b)
	limited := w.a
	limited.Limited = true
	list := func(v ...string) *[]string { return &v }
	var ours, theirs, domains int64
	if err := w.store.Read(w.ctx, func(tx work.Tx) error {
		for _, id := range []int64{w.b.PartnerID, w.a.PartnerID} {
			all, err := tx.Packages(w.ctx, id)
			if err != nil {
				return err
			}
			for _, p := range all {
				switch {
				case p.Kind == nouns.DomainPackage:
					domains = p.ID
				case p.Kind == nouns.MailPackage && id == w.a.PartnerID:
					ours = p.ID
				case p.Kind == nouns.MailPackage:
					theirs = p.ID
				}
			}
		}
		return nil
	}); err != nil || ours == 0 || theirs == 0 || domains == 0 {
		t.Fatalf("packages %d, %d, %d: %v", ours, theirs, domains, err)
	}
	for name, c := range map[string]struct {
		actor  audit.Actor
		cmd    packages.ModifyShop
		reason string
	}{
		"hosts by the partner":          {w.a, packages.ModifyShop{Hosts: list("a.example")}, "KEY_NEEDED"},
		"link hosts by an API user":     {limited, packages.ModifyShop{LinkHosts: list("a.example")}, "KEY_NEEDED"},
		"another's package":             {w.a, packages.ModifyShop{DefaultPackage: &theirs}, "NO_SUCH_PACKAGE"},
		"a domain package":              {w.a, packages.ModifyShop{DefaultPackage: &domains}, "NO_SUCH_PACKAGE"},
		"another's package, preferred":  {w.a, packages.ModifyShop{PreferredPackage: &theirs}, "NO_SUCH_PACKAGE"},
		"a zone that is none":           {w.a, packages.ModifyShop{TimeZone: ptr("x")}, "TIME_ZONE"},
		"a link host with a path":       {w.a, packages.ModifyShop{LinkHosts: list("a.example/x")}, "LINK_HOST"},
		"a link host with user":         {w.a, packages.ModifyShop{LinkHosts: list("u@a.example")}, "LINK_HOST"},
		"an empty link host":            {w.a, packages.ModifyShop{LinkHosts: list("")}, "LINK_HOST"},
		"an ending":                     {w.a, packages.ModifyShop{Endings: list("c om")}, "ENDING"},
		"a language":                    {w.a, packages.ModifyShop{Languages: list("<script>")}, "LANGUAGE"},
		"a negative ref":                {w.a, packages.ModifyShop{DNSProviderRef: ptr(int64(-1))}, ""},
		"a partner that is not its own": {w.a, packages.ModifyShop{PartnerID: w.b.PartnerID, MailboxArray: ptr(true)}, ""},
	} {
		if _, err := w.s.ModifyShop(w.ctx, c.actor, c.cmd); err == nil || fault.Of(err).Reason != c.reason {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := w.s.ModifyShop(w.ctx, limited, packages.ModifyShop{
		TimeZone: ptr("Europe/Paris"), DNSProviderRef: ptr(int64(4)), MailboxArray: ptr(true), Endings: list(".CO.uk", "com", "com"), Languages: list("DE", "en"),
		DefaultPackage: &ours, PreferredPackage: &domains,
	})
	if err != nil {
		t.Fatal(err)
	}
	records := len(w.store.AllRecords())
	if _, err = w.s.ModifyShop(w.ctx, w.a, packages.ModifyShop{TimeZone: ptr("Europe/Paris")}); err != nil || len(w.store.AllRecords()) != records {
		t.Errorf("a change that changes nothing is recorded: %v", err)
	}
	if _, err = w.s.ModifyShop(w.ctx, w.a, packages.ModifyShop{LinkHosts: list("Shop.Acme.example", "localhost")}); err != nil {
		t.Error(err)
	}
	d, err := w.s.ShopSettings(w.ctx, w.a, 0)
	if s := d.Settings; err != nil || s.TimeZone != "Europe/Paris" || s.DNSProviderRef != 4 || !s.MailboxArray || !slices.Equal(s.Endings, []string{"co.uk", "com"}) ||
		!slices.Equal(s.Languages, []string{"de", "en"}) || s.DefaultPackage != ours || s.PreferredPackage != domains || !slices.Equal(s.LinkHosts, []string{"shop.acme.example", "localhost"}) {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := w.s.ModifyShop(w.ctx, w.op, packages.ModifyShop{PartnerID: w.a.PartnerID, Hosts: list("a.example"), TimeZone: ptr("")}); err != nil {
		t.Error(err)
	}
	if _, err := w.s.ModifyShop(w.ctx, w.op, packages.ModifyShop{PartnerID: w.b.PartnerID, Hosts: list("a.example")}); fault.Of(err).Reason != "HOST_TAKEN" {
		t.Error(err)
	}
	if _, err := w.s.ModifyShop(w.ctx, w.op, packages.ModifyShop{PartnerID: w.a.PartnerID, Hosts: list()}); err != nil {
		t.Error(err)
	}
	if _, err := w.s.ModifyShop(w.ctx, w.op, packages.ModifyShop{PartnerID: w.b.PartnerID, Hosts: list("a.example")}); err != nil {
		t.Errorf("a host that was given up: %v", err)
	}
}

func TestAPIUser(t *testing.T) {
	w := newWorld(t)
	here, there := netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("198.51.100.7")
	if _, _, err := w.s.CreateAPIUser(w.ctx, w.op, tenancy.CreateAPIUser{PartnerID: w.a.PartnerID, Username: "acme"}); fault.Of(err).Reason != "NO_SHOP" {
		t.Errorf("a user of no brand: %v", err)
	}
	w.brandOf(w.a)
	w.brandOf(w.b)
	a, password := w.apiUser(w.a, " Acme ", netip.MustParsePrefix("192.0.2.0/24"))
	if a.Username != "acme" || len(password) != 40 || strings.Trim(password, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" || a.Rights != partner.RightsBrand {
		t.Fatalf("%+v %q", a, password)
	}
	refused := func(name, user, password string, from netip.Addr) {
		t.Helper()
		_, err := w.s.AuthenticateAPIUser(w.ctx, user, password, from)
		if !fault.Is(err, fault.Unauthenticated) || fault.Of(err).Text != "The credentials are wrong, or may not be used from here" {
			t.Errorf("%s: %v", name, err)
		}
	}
	taken := func(name string) *tenancy.APICaller {
		t.Helper()
		c, err := w.s.AuthenticateAPIUser(w.ctx, "ACME", password, here)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return c
	}
	if c := taken("at first"); c.Signed() || c.Partner.ID != w.a.PartnerID || c.User.ID != a.ID || c.Shop == nil || !c.Actor.Limited || c.Actor.Role != suspension.RolePartner ||
		c.Actor.PartnerID != w.a.PartnerID || c.Actor.Address != here.String() || strings.Contains(c.Actor.Name, password) {
		t.Errorf("%+v", c)
	}
	for name, c := range map[string][2]string{
		"wrong password": {"acme", password + "x"}, "in small": {"acme", strings.ToLower(password)}, "none": {"acme", ""}, "unknown": {"nobody", password}, "no name": {"", password},
		"long": {"acme", strings.Repeat("x", 10000)}, "long name": {strings.Repeat("x", 10000), password}, "NUL": {"acme\x00", password}, "no UTF-8": {"\xff", password},
	} {
		refused(name, c[0], c[1], here)
	}
	refused("another network", "acme", password, there)
	if err := w.s.SetAllowedNetworks(w.ctx, w.op, w.a.PartnerID, []netip.Prefix{netip.MustParsePrefix("192.0.2.8/32")}); err != nil {
		t.Fatal(err)
	}
	refused("another network of the partner", "acme", password, here)
	_ = w.s.SetAllowedNetworks(w.ctx, w.op, w.a.PartnerID, nil)
	taken("without the partner's networks")
	_ = w.s.SuspendPartner(w.ctx, w.op, w.a.PartnerID)
	refused("a suspended partner", "acme", password, here)
	_ = w.s.UnsuspendPartner(w.ctx, w.op, w.a.PartnerID)
	taken("after a suspension")

	for name, cmd := range map[string]tenancy.CreateAPIUser{
		"taken": {Username: "ACME"}, "empty": {}, "colon": {Username: "a:b"}, "Unicode": {Username: "é"}, "long": {Username: strings.Repeat("a", 65)}, "rights": {Username: "x", Rights: "root"},
	} {
		cmd.PartnerID = w.b.PartnerID
		if _, _, err := w.s.CreateAPIUser(w.ctx, w.op, cmd); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	old := password
	var err error
	if password, err = w.s.RotateAPIUserPassword(w.ctx, w.op, a.ID); err != nil || password == old {
		t.Fatal(err)
	}
	refused("the former password", "acme", old, here)
	taken("after a rotation")
	for _, r := range w.store.AllRecords() {
		if strings.Contains(string(r.Detail), password) || strings.Contains(string(r.Detail), old) {
			t.Errorf("the audit log has the password: %s", r.Detail)
		}
	}
	if _, err := w.s.SandboxAPIPassword(w.ctx, w.op, a.ID); fault.Of(err).Reason != "PASSWORD_NOT_KEPT" {
		t.Errorf("a password is kept: %v", err)
	}
	list, err := w.s.APIUsers(w.ctx, w.op, w.a.PartnerID)
	if err != nil || len(list) != 1 || list[0].User.PasswordHash != nil {
		t.Errorf("%+v, %v", list, err)
	}
	if err := w.s.RevokeAPIUser(w.ctx, w.op, a.ID); err != nil {
		t.Fatal(err)
	}
	refused("a revoked user", "acme", password, here)
	if err := w.s.RevokeAPIUser(w.ctx, w.op, a.ID); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
	if _, err := w.s.RotateAPIUserPassword(w.ctx, w.op, a.ID); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
	again, _ := w.apiUser(w.b, "acme")
	if again.ID == a.ID || again.PartnerID != w.b.PartnerID {
		t.Errorf("%+v", again)
	}
	refused("its name is another's", "acme", password, here)
}

func TestSandboxAPIPassword(t *testing.T) {
	w := newWorld(t)
	p, _, err := w.s.CreatePartner(w.ctx, w.op, tenancy.CreatePartner{Name: "Sandbox", Sandbox: true})
	if err != nil {
		t.Fatal(err)
	}
	actor := audit.Actor{PartnerID: p.ID, Role: suspension.RolePartner}
	w.brandOf(actor)
	a, password := w.apiUser(actor, "sandbox")
	for range 2 {
		if got, err := w.s.SandboxAPIPassword(w.ctx, w.op, a.ID); err != nil || got != password {
			t.Errorf("%q, %v", got, err)
		}
		password, _ = w.s.RotateAPIUserPassword(w.ctx, w.op, a.ID)
	}
	if _, err := w.s.SandboxAPIPassword(w.ctx, actor, a.ID); !fault.Is(err, fault.Forbidden) {
		t.Error(err)
	}
}

func TestAPIUsersAreTheOperators(t *testing.T) {
	w := newWorld(t)
	w.brandOf(w.a)
	a, _ := w.apiUser(w.a, "acme")
	made, err := w.s.CreateOAuthCredentials(w.ctx, w.op, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() error{
		"create": func() error {
			_, _, err := w.s.CreateAPIUser(w.ctx, w.a, tenancy.CreateAPIUser{PartnerID: w.a.PartnerID, Username: "x"})
			return err
		},
		"rotate":       func() error { _, err := w.s.RotateAPIUserPassword(w.ctx, w.a, a.ID); return err },
		"revoke":       func() error { return w.s.RevokeAPIUser(w.ctx, w.a, a.ID) },
		"list":         func() error { _, err := w.s.APIUsers(w.ctx, w.a, w.a.PartnerID); return err },
		"oauth":        func() error { _, err := w.s.CreateOAuthCredentials(w.ctx, w.a, a.ID); return err },
		"revoke oauth": func() error { return w.s.RevokeOAuthCredentials(w.ctx, w.a, made.Credentials.ID) },
	} {
		if err := call(); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// signedBy gives a request of made's that was signed at a time.
func signedBy(t *testing.T, made *tenancy.CreatedOAuth, at time.Time, nonce, more string) *oauth1.Signed {
	t.Helper()
	query := fmt.Sprintf("a=1&oauth_consumer_key=%s&oauth_token=%s&oauth_nonce=%s&oauth_timestamp=%d&oauth_signature_method=HMAC-SHA256%s",
		made.Credentials.ConsumerKey, made.Credentials.Token, nonce, at.Unix(), more)
	return oauth1test.SignQuery(t, &oauth1.Request{Method: "GET", Scheme: "https", Host: "h.example", Path: "/users", Query: query}, made.ConsumerSecret, made.TokenSecret)
}

func TestAuthenticateOAuth(t *testing.T) {
	w := newWorld(t)
	here := netip.MustParseAddr("192.0.2.7")
	w.brandOf(w.a)
	a, _ := w.apiUser(w.a, "acme", netip.MustParsePrefix("192.0.2.0/24"))
	made, err := w.s.CreateOAuthCredentials(w.ctx, w.op, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	other, err := w.s.CreateOAuthCredentials(w.ctx, w.op, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	now := w.clock.Now()
	taken := func(name string, s *oauth1.Signed) *tenancy.APICaller {
		t.Helper()
		c, err := w.s.AuthenticateOAuth(w.ctx, s, here)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return c
	}
	refused := func(name string, s *oauth1.Signed, from netip.Addr) {
		t.Helper()
		if _, err := w.s.AuthenticateOAuth(w.ctx, s, from); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := taken("at first", signedBy(t, made, now, "n1", ""))
	if !c.Signed() || c.User.ID != a.ID || !c.Actor.Limited {
		t.Errorf("%+v", c)
	}
	if err := w.s.SpendOAuthNonce(w.ctx, c); err != nil {
		t.Error(err)
	}
	c = taken("again", signedBy(t, made, now, "n1", "")) // a signature stays right: it is the nonce that is spent
	if err := w.s.SpendOAuthNonce(w.ctx, c); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a nonce twice: %v", err)
	}
	for name, s := range map[string]*oauth1.Signed{
		"another nonce": signedBy(t, made, now, "n2", ""), "another second": signedBy(t, made, now.Add(time.Second), "n1", ""), "other credentials": signedBy(t, other, now, "n1", ""),
		"as early as it may be": signedBy(t, made, now.Add(-300*time.Second), "n1", ""), "as late": signedBy(t, made, now.Add(300*time.Second), "n1", ""),
		"the same parameter twice": signedBy(t, made, now, "n3", "&a=1"),
	} {
		if err := w.s.SpendOAuthNonce(w.ctx, taken(name, s)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	mixed := *made
	mixed.Credentials = &partner.OAuthCredentials{ConsumerKey: made.Credentials.ConsumerKey, Token: other.Credentials.Token}
	wrongSecret := *made
	wrongSecret.TokenSecret += "x"
	swapped := *made
	swapped.ConsumerSecret, swapped.TokenSecret = swapped.TokenSecret, swapped.ConsumerSecret
	realm := signedBy(t, made, now, "n4", "")
	realm.Realm = "Rest"
	for name, s := range map[string]*oauth1.Signed{
		"stale": signedBy(t, made, now.Add(-301*time.Second), "n9", ""), "future": signedBy(t, made, now.Add(301*time.Second), "n9", ""),
		"another's token": signedBy(t, &mixed, now, "n9", ""), "wrong secret": signedBy(t, &wrongSecret, now, "n9", ""), "swapped": signedBy(t, &swapped, now, "n9", ""),
		"realm": realm, "ambiguous": signedBy(t, made, now, "n9", "&a=2"),
	} {
		refused(name, s, here)
	}
	realm.Realm = "rest"
	taken("the challenge's realm", realm)
	refused("another network", signedBy(t, made, now, "n9", ""), netip.MustParseAddr("198.51.100.1"))

	if err := w.s.Forget(w.ctx); err != nil {
		t.Fatal(err)
	}
	if err := w.s.SpendOAuthNonce(w.ctx, c); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a nonce is forgotten in its window: %v", err)
	}
	w.clock.Advance(601 * time.Second)
	if err := w.s.Forget(w.ctx); err != nil {
		t.Fatal(err)
	}
	if err := w.s.SpendOAuthNonce(w.ctx, c); err != nil {
		t.Errorf("a nonce is kept for ever: %v", err)
	}
	refused("what was forgotten is stale", signedBy(t, made, now, "n1", ""), here)
	now = w.clock.Now()

	if err := w.s.RevokeOAuthCredentials(w.ctx, w.op, made.Credentials.ID); err != nil {
		t.Fatal(err)
	}
	refused("revoked", signedBy(t, made, now, "n9", ""), here)
	taken("the others", signedBy(t, other, now, "n9", ""))
	if err := w.s.RevokeAPIUser(w.ctx, w.op, a.ID); err != nil {
		t.Fatal(err)
	}
	refused("of a revoked user", signedBy(t, other, now, "n9", ""), here)
	if _, err := w.s.CreateOAuthCredentials(w.ctx, w.op, a.ID); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

// TestOAuthNonceInParallel: of many that are the same one gets through.
func TestOAuthNonceInParallel(t *testing.T) {
	w := newWorld(t)
	w.brandOf(w.a)
	a, _ := w.apiUser(w.a, "acme")
	made, err := w.s.CreateOAuthCredentials(w.ctx, w.op, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	c, err := w.s.AuthenticateOAuth(w.ctx, signedBy(t, made, w.clock.Now(), "n", ""), netip.MustParseAddr("192.0.2.7"))
	if err != nil {
		t.Fatal(err)
	}
	const n = 16
	results := make(chan error, n)
	for range n {
		go func() { results <- w.s.SpendOAuthNonce(w.ctx, c) }()
	}
	passed := 0
	for range n {
		if err := <-results; err == nil {
			passed++
		} else if !fault.Is(err, fault.Unauthenticated) {
			t.Error(err)
		}
	}
	if passed != 1 {
		t.Errorf("%d got through", passed)
	}
}
