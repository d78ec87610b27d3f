package account

import (
	"slices"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/suspension"
	"posthouse/internal/fault"
)

var now = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)

func at(d time.Duration) *time.Time { t := now.Add(d); return &t }

func TestStatus(t *testing.T) {
	set := suspension.Set{{Type: "x", Role: suspension.RolePartner}}
	for want, a := range map[Status]Account{
		Active: {}, Suspended: {Suspensions: set}, Deleted: {Suspensions: set, DeletedAt: at(-5), PurgeAt: at(1)}, Purged: {PurgedAt: at(-1)},
	} {
		if got := a.Status(now); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := (&Account{DeletedAt: at(-5), PurgeAt: at(0)}).Status(now); got != Purged {
		t.Errorf("%s on the purge date", got)
	}
}

func TestDeleteLetsGoOfAliases(t *testing.T) {
	shared := []Alias{{Local: "a", Held: true}, {Local: "b", Held: false}}
	a := Account{Local: "x", Domain: "d.example", Aliases: shared}
	if got := a.HeldAliases(); !slices.Equal(got, []string{"a@d.example"}) {
		t.Fatal(got)
	}
	if !a.Delete(now, time.Hour, "r") || len(a.HeldAliases()) != 0 || len(a.Aliases) != 2 || !shared[0].Held {
		t.Fatalf("%+v, %+v", a, shared)
	}
	if a.Delete(now.Add(time.Minute), time.Hour, "again") || !a.PurgeAt.Equal(now.Add(time.Hour)) {
		t.Fatal("the day moved")
	}
	a.Reactivate()
	if !a.Live() || a.PurgeAt != nil || a.DeletionReason != "" {
		t.Fatalf("%+v", a)
	}
	if a.Alias("a") == nil || a.Alias("c") != nil {
		t.Error("Alias")
	}
}

func TestParseEmail(t *testing.T) {
	for in, want := range map[string]string{
		"jane@d.example": "jane", " JANE.Doe+x@D.example ": "jane.doe+x", "o'neil@d.example": "o'neil", "a_b-c@d.example": "a_b-c",
		"jane@other.example": ReasonDomainMismatch, "jane@sub.d.example": ReasonDomainMismatch,
		"jane": ReasonInvalidEmail, "@d.example": ReasonInvalidEmail, "": ReasonInvalidEmail, "a b@d.example": ReasonInvalidEmail,
		`"a b"@d.example`: ReasonInvalidEmail, `"jane"@d.example`: "jane", "jané@d.example": ReasonInvalidEmail, "a..b@d.example": ReasonInvalidEmail,
		".a@d.example": ReasonInvalidEmail, "a%b@d.example": ReasonInvalidEmail, "a/b@d.example": ReasonInvalidEmail, "a!b@d.example": ReasonInvalidEmail,
		"a\x00@d.example": ReasonInvalidEmail, "a@d.example\r\nx": ReasonInvalidEmail, "<a@d.example>": ReasonInvalidEmail,
		strings.Repeat("a", 65) + "@d.example": ReasonInvalidEmail, strings.Repeat("a", 1<<20): ReasonInvalidEmail,
	} {
		got, err := ParseEmail(in, "d.example")
		if err != nil {
			got = fault.Of(err).Reason
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%.40q: %v", in, err)
			}
		}
		if got != want {
			t.Errorf("%.40q gives %q, want %q", in, got, want)
		}
	}
}

func FuzzParseEmail(f *testing.F) {
	for _, s := range []string{"jane@d.example", `"a b"@d.example`, "a@b@d.example", "@", "a@[1.2.3.4]", "\xff@d.example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		local, err := ParseEmail(s, "d.example")
		if err != nil {
			return
		}
		if again, err := ParseEmail(local+"@d.example", "d.example"); err != nil || again != local {
			t.Fatalf("%q gives %q, which gives %q, %v", s, local, again, err)
		}
	})
}

func TestTakenReason(t *testing.T) {
	for k, want := range map[AddressKind]string{
		KindAccount: "EXISTS_AS_EMAIL_ACCOUNT", KindAlias: "EXISTS_AS_ALIAS", KindForwarder: "EXISTS_AS_INTERNAL_FORWARDING_ACCOUNT",
	} {
		if got := TakenReason(k); got != want {
			t.Errorf("%s: %s", k, got)
		}
	}
}
