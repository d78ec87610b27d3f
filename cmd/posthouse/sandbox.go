package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"posthouse/internal/core/partner"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/retail"
	"posthouse/internal/core/tenancy"
)

// sandboxName is the partner that development makes for itself.
const sandboxName = "sandbox"

// sandbox is the development partner, a key of it and, where there is the
// BaseKit API, its root reseller and an API user.
type sandbox struct {
	ID       int64       `json:"id"`
	Name     string      `json:"name"`
	Key      string      `json:"key"`
	Reseller int64       `json:"reseller,omitempty"`
	BaseKit  *basicLogin `json:"basekit,omitempty"`
}

type basicLogin struct {
	User     string `json:"user"`
	Password string `json:"password"`
}

// ensureSandbox gives the sandbox partner, made at the first start. What it logs
// in with is kept recoverable, so that each start can print it.
func ensureSandbox(ctx context.Context, core *provision.Service, brand bool) (*sandbox, error) {
	s, err := ensureSandboxPartner(ctx, core)
	if err == nil && brand {
		err = s.ensureBrand(ctx, core)
	}
	return s, err
}

// ensureBrand makes the partner a brand of the BaseKit API with a user.
func (s *sandbox) ensureBrand(ctx context.Context, core *provision.Service) error {
	d, err := core.SetUpShop(ctx, operator(), retail.SetUpShop{PartnerID: s.ID, Username: "reseller@sandbox.test"})
	if err != nil {
		return err
	}
	s.Reseller = d.Root.ID
	users, err := core.APIUsers(ctx, operator(), s.ID)
	if err != nil {
		return err
	}
	for _, u := range users {
		if u.User.Username != sandboxName || u.User.RevokedAt != nil {
			continue
		}
		password, err := core.SandboxAPIPassword(ctx, operator(), u.User.ID)
		s.BaseKit = &basicLogin{User: sandboxName, Password: password}
		return err
	}
	made, password, err := core.CreateAPIUser(ctx, operator(), tenancy.CreateAPIUser{PartnerID: s.ID, Username: sandboxName, Rights: partner.RightsAdministrator})
	if err != nil {
		return err
	}
	s.BaseKit = &basicLogin{User: made.Username, Password: password}
	return nil
}

func ensureSandboxPartner(ctx context.Context, core *provision.Service) (*sandbox, error) {
	all, err := core.Partners(ctx, operator())
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if !p.Sandbox || p.Name != sandboxName || p.Status != partner.Active {
			continue
		}
		keys, err := core.SigningKeys(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		if len(keys) > 0 {
			return &sandbox{ID: p.ID, Name: p.Name, Key: keys[0]}, nil
		}
		key, err := core.RotateKey(ctx, operator(), tenancy.RotateKey{PartnerID: p.ID})
		if err != nil {
			return nil, err
		}
		return &sandbox{ID: p.ID, Name: p.Name, Key: key}, nil
	}
	p, key, err := core.CreatePartner(ctx, operator(), tenancy.CreatePartner{Name: sandboxName, Sandbox: true})
	if err != nil {
		return nil, err
	}
	return &sandbox{ID: p.ID, Name: p.Name, Key: key}, nil
}

// writeSandboxEnv writes data/sandbox.env, which the README's tour reads.
func writeSandboxEnv(path string, s *sandbox, bound map[string][]string) error {
	first := func(kind string) string {
		if a := bound[kind]; len(a) > 0 {
			return a[0]
		}
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Where this server listens, and the sandbox partner's API key. Written at each start.\n")
	fmt.Fprintf(&b, "PARTNER=%d\nKEY='%s'\nHTTP=http://%s\n", s.ID, s.Key, first("http"))
	for _, v := range []struct{ name, kind string }{{"MX", "mx"}, {"SUBMISSION", "submission"}, {"SUBMISSIONS", "submissions"}, {"IMAP", "imap"}, {"IMAPS", "imaps"}} {
		fmt.Fprintf(&b, "%s=%s\n", v.name, first(v.kind))
	}
	if s.BaseKit != nil {
		fmt.Fprintf(&b, "RESELLER=%d\nBASEKIT=http://%s\nBASEKIT_USER=%s\nBASEKIT_PASSWORD=%s\n", s.Reseller, first("basekit"), s.BaseKit.User, s.BaseKit.Password)
	}
	// A new file each time: an old one may have been made readable for others.
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(path, []byte(b.String()), 0o600)
}

// banner is what a person sees who typed `make run`.
func banner(s *sandbox, bound map[string][]string, envFile string) string {
	var b strings.Builder
	b.WriteString("\nPosthouse is ready.\n\n")
	for _, k := range []struct{ kind, what string }{
		{"http", "partner API, probes, metrics (HTTP)"}, {"https", "partner API (HTTPS)"}, {"basekit", "BaseKit API (HTTP)"}, {"ops", "probes, metrics"}, {"mx", "MX (SMTP, STARTTLS)"},
		{"submission", "submission (STARTTLS)"}, {"submissions", "submission (TLS)"}, {"imap", "IMAP (STARTTLS)"}, {"imaps", "IMAP (TLS)"}, {"sink", "sandbox sink (SMTP)"},
	} {
		for _, a := range bound[k.kind] {
			fmt.Fprintf(&b, "  %-24s %s\n", a, k.what)
		}
	}
	if s == nil {
		return b.String()
	}
	fmt.Fprintf(&b, "\n  sandbox partner %d, API key %s\n", s.ID, s.Key)
	if s.BaseKit != nil {
		fmt.Fprintf(&b, "  BaseKit API user %s, password %s\n", s.BaseKit.User, s.BaseKit.Password)
	}
	fmt.Fprintf(&b, `
Paste into another terminal (more in README.md):

  . %s
  curl -fsS "$HTTP/partner/createMailOrder" -H "Authorization: $KEY" -d '{"domainName": "example.test",
    "customerId": "cust-1", "planType": "pro", "noOfAccounts": 5, "chargedAmount": "12.50", "expiryDate": "2035-01-01",
    "firstEmailAccount": {"email": "anna@example.test", "password": "a good passphrase"}}'
  swaks --server "$MX" --from bob@elsewhere.test --to anna@example.test --header 'Subject: Hello Anna'
  curl -sk "imaps://$IMAPS/INBOX;UID=1" -u 'anna@example.test:a good passphrase'

`, envFile)
	return b.String()
}
