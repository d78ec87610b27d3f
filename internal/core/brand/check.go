package brand

import (
	"fmt"
	"net/url"
	"strings"

	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
)

// Bounds of what a partner may set.
const (
	maxText  = 255
	maxURL   = 2048
	maxItems = 20
)

// placeholders are what a payment address may hold (titan.md section 9.4).
var placeholders = strings.NewReplacer("{domain_name}", "x", "{order_id}", "x", "{locale}", "x")

// Checked gives b in its stored form: trimmed, host names and origins in lower
// case, bases without a trailing slash. Addresses of pages are https, or http
// too when plain is set, which is for one machine (T-46).
func (b Brand) Checked(plain bool) (Brand, error) {
	c := checker{plain: plain}
	b.Name = c.line("name", b.Name)
	b.SupportURL = c.url("supportUrl", b.SupportURL)
	b.LogoURL = c.url("logoUrl", b.LogoURL)
	b.Colour = c.colour("colour", b.Colour)
	b.SenderName = c.line("senderName", b.SenderName)
	b.SenderEmail = c.email("senderEmail", b.SenderEmail)
	b.ContactEmail = c.email("contactEmail", b.ContactEmail)
	b.PanelURL = c.base("panelUrl", b.PanelURL)
	b.WebmailURL = c.base("webmailUrl", b.WebmailURL)
	b.PaymentURL = c.payment("paymentUrl", b.PaymentURL)
	b.FrameOrigins = c.list("frameOrigins", b.FrameOrigins, c.origin)
	b.Themes = c.list("themes", b.Themes, c.theme)
	b.MX = c.list("mx", b.MX, c.host)
	if b.SPFInclude = strings.TrimSpace(b.SPFInclude); b.SPFInclude != "" {
		b.SPFInclude = c.host("spfInclude", b.SPFInclude)
	}
	return b, c.err
}

// checker keeps the first fault.
type checker struct {
	plain bool
	err   error
}

func (c *checker) fail(key, what string) string {
	if c.err == nil {
		c.err = fault.New(fault.Invalid, fmt.Sprintf("%s is not %s", key, what))
	}
	return ""
}

func (c *checker) line(key, v string) string {
	v = strings.TrimSpace(v)
	if len(v) > maxText || v != strings.ToValidUTF8(v, "") || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return c.fail(key, fmt.Sprintf("one line of at most %d bytes", maxText))
	}
	return v
}

// colour is #rrggbb: what goes into a style sheet can't be anything else.
func (c *checker) colour(key, v string) string {
	v = strings.ToLower(strings.TrimSpace(v))
	if v == "" {
		return ""
	}
	if len(v) != 7 || v[0] != '#' || strings.Trim(v[1:], "0123456789abcdef") != "" {
		return c.fail(key, "a colour such as #1a2b3c")
	}
	return v
}

func (c *checker) email(key, v string) string {
	if v = strings.TrimSpace(v); v == "" {
		return ""
	}
	a, err := mailaddr.Parse(v, mailaddr.AllowUTF8)
	if err != nil || len(v) > maxText {
		return c.fail(key, "an email address")
	}
	return a.String()
}

func (c *checker) parse(key, v string) *url.URL {
	u, err := url.Parse(v)
	if err == nil && len(v) <= maxURL && u.Opaque == "" && u.User == nil && u.Fragment == "" && c.authority(u) &&
		strings.Trim(v, "!$%&'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz~") == "" {
		return u
	}
	form := "an https address"
	if c.plain {
		form = "an http or https address"
	}
	c.fail(key, form)
	return nil
}

func (c *checker) authority(u *url.URL) bool {
	if u.Scheme != "https" && (u.Scheme != "http" || !c.plain) {
		return false
	}
	return u.Hostname() != "" && !strings.HasSuffix(u.Host, ":")
}

func (c *checker) url(key, v string) string {
	if v = strings.TrimSpace(v); v == "" || c.parse(key, v) == nil {
		return ""
	}
	return v
}

// base is an address that paths and queries are put behind.
func (c *checker) base(key, v string) string {
	v = c.url(key, v)
	if strings.ContainsAny(v, "?") {
		return c.fail(key, "an address without a query")
	}
	return strings.TrimRight(v, "/")
}

// payment may have placeholders behind its host, which stands in the policy of
// pages that send forms there.
func (c *checker) payment(key, v string) string {
	v = strings.TrimSpace(v)
	if v == "" || c.parse(key, placeholders.Replace(v)) == nil {
		return ""
	}
	_, rest, _ := strings.Cut(v, "://")
	if end := strings.IndexAny(rest, "/?"); end >= 0 {
		rest = rest[:end]
	}
	if strings.Contains(rest, "{") {
		return c.fail(key, "an address with a fixed host: placeholders go into its path or query")
	}
	return v
}

// origin is scheme, host and port: it goes into a Content-Security-Policy.
func (c *checker) origin(key, v string) string {
	v = strings.ToLower(v)
	u := c.parse(key, v)
	if u == nil {
		return ""
	}
	if (u.Path != "" && u.Path != "/") || u.RawQuery != "" || strings.ContainsAny(u.Host, "*;,'()") {
		return c.fail(key, "an origin such as https://panel.example")
	}
	return u.Scheme + "://" + u.Host
}

func (c *checker) theme(key, v string) string {
	if len(v) > 64 || strings.Trim(v, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
		return c.fail(key, "a list of names of letters, digits, - and _")
	}
	return v
}

func (c *checker) host(key, v string) string {
	v = strings.ToLower(strings.TrimSuffix(v, "."))
	if d, err := mailaddr.ParseDomain(v); err == nil {
		return d
	}
	return c.fail(key, "a host name")
}

// list checks each item; blank ones and repeats go.
func (c *checker) list(key string, items []string, check func(key, v string) string) []string {
	if len(items) > maxItems {
		c.fail(key, fmt.Sprintf("a list of at most %d", maxItems))
		return nil
	}
	var out []string
	seen := map[string]bool{}
	for _, v := range items {
		if v = strings.TrimSpace(v); v == "" {
			continue
		}
		if v = check(key, v); v != "" && !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}
