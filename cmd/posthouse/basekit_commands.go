package main

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/core/packages"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/retail"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/tenancy"
)

type basekitCmd struct {
	SetUp  basekitSetUpCmd  `cmd:"" name:"set-up" help:"Make a partner a brand, with packages and, if it has none, a root reseller. Can be repeated."`
	Show   basekitShowCmd   `cmd:"" help:"Show a brand's settings."`
	Modify basekitModifyCmd `cmd:"" help:"Change a brand's settings."`
	Users  basekitUsersCmd  `cmd:"" help:"API users, and their OAuth credentials."`
	OAuth  basekitOAuthCmd  `cmd:"" name:"oauth" help:"OAuth 1.0a credentials of API users."`
}

type basekitSetUpCmd struct {
	Partner  int64    `arg:"" help:"Partner id."`
	Username string   `help:"User name of the root reseller that is made, an e-mail address." placeholder:"EMAIL"`
	Currency string   `help:"Its currency, for good. None: the partner's." placeholder:"USD"`
	Host     []string `help:"Host name of its API. None: only the addresses of basekit.listen serve it." placeholder:"NAME"`
	TimeZone string   `help:"Time zone of dates. None: UTC." placeholder:"Europe/London"`
	JSON     bool     `help:"Print JSON."`
}

func (k *basekitSetUpCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		d, err := p.core.SetUpShop(ctx, operator(), retail.SetUpShop{PartnerID: k.Partner, Username: k.Username, Currency: k.Currency, Hosts: k.Host, TimeZone: k.TimeZone})
		if err != nil {
			return err
		}
		return printShop(out, d, k.JSON)
	})
}

type basekitShowCmd struct {
	Partner int64 `arg:"" help:"Partner id, which is brandRef."`
	JSON    bool  `help:"Print JSON."`
}

func (k *basekitShowCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		d, err := p.core.ShopSettings(ctx, operator(), k.Partner)
		if err != nil {
			return err
		}
		return printShop(out, d, k.JSON)
	})
}

// shopView is a brand as scripts see it.
type shopView struct {
	BrandRef   int64  `json:"brandRef"`
	Name       string `json:"name"`
	ResellerID int64  `json:"resellerId"`
	Currency   string `json:"currency"`
	shop.Settings
}

func printShop(out *output, d *tenancy.ShopDetails, asJSON bool) error {
	v := shopView{BrandRef: d.Partner.ID, Name: d.Partner.Name, ResellerID: d.Root.ID, Currency: d.Root.SellingCurrency, Settings: *d.Settings}
	if asJSON {
		return printJSON(out, v)
	}
	list := func(l []string, none string) string { return cmp.Or(strings.Join(l, " "), none) }
	ref := func(n int64, none string) string {
		if n == 0 {
			return none
		}
		return strconv.FormatInt(n, 10)
	}
	zone := v.TimeZone
	if zone == "" {
		zone = "UTC"
	}
	_, err := fmt.Fprintf(out, "brand              %d\nname               %s\nroot reseller      %d, in %s\nhosts              %s\nlink hosts         %s\ntime zone          %s\nDNS provider ref   %s\nmailbox in array   %s\ndefault package    %s\npreferred package  %s\nendings            %s\nlanguages          %s\n",
		v.BrandRef, v.Name, v.ResellerID, v.Currency, list(v.Hosts, "none: only basekit.listen serves it"), list(v.LinkHosts, "any"), zone, ref(v.DNSProviderRef, "1"), yes(v.MailboxArray),
		ref(v.DefaultPackage, "the cheapest"), ref(v.PreferredPackage, "none"), list(v.Endings, "any"), list(v.Languages, "all that there are texts in"))
	return err
}

type basekitModifyCmd struct {
	Partner          int64    `arg:"" help:"Partner id, which is brandRef."`
	Host             []string `help:"Host names of its API; they replace the present ones." placeholder:"NAME" xor:"host"`
	NoHosts          bool     `help:"No host names: only the addresses of basekit.listen serve it." xor:"host"`
	LinkHost         []string `help:"Hosts that links of its mails may lead to; they replace the present ones." placeholder:"NAME" xor:"link"`
	AnyLinkHost      bool     `help:"Links may lead anywhere." xor:"link"`
	TimeZone         *string  `help:"Time zone of dates; empty is UTC." placeholder:"Europe/London"`
	DNSProvider      *int64   `help:"Ref of the DNS provider that account domains show; 0 is the default." placeholder:"REF"`
	MailboxArray     *bool    `help:"Whether a mailbox that is put comes back in an array of one." negatable:""`
	DefaultPackage   *int64   `help:"Package of holders without a subscription; 0 is the cheapest." placeholder:"REF"`
	PreferredPackage *int64   `help:"Package that the brand shows first; 0 is none." placeholder:"REF"`
	Ending           []string `help:"Endings of domain names on offer; they replace the present ones." placeholder:"com" xor:"ending"`
	AnyEnding        bool     `help:"Domain names of any ending are on offer." xor:"ending"`
	Language         []string `help:"Languages of account holders; they replace the present ones." placeholder:"en"`
	JSON             bool     `help:"Print JSON."`
}

// replaced is nil when nothing is said of a list.
func replaced(list []string, none bool) *[]string {
	if len(list) == 0 && !none {
		return nil
	}
	return &list
}

func (k *basekitModifyCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		d, err := p.core.ModifyShop(ctx, operator(), packages.ModifyShop{
			PartnerID: k.Partner, Hosts: replaced(k.Host, k.NoHosts), LinkHosts: replaced(k.LinkHost, k.AnyLinkHost), TimeZone: k.TimeZone, DNSProviderRef: k.DNSProvider,
			MailboxArray: k.MailboxArray, DefaultPackage: k.DefaultPackage, PreferredPackage: k.PreferredPackage, Endings: replaced(k.Ending, k.AnyEnding),
			Languages: replaced(k.Language, false),
		})
		if err != nil {
			return err
		}
		return printShop(out, d, k.JSON)
	})
}

type basekitUsersCmd struct {
	Add    basekitUsersAddCmd    `cmd:"" help:"Make an API user. Prints its password."`
	List   basekitUsersListCmd   `cmd:"" help:"List a brand's API users and their OAuth credentials (never secrets)."`
	Rotate basekitUsersRotateCmd `cmd:"" help:"Give an API user a new password; the present one ends at once."`
	Revoke basekitUsersRevokeCmd `cmd:"" help:"End an API user and its OAuth credentials."`
}

type basekitUsersAddCmd struct {
	Partner  int64    `arg:"" help:"Partner id."`
	Username string   `arg:"" help:"User name, unique on this installation."`
	Rights   string   `help:"'brand', 'administrator' (packages and the brand itself too) or 'operator' (reports of mail services too)." default:"brand" enum:"brand,administrator,operator"`
	Allow    []string `help:"Networks that calls may come from." placeholder:"CIDR"`
	JSON     bool     `help:"Print JSON."`
}

func (k *basekitUsersAddCmd) Run(ctx context.Context, c *cli, out *output) error {
	networks, err := prefixes(k.Allow)
	if err != nil {
		return err
	}
	return c.withPlatform(ctx, out, func(p *platform) error {
		a, password, err := p.core.CreateAPIUser(ctx, operator(), tenancy.CreateAPIUser{PartnerID: k.Partner, Username: k.Username, Rights: partner.Rights(k.Rights), AllowedNetworks: networks})
		if err != nil {
			return err
		}
		if k.JSON {
			return printJSON(out, map[string]any{"id": a.ID, "username": a.Username, "password": password})
		}
		_, err = fmt.Fprintf(out, "user      %s\npassword  %s\nid        %d\nThe password is shown this once.\n", a.Username, password, a.ID)
		return err
	})
}

type basekitUsersListCmd struct {
	Partner int64 `arg:"" help:"Partner id."`
	JSON    bool  `help:"Print JSON."`
}

// apiUserView is an API user as scripts see it.
type apiUserView struct {
	ID        int64          `json:"id"`
	Username  string         `json:"username"`
	Rights    partner.Rights `json:"rights"`
	Allowed   []string       `json:"allowedNetworks"`
	CreatedAt time.Time      `json:"createdAt"`
	RevokedAt *time.Time     `json:"revokedAt,omitempty"`
	OAuth     []oauthView    `json:"oauth"`
}

type oauthView struct {
	ID          int64      `json:"id"`
	ConsumerKey string     `json:"consumerKey"`
	Token       string     `json:"token"`
	CreatedAt   time.Time  `json:"createdAt"`
	RevokedAt   *time.Time `json:"revokedAt,omitempty"`
}

func (k *basekitUsersListCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		all, err := p.core.APIUsers(ctx, operator(), k.Partner)
		if err != nil {
			return err
		}
		state := func(revoked *time.Time) string {
			if revoked != nil {
				return "revoked"
			}
			return "valid"
		}
		views, rows := []apiUserView{}, [][]string(nil)
		for _, d := range all {
			v := apiUserView{ID: d.User.ID, Username: d.User.Username, Rights: d.User.Rights, Allowed: networkTexts(d.User.AllowedNetworks), CreatedAt: d.User.CreatedAt, RevokedAt: d.User.RevokedAt, OAuth: []oauthView{}}
			rows = append(rows, []string{strconv.FormatInt(v.ID, 10), v.Username, string(v.Rights), state(v.RevokedAt), networkList(d.User.AllowedNetworks), date(&v.CreatedAt)})
			for _, o := range d.OAuth {
				v.OAuth = append(v.OAuth, oauthView{ID: o.ID, ConsumerKey: o.ConsumerKey, Token: o.Token, CreatedAt: o.CreatedAt, RevokedAt: o.RevokedAt})
				rows = append(rows, []string{"", "  OAuth " + strconv.FormatInt(o.ID, 10) + " " + o.ConsumerKey, "", state(o.RevokedAt), "", date(&o.CreatedAt)})
			}
			views = append(views, v)
		}
		if k.JSON {
			return printJSON(out, views)
		}
		return table(out, []string{"ID", "USER NAME", "RIGHTS", "STATE", "ALLOWED", "CREATED"}, rows)
	})
}

type basekitUsersRotateCmd struct {
	ID   int64 `arg:"" help:"User id, as 'basekit users list' shows it."`
	JSON bool  `help:"Print JSON."`
}

func (k *basekitUsersRotateCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		password, err := p.core.RotateAPIUserPassword(ctx, operator(), k.ID)
		if err != nil {
			return err
		}
		if k.JSON {
			return printJSON(out, map[string]any{"id": k.ID, "password": password})
		}
		_, err = fmt.Fprintf(out, "password  %s\nThe password is shown this once.\n", password)
		return err
	})
}

type basekitUsersRevokeCmd struct {
	ID int64 `arg:"" help:"User id, as 'basekit users list' shows it."`
}

func (k *basekitUsersRevokeCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		return said(out, p.core.RevokeAPIUser(ctx, operator(), k.ID), "API user %d is revoked\n", k.ID)
	})
}

type basekitOAuthCmd struct {
	Add    basekitOAuthAddCmd    `cmd:"" help:"Make credentials of an API user. Prints their secrets."`
	Revoke basekitOAuthRevokeCmd `cmd:"" help:"End credentials at once."`
}

type basekitOAuthAddCmd struct {
	User int64 `arg:"" help:"User id, as 'basekit users list' shows it."`
	JSON bool  `help:"Print JSON."`
}

func (k *basekitOAuthAddCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		made, err := p.core.CreateOAuthCredentials(ctx, operator(), k.User)
		if err != nil {
			return err
		}
		o := made.Credentials
		if k.JSON {
			return printJSON(out, map[string]any{"id": o.ID, "consumerKey": o.ConsumerKey, "consumerSecret": made.ConsumerSecret, "token": o.Token, "tokenSecret": made.TokenSecret})
		}
		_, err = fmt.Fprintf(out, "consumer key     %s\nconsumer secret  %s\ntoken            %s\ntoken secret     %s\nid               %d\nThe secrets are shown this once.\n",
			o.ConsumerKey, made.ConsumerSecret, o.Token, made.TokenSecret, o.ID)
		return err
	})
}

type basekitOAuthRevokeCmd struct {
	ID int64 `arg:"" help:"Id of the credentials, as 'basekit users list' shows it."`
}

func (k *basekitOAuthRevokeCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		return said(out, p.core.RevokeOAuthCredentials(ctx, operator(), k.ID), "OAuth credentials %d are revoked\n", k.ID)
	})
}
