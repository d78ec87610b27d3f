package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"posthouse/internal/core/plan"
	"posthouse/internal/fault"
)

// Check says everything that is wrong with c.
func (c *Config) Check() error {
	var p []error
	bad := func(key, format string, a ...any) {
		p = append(p, fmt.Errorf("config: %s: %s", key, fmt.Sprintf(format, a...)))
	}
	if c.Mode != Development && c.Mode != Production {
		bad("mode", "is %q, not 'development' or 'production'", c.Mode)
	}
	if c.Hostname == "" || strings.ContainsAny(c.Hostname, " /:\\") {
		bad("hostname", "%q is no host name", c.Hostname)
	}
	if strings.ContainsAny(c.Outbound.ForwardDomain, " /:\\@") {
		bad("outbound.forward_domain", "%q is no domain name", c.Outbound.ForwardDomain)
	}
	if c.Data == "" {
		bad("data", "is empty")
	}
	c.checkListeners(bad)
	c.checkWebhooks(bad)
	if u, err := url.Parse(c.HTTP.BaseURL); c.HTTP.BaseURL != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "") {
		bad("http.base_url", "%q is no address such as https://mail.example.com", c.HTTP.BaseURL)
	}
	for _, n := range c.HTTP.TrustedProxies {
		if _, err := netip.ParsePrefix(n); err != nil {
			bad("http.trusted_proxies", "%q is no network such as 10.0.0.0/8", n)
		}
	}
	for _, a := range c.Outbound.LocalAddresses {
		if _, err := netip.ParseAddr(a); err != nil {
			bad("outbound.local_addresses", "%q is no IP address", a)
		}
	}
	if _, err := c.PlatformBrand(); err != nil {
		bad("brand", "%s", fault.Of(err).Text)
	}
	if (c.TLS.Certificate == "") != (c.TLS.Key == "") {
		bad("tls", "certificate and key must be given together")
	}
	for key, h := range map[string]string{"web.panel_host": c.Web.PanelHost, "web.webmail_host": c.Web.WebmailHost} {
		if strings.ContainsAny(h, " /:\\") {
			bad(key, "%q is no host name", h)
		}
	}
	if c.Web.PanelHost != "" && strings.EqualFold(c.Web.PanelHost, c.Web.WebmailHost) {
		bad("web.webmail_host", "is web.panel_host too")
	}
	switch c.Store.Engine {
	case "sqlite":
	case "postgres":
		if c.Store.DSN == "" {
			bad("store.dsn", "is needed with engine 'postgres'")
		}
	default:
		bad("store.engine", "is %q, not 'sqlite' or 'postgres'", c.Store.Engine)
	}
	for key, n := range map[string]int64{
		"smtp.max_message_bytes": c.SMTP.MaxMessageBytes, "smtp.max_connections": int64(c.SMTP.MaxConnections),
		"smtp.max_connections_per_host": int64(c.SMTP.MaxConnectionsPerHost), "imap.max_connections": int64(c.IMAP.MaxConnections),
		"imap.max_connections_per_host": int64(c.IMAP.MaxConnectionsPerHost), "outbound.lifetime": int64(c.Outbound.Lifetime),
		"outbound.delay_warning": int64(c.Outbound.DelayWarning), "outbound.concurrency": int64(c.Outbound.Concurrency),
		"outbound.per_destination": int64(c.Outbound.PerDestination), "login.hash_memory_kib": int64(c.Login.HashMemoryKiB),
		"login.hash_time": int64(c.Login.HashTime),
	} {
		if n <= 0 {
			bad(key, "must be more than 0")
		}
	}
	if c.Login.HashParallel < 0 {
		bad("login.hash_parallel", "must not be negative")
	}
	cat := plan.DefaultCatalogue()
	for name, mb := range c.Plans.StorageMB {
		if _, ok := cat[plan.Plan(name)]; !ok || mb <= 0 {
			bad("plans.storage_mb", "%q = %d: unknown plan or no positive number", name, mb)
		}
	}
	for name, n := range c.Plans.Seats {
		if t, ok := cat[plan.Plan(name)]; !ok || t.Paid || n <= 0 {
			bad("plans.seats", "%q = %d: not a free or trial plan, or no positive number", name, n)
		}
	}
	if _, ok := levels[c.Log.Level]; !ok {
		bad("log.level", "is %q, not 'debug', 'info', 'warn' or 'error'", c.Log.Level)
	}
	if c.Log.Format != "text" && c.Log.Format != "json" {
		bad("log.format", "is %q, not 'text' or 'json'", c.Log.Format)
	}
	return errors.Join(sorted(p)...)
}

func (c *Config) checkListeners(bad func(string, string, ...any)) {
	seen := map[string]string{}
	for _, l := range []struct {
		key   string
		addrs []string
	}{
		{"http.listen", c.HTTP.Listen}, {"http.listen_tls", c.HTTP.ListenTLS}, {"http.ops", c.HTTP.Ops}, {"basekit.listen", c.BaseKit.Listen},
		{"smtp.mx", c.SMTP.MX}, {"smtp.submission", c.SMTP.Submission}, {"smtp.submissions", c.SMTP.Submissions}, {"smtp.sink", c.SMTP.Sink},
		{"imap.listen", c.IMAP.Listen}, {"imap.listen_tls", c.IMAP.ListenTLS},
	} {
		for _, a := range l.addrs {
			if !validListen(a) {
				bad(l.key, "%q is no address such as 127.0.0.1:2525 or :25", a)
				continue
			}
			if other, ok := seen[a]; ok && !strings.HasSuffix(a, ":0") {
				bad(l.key, "%s is used by %s too", a, other)
			}
			seen[a] = l.key
		}
	}
	if c.Mode == Production && len(c.HTTP.Ops) == 0 {
		bad("http.ops", "is needed in production: /metrics is not for everyone")
	}
}
