package login_test

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/mail/login"
	"posthouse/internal/secret"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
)

// cleared is the one case in which the same password opens the next session.
const cleared = "sessions cleared"

var home = netip.MustParseAddr("192.0.2.10")

// What the platform does to an account or its order ends sessions and log-ins,
// notified on one node and polled on several, on every store.
func TestCommandsEndSessions(t *testing.T) {
	for _, e := range []struct {
		name string
		open func(*testing.T) work.Store
		poll time.Duration
	}{
		{"sqlite, notified", func(t *testing.T) work.Store {
			return sqltest.Store(t, sqldb.SQLite)
		}, 0},
		{"postgres, polled", func(t *testing.T) work.Store {
			return sqltest.Store(t, sqldb.Postgres)
		}, 20 * time.Millisecond},
	} {
		t.Run(e.name, func(t *testing.T) { commandsEndSessions(t, e.open(t), e.poll) })
	}
}

func commandsEndSessions(t *testing.T, s work.Store, poll time.Duration) {
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	hasher := login.NewHasher(login.HasherConfig{Params: login.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}})
	core, err := provision.New(work.Config{Store: s, Hasher: hasher, SealingKey: make([]byte, secret.SealKeyLen)})
	must(err)
	svc, err := login.New(login.Config{Directory: core, Hasher: hasher, Poll: poll})
	must(err)
	rctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); _ = svc.Run(rctx) }()
	defer func() { cancel(); <-ended }()

	operator := audit.Actor{Role: suspension.RoleTitanSupport, Name: "test"}
	p, _, err := core.CreatePartner(ctx, operator, tenancy.CreatePartner{Name: "P"})
	must(err)
	actor := audit.Actor{PartnerID: p.ID, Role: suspension.RolePartner, Name: "test"}
	seats := 5
	o, err := core.CreateMailOrder(ctx, actor, ordering.CreateMailOrder{
		Domain: "a.example", Customer: work.CustomerProfile{CustomerID: "c"}, Plan: plan.Free, Seats: &seats,
		FirstAccount: &ordering.FirstAccount{Email: "kim@a.example", Password: "pw0"},
	})
	must(err)
	order := work.OrderRef{ID: o.OrderID}
	kim := work.AccountRef{Order: order, AccountID: o.Account.AccountID, Email: "kim@a.example"}
	_, err = core.CreateEmailAccount(ctx, actor, mailboxes.CreateEmailAccount{Order: order, Email: "lo@a.example", Password: "pw"})
	must(err)

	try := func(email, password string) (*login.Session, error) {
		return svc.Login(ctx, login.Attempt{Email: email, Password: password, Remote: home, Protocol: "imap"})
	}
	password := "pw0"
	for _, c := range []struct {
		name     string
		do, undo func() error
		order    bool // ends the other account's session too
	}{
		{"password change", func() error {
			next := fmt.Sprint("pw", time.Now().UnixNano())
			_, err := core.ModifyEmailAccount(ctx, actor, mailboxes.ModifyEmailAccount{Account: kim, Password: &next})
			password = next
			return err
		}, nil, false},
		{cleared, func() error {
			return core.ClearEmailSessions(ctx, actor, mailboxes.ClearEmailSessions{Order: order, AccountIDs: []int64{kim.AccountID}})
		}, nil, false},
		{"account suspension", func() error {
			_, err := core.SuspendEmailAccount(ctx, actor, mailboxes.SuspendEmailAccount{Account: kim})
			return err
		}, func() error {
			_, err := core.UnsuspendEmailAccount(ctx, actor, mailboxes.UnsuspendEmailAccount{Account: kim})
			return err
		}, false},
		{"account deletion", func() error {
			_, err := core.DeleteEmailAccount(ctx, actor, mailboxes.DeleteEmailAccount{Account: kim})
			return err
		}, func() error {
			_, err := core.ReactivateEmailAccount(ctx, actor, mailboxes.ReactivateEmailAccount{Account: kim})
			return err
		}, false},
		{"order suspension", func() error {
			_, err := core.SuspendMailOrder(ctx, actor, ordering.SuspendMailOrder{Order: order})
			return err
		}, func() error {
			_, err := core.UnsuspendMailOrder(ctx, actor, ordering.UnsuspendMailOrder{Order: order})
			return err
		}, true},
		{"order deletion", func() error {
			_, err := core.DeleteMailOrder(ctx, actor, ordering.DeleteMailOrder{Order: order})
			return err
		}, func() error { _, err := core.ReactivateMailOrder(ctx, actor, order); return err }, true},
	} {
		before := password
		mine, err := try("kim@a.example", before)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		other, err := try("lo@a.example", "pw")
		must(err)
		must(c.do())
		svc.Notify()
		select {
		case <-mine.Revoked():
		case <-time.After(60 * time.Second):
			t.Fatalf("%s: the session lives on", c.name)
		}
		if c.order {
			select {
			case <-other.Revoked():
			case <-time.After(60 * time.Second):
				t.Fatalf("%s: the other session lives on", c.name)
			}
		}
		if again, err := try("kim@a.example", before); c.name == cleared && err == nil {
			again.Close() // only what was open ends
		} else if !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: log-in again: %v, %v", c.name, again, err)
		}
		if c.undo != nil {
			must(c.undo())
		}
		// Who may log in again may at once, and nothing of before ends it.
		svc.Notify()
		if s, err := try("kim@a.example", password); err != nil {
			t.Errorf("%s undone: %v", c.name, err)
		} else {
			if !c.order {
				select {
				case <-other.Revoked():
					t.Errorf("%s ended the other account's session", c.name)
				default:
				}
			}
			select {
			case <-s.Revoked():
				t.Errorf("%s, undone, ended a later session", c.name)
			default:
			}
			s.Close()
		}
		mine.Close()
		other.Close()
	}
}
