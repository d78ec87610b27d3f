package provision_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/customers"
	"posthouse/internal/core/due"
	"posthouse/internal/core/holders"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/provision"
	nouns "posthouse/internal/core/shop"
	"posthouse/internal/core/signin"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/store/sqltest"
)

const loginLink = "https://my.brand.example/reset?lang=de"

// api is the actor of a partner's API user.
func api(a audit.Actor) audit.Actor {
	a.Name, a.Limited, a.RequestID = "api-user:1", true, "req-7"
	return a
}

// answer does what is due of forgotten passwords.
func (w *world) answer() {
	w.t.Helper()
	items, err := w.s.DueItems(w.ctx, w.op, work.DueFilter{Kind: due.HolderRequest}, 100)
	w.must(err)
	for _, i := range items {
		if i.At.After(w.clock.Now()) {
			w.t.Errorf("%+v is due later", i)
		}
		w.must(w.s.RunDue(w.ctx, w.job, *i, nil))
		w.must(w.s.RunDue(w.ctx, w.job, *i, nil)) // a second node has taken it too
		w.must(w.store.EndDue(w.ctx, "", *i))
	}
}

// draft gives what the only mail of the outbox is made of, and its token.
func (w *world) draft() (*notice.Draft, string) {
	w.t.Helper()
	d, err := w.s.NextNotice(w.ctx, 0)
	w.must(err)
	if d == nil {
		w.t.Fatal("there is no mail")
	}
	token, err := w.s.NoticeToken(d)
	w.must(err)
	w.one()
	return d, token
}

func (w *world) forgot(name string) (*notice.Draft, string) {
	w.t.Helper()
	w.must(w.s.ForgotHolderPassword(w.ctx, api(w.a), holders.ForgotHolderPassword{Username: name, LoginLink: loginLink}))
	w.answer()
	return w.draft()
}

func (w *world) reset(a audit.Actor, hash, password string) error {
	return w.s.ResetHolderPassword(w.ctx, a, holders.ResetHolderPassword{Hash: hash, Password: password})
}

// TestForgottenPassword: one mail with a hash that sets the password, once.
func TestForgottenPassword(t *testing.T) {
	w := newTree(t)
	jane := w.signUp(as(w.left), "Jane@x.example")
	d, hash := w.forgot("JANE@x.example")
	if d.Kind != notice.HolderPassword || d.To != "Jane@x.example" || d.CustomerID != jane.ID || d.ResellerID != w.left.ID || d.Link != loginLink || d.LinkName != "h" ||
		!d.LinkExpires.Equal(w.clock.Now().Add(2*time.Hour)) || len(hash) != 40 || strings.Contains(string(d.Data), hash) {
		t.Fatalf("%+v, hash %q", d, hash)
	}
	panel := func() error {
		_, err := w.s.VerifyPanelPassword(w.ctx, signin.VerifyPanelPassword{PartnerID: w.a.PartnerID, Email: "jane@x.example", Password: "new pass"})
		return err
	}
	ticket, err := w.s.GenerateCustomerLogin(w.ctx, as(w.left), customers.GenerateCustomerLogin{CustomerID: jane.ID, IP: "192.0.2.1"})
	w.must(err)
	session, secret, err := w.s.OpenTicketSession(w.ctx, signin.OpenTicket{Ticket: ticket})
	if err != nil || session == nil {
		t.Fatal(err)
	}
	verification := func() string {
		w.must(w.s.SendVerificationEmail(w.ctx, api(w.a), holders.SendVerificationEmail{Ref: jane.ID, Link: loginLink}))
		_, token := w.draft()
		return token
	}()
	w.play(
		step{do: "six characters", call: func() error { return w.reset(api(w.a), hash, "123456") }, fault: fault.Invalid, reason: "PASSWORD_TOO_SHORT"},
		step{do: "six of more bytes", call: func() error { return w.reset(api(w.a), hash, "ääääää") }, fault: fault.Invalid, reason: "PASSWORD_TOO_SHORT"},
		step{do: "no password", call: func() error { return w.reset(api(w.a), hash, "") }, fault: fault.Invalid, reason: "PASSWORD_TOO_SHORT"},
		step{do: "no text", call: func() error { return w.reset(api(w.a), hash, "\xff\xffpassword") }, fault: fault.Invalid, reason: "PASSWORD_INVALID"},
		step{do: "a book", call: func() error { return w.reset(api(w.a), hash, strings.Repeat("x", 1025)) }, fault: fault.Invalid, reason: "PASSWORD_INVALID"},
		step{do: "no hash", call: func() error { return w.reset(api(w.a), "", "new pass") }, fault: fault.Invalid, reason: "HASH_INVALID"},
		step{do: "an unknown hash", call: func() error { return w.reset(api(w.a), strings.Repeat("x", 40), "new pass") }, fault: fault.Invalid, reason: "HASH_INVALID"},
		step{do: "a verification token", call: func() error { return w.reset(api(w.a), verification, "new pass") }, fault: fault.Invalid, reason: "HASH_INVALID"},
		step{do: "another brand", call: func() error { return w.reset(api(w.b), hash, "new pass") }, fault: fault.Invalid, reason: "HASH_INVALID"},
		step{do: "nothing has changed", call: panel, fault: fault.Unauthenticated},
		step{do: "the session lives", call: func() error { _, err := w.s.Session(w.ctx, secret); return err }},
		step{do: "seven characters", call: func() error { return w.reset(api(w.a), hash, "new pass") }},
		step{do: "it is the password", call: panel},
		step{do: "the session has ended", call: func() error { _, err := w.s.Session(w.ctx, secret); return err }, fault: fault.Unauthenticated, reason: "SESSION_ENDED"},
		step{do: "twice", call: func() error { return w.reset(api(w.a), hash, "other pass") }, fault: fault.Invalid, reason: "HASH_INVALID"},
		step{do: "the other token is void", call: func() error { return w.s.VerifyHolderEmail(w.ctx, api(w.a), jane.ID, verification) }, fault: fault.Invalid, reason: "TOKEN_INVALID"},
		step{do: "still the first", call: panel},
	)
	_, older := w.forgot("jane@x.example")
	_, newer := w.forgot("jane@x.example")
	_, late := "", ""
	w.play(
		step{do: "the older hash", call: func() error { return w.reset(api(w.a), older, "new pass") }, fault: fault.Invalid, reason: "HASH_INVALID"},
		step{do: "a moment before the end", after: 2*time.Hour - time.Second, call: func() error { return w.reset(api(w.a), newer, "new pass") }},
		step{do: "a hash", call: func() error { _, late = w.forgot("jane@x.example"); return nil }},
		step{do: "after two hours", after: 2 * time.Hour, call: func() error { return w.reset(api(w.a), late, "new pass") }, fault: fault.Invalid, reason: "HASH_INVALID"},
		step{do: "a hash", call: func() error { _, late = w.forgot("jane@x.example"); return nil }},
		step{do: "the reseller sets a password", call: func() error { return w.s.ChangeCustomerPassword(w.ctx, as(w.left), jane.ID, "Set-Else9where!") }},
		step{do: "the hash is void", call: func() error { return w.reset(api(w.a), late, "new pass") }, fault: fault.Invalid, reason: "HASH_INVALID"},
		step{do: "a hash", call: func() error { _, late = w.forgot("jane@x.example"); return nil }},
		step{do: "suspended", call: func() error { return w.s.SuspendCustomer(w.ctx, as(w.left), jane.ID, "x") }},
		step{do: "the hash of a suspended one", call: func() error { return w.reset(api(w.a), late, "new pass") }, fault: fault.Invalid, reason: "HASH_INVALID"},
	)
}

// TestForgottenPasswordByAddress: an address can be several customers', who get a
// mail each; a name without a customer is nobody's.
func TestForgottenPasswordByAddress(t *testing.T) {
	w := newTree(t)
	for i, id := range []string{"c-1", "c-2"} {
		cmd := proOrder(fmt.Sprintf("shop%d.example", i), id)
		cmd.Customer.Email = "Kim@Example.org"
		w.order(w.a, cmd)
	}
	theirs := proOrder("theirs.example", "c-1")
	theirs.Customer.Email = "kim@example.org"
	w.order(w.b, theirs)
	w.taken()
	for name, c := range map[string]struct {
		cmd  holders.ForgotHolderPassword
		want int
	}{
		"the address":                   {holders.ForgotHolderPassword{Email: "kim@example.org"}, 2},
		"the name of another dialect":   {holders.ForgotHolderPassword{Username: " KIM@example.org "}, 2},
		"both: the name counts":         {holders.ForgotHolderPassword{Username: "nobody", Email: "kim@example.org"}, 0},
		"an unknown address":            {holders.ForgotHolderPassword{Email: "nobody@example.org"}, 0},
		"an unknown name":               {holders.ForgotHolderPassword{Username: "customer-99@unset.invalid"}, 0},
		"a name that matches all names": {holders.ForgotHolderPassword{Username: "%"}, 0},
	} {
		c.cmd.LoginLink = loginLink
		w.must(w.s.ForgotHolderPassword(w.ctx, api(w.a), c.cmd))
		w.answer()
		if got := w.taken(); len(got) != c.want {
			t.Errorf("%s: %d mails", name, len(got))
		}
	}
	for name, c := range map[string]struct {
		cmd    holders.ForgotHolderPassword
		reason string
	}{
		"nothing":             {holders.ForgotHolderPassword{LoginLink: loginLink}, "NAME_REQUIRED"},
		"blanks":              {holders.ForgotHolderPassword{Username: "  ", LoginLink: loginLink}, "NAME_REQUIRED"},
		"no address":          {holders.ForgotHolderPassword{Email: "kim", LoginLink: loginLink}, "EMAIL_INVALID"},
		"two addresses":       {holders.ForgotHolderPassword{Email: "a@x.example,b@x.example", LoginLink: loginLink}, "EMAIL_INVALID"},
		"a header":            {holders.ForgotHolderPassword{Email: "a@x.example\r\nBcc: b@x.example", LoginLink: loginLink}, "EMAIL_INVALID"},
		"a long name":         {holders.ForgotHolderPassword{Username: strings.Repeat("x", 256), LoginLink: loginLink}, "USERNAME_INVALID"},
		"a name of no text":   {holders.ForgotHolderPassword{Username: "a\x00b", LoginLink: loginLink}, "USERNAME_INVALID"},
		"no link":             {holders.ForgotHolderPassword{Username: "kim@example.org"}, "LINK_INVALID"},
		"a script":            {holders.ForgotHolderPassword{Username: "kim@example.org", LoginLink: "javascript:alert(1)"}, "LINK_INVALID"},
		"plain http":          {holders.ForgotHolderPassword{Username: "kim@example.org", LoginLink: "http://my.brand.example/"}, "LINK_INVALID"},
		"the same for nobody": {holders.ForgotHolderPassword{Username: "nobody", LoginLink: "http://my.brand.example/"}, "LINK_INVALID"},
	} {
		w.fails(w.s.ForgotHolderPassword(w.ctx, api(w.a), c.cmd), fault.Invalid, c.reason)
		_ = name
	}
	w.brandOf(w.a)
	if _, err := w.s.ModifyShop(w.ctx, w.a, packages.ModifyShop{LinkHosts: ptr([]string{"my.brand.example"})}); err != nil {
		t.Fatal(err)
	}
	w.fails(w.s.ForgotHolderPassword(w.ctx, api(w.a), holders.ForgotHolderPassword{Username: "x", LoginLink: "https://evil.example/"}), fault.Invalid, "LINK_HOST")
	w.must(w.s.ForgotHolderPassword(w.ctx, api(w.a), holders.ForgotHolderPassword{Username: "x", LoginLink: loginLink}))
	w.must(w.s.ForgotHolderPassword(w.ctx, api(w.b), holders.ForgotHolderPassword{Username: "x", LoginLink: "https://other.example/"})) // has registered none
}

// TestForgottenPasswordLimits: what is too much is silently no mail; rows go.
func TestForgottenPasswordLimits(t *testing.T) {
	w := newTree(t)
	jane := w.signUp(as(w.left), "jane@x.example")
	mails := func(n int, cmd holders.ForgotHolderPassword) int {
		cmd.LoginLink = loginLink
		for range n {
			w.must(w.s.ForgotHolderPassword(w.ctx, api(w.a), cmd))
		}
		w.answer()
		return len(w.taken())
	}
	byName, byAddress := holders.ForgotHolderPassword{Username: jane.Username}, holders.ForgotHolderPassword{Email: jane.Email}
	if got := mails(8, byName); got != 5 {
		t.Errorf("%d mails of eight requests by name", got)
	}
	if got := mails(8, byAddress); got != 5 {
		t.Errorf("%d mails of eight requests by address", got)
	}
	w.clock.Advance(time.Hour - time.Second)
	if got := mails(1, byName); got != 0 {
		t.Errorf("%d mails before the hour is over", got)
	}
	w.clock.Advance(time.Second)
	if got := mails(1, byName); got != 1 {
		t.Errorf("%d mails after an hour", got)
	}
	w.clock.Advance(4 * time.Hour)
	w.must(w.s.Forget(w.ctx))
	w.must(w.store.Read(w.ctx, func(tx work.Tx) error {
		for id := int64(1); id < 20; id++ {
			if r, err := tx.HolderRequest(w.ctx, id); err != nil || r != nil {
				t.Errorf("%+v, %v", r, err)
			}
		}
		h, err := tx.HolderToken(w.ctx, jane.ID, work.ResetPassword)
		if h != nil {
			t.Error("an old token is kept")
		}
		return err
	}))
}

// recorder writes down what a command asks of the store.
type recorder struct {
	work.Store
	mu    sync.Mutex
	calls []string
}

type recordedTx struct {
	work.Tx
	r *recorder
}

func (r *recorder) note(format string, a ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, fmt.Sprintf(format, a...))
}

func (r *recorder) Read(ctx context.Context, fn func(work.Tx) error) error {
	r.note("read")
	return r.Store.Read(ctx, func(tx work.Tx) error { return fn(recordedTx{tx, r}) })
}

func (r *recorder) Write(ctx context.Context, fn func(work.Tx) error) error {
	r.note("write")
	return r.Store.Write(ctx, func(tx work.Tx) error { return fn(recordedTx{tx, r}) })
}

func (t recordedTx) CountHolderRequests(ctx context.Context, q *work.HolderRequest, since time.Time, limit int) (int, int, error) {
	t.r.note("CountHolderRequests")
	return t.Tx.CountHolderRequests(ctx, q, since, limit)
}

func (t recordedTx) InsertHolderRequest(ctx context.Context, q *work.HolderRequest) error {
	t.r.note("InsertHolderRequest")
	return t.Tx.InsertHolderRequest(ctx, q)
}

func (t recordedTx) SetDue(ctx context.Context, i due.Item) error {
	t.r.note("SetDue %s", i.Kind)
	return t.Tx.SetDue(ctx, i)
}

func (t recordedTx) ShopSettings(ctx context.Context, id int64) (*nouns.Settings, error) {
	t.r.note("ShopSettings")
	return t.Tx.ShopSettings(ctx, id)
}

func (t recordedTx) Partner(ctx context.Context, id int64) (*partner.Partner, error) {
	t.r.note("Partner")
	return t.Tx.Partner(ctx, id)
}

func (t recordedTx) Customer(ctx context.Context, id int64) (*customer.Customer, error) {
	t.r.note("Customer")
	return t.Tx.Customer(ctx, id)
}

func (t recordedTx) CustomerByUsername(ctx context.Context, p int64, name string) (*customer.Customer, error) {
	t.r.note("CustomerByUsername")
	return t.Tx.CustomerByUsername(ctx, p, name)
}

func (t recordedTx) CustomersByEmail(ctx context.Context, p int64, email string, limit int) ([]*customer.Customer, error) {
	t.r.note("CustomersByEmail")
	return t.Tx.CustomersByEmail(ctx, p, email, limit)
}

func (t recordedTx) FindCustomers(ctx context.Context, f work.CustomerFilter, offset int64, limit int) ([]*customer.Customer, error) {
	t.r.note("FindCustomers")
	return t.Tx.FindCustomers(ctx, f, offset, limit)
}

func (t recordedTx) UpdateCustomer(ctx context.Context, c *customer.Customer) error {
	t.r.note("UpdateCustomer")
	return t.Tx.UpdateCustomer(ctx, c)
}

func (t recordedTx) InsertNotice(ctx context.Context, n *notice.Notice) error {
	t.r.note("InsertNotice")
	return t.Tx.InsertNotice(ctx, n)
}

func (t recordedTx) PutHolderToken(ctx context.Context, h *work.HolderToken) error {
	t.r.note("PutHolderToken")
	return t.Tx.PutHolderToken(ctx, h)
}

func (t recordedTx) AppendAudit(ctx context.Context, a ...*audit.Record) error {
	t.r.note("AppendAudit %d", len(a))
	return t.Tx.AppendAudit(ctx, a...)
}

// TestForgottenPasswordTellsNothing: for a user that there is, the request asks the
// store for the same as for one that there is not, and for no customer.
func TestForgottenPasswordTellsNothing(t *testing.T) {
	w := newTree(t)
	jane := w.signUp(as(w.left), "jane@x.example")
	suspended := w.signUp(as(w.left), "susi@x.example")
	w.must(w.s.SuspendCustomer(w.ctx, as(w.left), suspended.ID, "x"))
	deleted := w.signUp(as(w.left), "dora@x.example")
	w.must(w.s.DeleteCustomer(w.ctx, as(w.left), deleted.ID))
	r := &recorder{Store: w.store}
	s, err := provision.New(work.Config{Store: r, Hasher: w.hash, Clock: w.clock, SealingKey: make([]byte, 32)})
	w.must(err)
	calls := func(times int, cmd holders.ForgotHolderPassword) []string {
		cmd.LoginLink = loginLink
		r.calls = nil
		for range times {
			w.must(s.ForgotHolderPassword(w.ctx, api(w.a), cmd))
		}
		return r.calls
	}
	calls(1, holders.ForgotHolderPassword{Username: "first"}) // what is remembered for good
	for n, subject := range [][]holders.ForgotHolderPassword{
		1: {{Username: jane.Username}, {Username: "nobody"}, {Username: suspended.Username}, {Username: deleted.Username}, {Email: jane.Email}, {Email: "nobody@x.example"}},
		7: {{Username: "JANE@x.example "}, {Username: "another nobody"}},
	} {
		if n == 0 {
			continue
		}
		want := calls(n, holders.ForgotHolderPassword{Username: fmt.Sprint("unknown-", n)})
		if !slices.Contains(want, "InsertHolderRequest") || slices.ContainsFunc(want, func(c string) bool { return strings.Contains(c, "Customer") || c == "InsertNotice" }) {
			t.Fatalf("%q", want)
		}
		for i, cmd := range subject {
			if n == 7 && i == 0 {
				w.clock.Advance(2 * time.Hour)
			}
			if got := calls(n, cmd); !slices.Equal(got, want) {
				t.Errorf("%+v: %q, want %q", cmd, got, want)
			}
		}
	}
}

// TestResetInParallel: of many at once one wins.
func TestResetInParallel(t *testing.T) {
	for _, engine := range sqltest.Engines {
		t.Run(engine, func(t *testing.T) {
			w := newWorld(t)
			s, err := provision.New(work.Config{Store: sqltest.Store(t, engine), Hasher: &hasher{t: t}, Clock: w.clock, SealingKey: make([]byte, 32)})
			w.must(err)
			w.s = s
			who := w.partner(partner.Settings{})
			cmd := proOrder("shop.example", "c-1")
			cmd.Customer.Email = "jane@x.example"
			w.order(who, cmd)
			w.taken()
			w.must(s.ForgotHolderPassword(w.ctx, api(who), holders.ForgotHolderPassword{Email: cmd.Customer.Email, LoginLink: loginLink}))
			items, err := s.DueItems(w.ctx, w.op, work.DueFilter{Kind: due.HolderRequest}, 9)
			w.must(err)
			w.must(s.RunDue(w.ctx, w.job, *items[0], nil))
			_, hash := w.draft()
			var mu sync.Mutex
			var won []int
			var all sync.WaitGroup
			for i := range 8 {
				all.Go(func() {
					err := w.reset(api(who), hash, fmt.Sprint("password ", i))
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						won = append(won, i)
					} else if fault.Of(err).Reason != "HASH_INVALID" {
						t.Errorf("%d: %v", i, err)
					}
				})
			}
			all.Wait()
			if len(won) != 1 {
				t.Fatalf("%v won", won)
			}
			if _, err := s.VerifyPanelPassword(w.ctx, signin.VerifyPanelPassword{PartnerID: who.PartnerID, Email: cmd.Customer.Email, Password: fmt.Sprint("password ", won[0])}); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestEmailVerification: a token proves the address that it was mailed to, once,
// as long as that is the address, whichever dialect changes it (B-12, B-13).
func TestEmailVerification(t *testing.T) {
	w := newTree(t)
	cmd := proOrder("shop.example", "c-1")
	cmd.Customer.Email = "kim@example.org"
	order := w.order(w.a, cmd)
	kim := w.details(order).Customer.ID
	jane := w.signUp(as(w.left), "jane@x.example").ID
	bare := w.details(w.order(w.a, proOrder("bare.example", "c-2"))).Customer.ID
	w.taken()
	w.fresh()
	send := func(a audit.Actor, ref int64) error {
		return w.s.SendVerificationEmail(w.ctx, a, holders.SendVerificationEmail{Ref: ref, Link: loginLink})
	}
	token := func(ref int64) string {
		t.Helper()
		w.must(send(api(w.a), ref))
		d, raw := w.draft()
		if d.Kind != notice.HolderVerification || d.Link != loginLink || d.LinkName != "token" || !d.LinkExpires.Equal(w.clock.Now().Add(day)) || d.CustomerID != ref ||
			len(raw) != 32 || strings.Trim(raw, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
			t.Errorf("%+v, %q", d, raw)
		}
		return raw
	}
	check := func(ref int64, raw *string) func() error {
		return func() error { return w.s.VerifyHolderEmail(w.ctx, api(w.a), ref, *raw) }
	}
	verified := func(ref int64, want bool) func() {
		return func() {
			t.Helper()
			h, err := w.s.AccountHolder(w.ctx, api(w.a), ref)
			if err != nil || h.EmailVerified() != want {
				t.Fatalf("verified: %v, %v", h.EmailVerified(), err)
			}
		}
	}
	email := func(to string) func() error {
		return func() error {
			err := w.s.ModifyMailCustomer(w.ctx, w.a, ordering.ModifyMailCustomer{Order: work.OrderRef{ID: order}, Email: to})
			w.fresh()
			return err
		}
	}
	profile := func(to string) func() error {
		return func() error {
			data := aCustomer(to)
			return w.s.ModifyCustomerProfile(w.ctx, as(w.left), customers.ModifyCustomerProfile{CustomerID: jane, Data: data})
		}
	}
	first, unknown, empty := token(kim), strings.Repeat("x", 32), ""
	newer := token(kim)
	janes := token(jane)
	const no = "TOKEN_INVALID"
	w.play(
		step{do: "another brand's user", call: func() error { return send(api(w.b), kim) }, fault: fault.CustomerNotFound},
		step{do: "nobody", call: func() error { return send(api(w.a), 99999) }, fault: fault.CustomerNotFound},
		step{do: "no address", call: func() error { return send(api(w.a), bare) }, fault: fault.Invalid, reason: "NO_EMAIL"},
		step{do: "a foreign link", call: func() error {
			return w.s.SendVerificationEmail(w.ctx, api(w.a), holders.SendVerificationEmail{Ref: kim, Link: "https://a@evil.example/"})
		}, fault: fault.Invalid, reason: "LINK_INVALID"},
		step{do: "unknown", call: check(kim, &unknown), fault: fault.Invalid, reason: no},
		step{do: "empty", call: check(kim, &empty), fault: fault.Invalid, reason: no},
		step{do: "the older", call: check(kim, &first), fault: fault.Invalid, reason: no},
		step{do: "another user's", call: check(kim, &janes), fault: fault.Invalid, reason: no},
		step{do: "in another brand", call: func() error { return w.s.VerifyHolderEmail(w.ctx, api(w.b), kim, newer) }, fault: fault.CustomerNotFound, then: verified(kim, false)},
		step{do: "the right one, in time", after: day - time.Second, call: check(kim, &newer), then: verified(kim, true)},
		step{do: "again", call: check(kim, &newer), fault: fault.Invalid, reason: no, then: verified(kim, true)},
		step{do: "jane's a day later", after: time.Second, call: check(jane, &janes), fault: fault.Invalid, reason: no},
		step{do: "Titan changes the address", call: email("kim2@example.org"), then: verified(kim, false)},
		step{do: "and back", call: email("kim@example.org"), then: verified(kim, false)},
		step{do: "a token", call: func() error { newer = token(kim); return nil }},
		step{do: "Titan changes the address", call: email("kim2@example.org")},
		step{do: "its token is void", call: check(kim, &newer), fault: fault.Invalid, reason: no},
		step{do: "and back", call: email("kim@example.org")},
		step{do: "it stays void", call: check(kim, &newer), fault: fault.Invalid, reason: no},
		step{do: "a token", call: func() error { janes = token(jane); return nil }},
		step{do: "a reseller changes nothing of the address", call: profile("jane@x.example")},
		step{do: "the token is good", call: check(jane, &janes), then: verified(jane, true)},
		step{do: "a token", call: func() error { janes = token(jane); return nil }},
		step{do: "a reseller changes the address", call: profile("jane2@x.example"), then: verified(jane, false)},
		step{do: "its token is void", call: check(jane, &janes), fault: fault.Invalid, reason: no},
		step{do: "a hash", call: func() error { _, janes = w.forgot("jane2@x.example"); return nil }},
		step{do: "a reseller changes the address", call: profile("jane3@x.example")},
		step{do: "the hash that the old address has is void", call: func() error { return w.reset(api(w.a), janes, "password") }, fault: fault.Invalid, reason: "HASH_INVALID"},
	)
	for range 7 {
		token(kim)
	}
	w.clock.Advance(time.Minute)
	var err error
	for range 10 {
		if err = send(api(w.a), kim); err != nil {
			break
		}
	}
	w.fails(err, fault.TooMany, "TOO_MANY_MAILS")
	// Another address and back again is no way around it.
	w.must(email("kim3@example.org")())
	w.must(email("kim@example.org")())
	w.fails(send(api(w.a), kim), fault.TooMany, "TOO_MANY_MAILS")
	w.clock.Advance(time.Hour)
	w.must(send(api(w.a), kim))
	w.noSecrets()
}

// TestHolderProfiles: fields of any name, bounded; the first one is the signature.
func TestHolderProfiles(t *testing.T) {
	w := newTree(t)
	jane := w.signUp(as(w.left), "jane@x.example").ID
	mary := w.signUp(as(w.left), "mary@x.example").ID
	set := func(pairs ...string) (out []holders.ProfileChange) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, holders.ProfileChange{Name: pairs[i], Value: &pairs[i+1]})
		}
		return out
	}
	me := api(w.a)
	p, err := w.s.CreateHolderProfile(w.ctx, me, jane, set("business", " Jane &\n Sons ", "email", "office@jane.example", "strapline", "ä"))
	w.must(err)
	if _, err := w.s.CreateHolderProfile(w.ctx, me, jane, set("business", "second")); err != nil {
		t.Fatal(err)
	}
	q, err := w.s.ModifyHolderProfile(w.ctx, me, jane, p.ID, append(set("strapline", "ö", "any field <name>", "1"), holders.ProfileChange{Name: "gone"}))
	if err != nil || len(q.Fields) != 4 || q.Field("strapline") != "ö" || q.Field("business") == "" || q.Field("any field <name>") != "1" {
		t.Fatalf("%+v, %v", q, err)
	}
	if q, err = w.s.ModifyHolderProfile(w.ctx, me, jane, p.ID, []holders.ProfileChange{{Name: "strapline"}}); err != nil || len(q.Fields) != 3 {
		t.Fatalf("%+v, %v", q, err)
	}
	d, _ := w.forgot("jane@x.example")
	if d.Signature != (notice.Signature{Business: "Jane & Sons", Email: "office@jane.example"}) {
		t.Errorf("%+v", d.Signature)
	}
	if d, _ = w.forgot("mary@x.example"); d.Signature != (notice.Signature{}) {
		t.Errorf("%+v", d.Signature)
	}
	cmd := proOrder("shop.example", fmt.Sprint(jane))
	cmd.Customer.Email = "jane@x.example"
	w.order(w.a, cmd)
	if d, _ = w.draft(); d.Kind != notice.OrderWelcome || d.Signature.Business != "Jane & Sons" {
		t.Errorf("an order's mail: %s, %+v", d.Kind, d.Signature)
	}
	for name, c := range map[string]struct {
		fields []holders.ProfileChange
		reason string
	}{
		"no name":        {set("", "x"), "PROFILE_FIELD_INVALID"},
		"a long name":    {set(strings.Repeat("n", 101), "x"), "PROFILE_FIELD_INVALID"},
		"a line as name": {set("a\nb", "x"), "PROFILE_FIELD_INVALID"},
		"a long value":   {set("a", strings.Repeat("ä", 1001)), "PROFILE_FIELD_INVALID"},
		"no text":        {set("a", "\xff"), "PROFILE_FIELD_INVALID"},
		"NUL":            {set("a", "\x00"), "PROFILE_FIELD_INVALID"},
		"too many fields": {func() (all []holders.ProfileChange) {
			for i := range 101 {
				all = append(all, set(fmt.Sprint("f", i), "x")...)
			}
			return all
		}(), "PROFILE_FIELD_LIMIT"},
	} {
		_, err := w.s.CreateHolderProfile(w.ctx, me, jane, c.fields)
		if fault.Of(err).Reason != c.reason {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.s.CreateHolderProfile(w.ctx, me, jane, set("a", strings.Repeat("ä", 1000))); err != nil {
		t.Error(err)
	}
	for range 17 {
		_, err = w.s.CreateHolderProfile(w.ctx, me, jane, nil)
		w.must(err)
	}
	_, err = w.s.CreateHolderProfile(w.ctx, me, jane, nil)
	w.fails(err, fault.Invalid, "PROFILE_LIMIT")
	for who, ref := range map[*audit.Actor]int64{&w.b: jane, &me: mary} {
		_, err := w.s.HolderProfile(w.ctx, *who, ref, p.ID)
		if f := fault.Of(err); f == nil || f.Code != fault.NotFound && f.Code != fault.CustomerNotFound {
			t.Errorf("read by another: %v", err)
		}
		if err := w.s.DeleteHolderProfile(w.ctx, *who, ref, p.ID); err == nil {
			t.Error("deleted by another")
		}
	}
	w.must(w.s.DeleteHolderProfile(w.ctx, me, jane, p.ID))
	if d, _ = w.forgot("jane@x.example"); d.Signature.Business != "second" {
		t.Errorf("%+v", d.Signature)
	}
	all, err := w.s.HolderProfiles(w.ctx, me, jane)
	if err != nil || len(all) != 19 {
		t.Errorf("%d, %v", len(all), err)
	}
}
