// Package config reads the configuration: strict TOML, overridable by
// environment. Every key is documented by its `doc` tag, from which
// docs/configuration.md is generated.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"posthouse/internal/core/brand"
	"posthouse/internal/core/plan"
	"posthouse/internal/fault"
)

// Mode is development or production.
type Mode string

// The modes. Development is for one machine: it makes a sandbox partner, and
// takes API calls over plain HTTP.
const (
	Development Mode = "development"
	Production  Mode = "production"
)

// Config is the whole configuration. The defaults run on a laptop with nothing configured.
type Config struct {
	Mode     Mode     `toml:"mode" doc:"'development' makes a sandbox partner at first start and takes API calls over plain HTTP; 'production' does neither"`
	Hostname string   `toml:"hostname" doc:"name of this mail server in greetings, EHLO and Received; must be the name that MX records give in production; no mail order can be made for it"`
	Data     string   `toml:"data" doc:"folder for everything that is kept: database, messages, keys, certificate"`
	HTTP     HTTP     `toml:"http"`
	SMTP     SMTP     `toml:"smtp"`
	IMAP     IMAP     `toml:"imap"`
	TLS      TLS      `toml:"tls"`
	Store    Store    `toml:"store"`
	DNS      DNS      `toml:"dns"`
	Outbound Outbound `toml:"outbound"`
	Titan    Titan    `toml:"titan"`

	ResellerClub ResellerClub `toml:"resellerclub"`
	BaseKit      BaseKit      `toml:"basekit"`

	Brand    Brand    `toml:"brand"`
	Web      Web      `toml:"web"`
	Notices  Notices  `toml:"notices"`
	Login    Login    `toml:"login"`
	Log      Log      `toml:"log"`
	Plans    Plans    `toml:"plans"`
	Webhooks Webhooks `toml:"webhooks"`
}

// HTTP is the web side.
type HTTP struct {
	Listen         []string `toml:"listen" doc:"plain HTTP addresses; in production put a TLS proxy in front or use listen_tls, since API keys travel here"`
	ListenTLS      []string `toml:"listen_tls" doc:"HTTPS addresses"`
	Ops            []string `toml:"ops" doc:"addresses that answer /healthz, /readyz and /metrics; empty = the addresses of listen (development only)"`
	BaseURL        string   `toml:"base_url" doc:"address under which partners reach this installation, for links in answers; empty = https:// and the hostname, in development the first address of listen"`
	Profiling      bool     `toml:"profiling" doc:"answer /debug/pprof/ where /metrics is answered"`
	TrustedProxies []string `toml:"trusted_proxies" doc:"networks whose X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host are believed: a proxy must set them, or remove what its client sent"`
}

// SMTP is the MX and submission side.
type SMTP struct {
	MX                    []string `toml:"mx" doc:"addresses of the MX, STARTTLS offered (port 25)"`
	Submission            []string `toml:"submission" doc:"addresses of submission with STARTTLS (port 587)"`
	Submissions           []string `toml:"submissions" doc:"addresses of submission with implicit TLS (port 465)"`
	MaxMessageBytes       int64    `toml:"max_message_bytes" doc:"largest message taken, in bytes"`
	MaxConnections        int      `toml:"max_connections" doc:"connections to all SMTP addresses together"`
	MaxConnectionsPerHost int      `toml:"max_connections_per_host" doc:"connections from one address (IPv6: one /64)"`
	Sink                  []string `toml:"sink" doc:"development only: addresses of the sandbox sink, an SMTP server that keeps what it gets as files under data/sink"`
	Postmaster            string   `toml:"postmaster" doc:"address that gets mail to a bare <postmaster>; empty = it is held in the queue for the operator"`
}

// IMAP is the reading side.
type IMAP struct {
	Listen                []string `toml:"listen" doc:"addresses of IMAP with STARTTLS (port 143)"`
	ListenTLS             []string `toml:"listen_tls" doc:"addresses of IMAP with implicit TLS (port 993)"`
	MaxConnections        int      `toml:"max_connections" doc:"connections to all IMAP addresses together"`
	MaxConnectionsPerHost int      `toml:"max_connections_per_host" doc:"connections from one address (IPv6: one /64)"`
	PlaintextLogin        bool     `toml:"plaintext_login" doc:"take log-ins without TLS: only where a TLS proxy stands in front"`
}

// TLS is the certificate.
type TLS struct {
	Certificate string `toml:"certificate" doc:"PEM file with the certificate chain; empty = a self-signed one is made under data/tls at first start; a replaced file is taken up within a minute"`
	Key         string `toml:"key" doc:"PEM file with the private key"`
}

// Store is where rows live.
type Store struct {
	Engine    string `toml:"engine" doc:"'sqlite' (embedded) or 'postgres'"`
	DSN       string `toml:"dsn" doc:"PostgreSQL connection string; sqlite needs none, its file is data/posthouse.db"`
	MasterKey string `toml:"master_key" doc:"file with the master key, mode 0600; empty = data/master.key, made at the first start of an empty store; without it no mail can be read: keep a copy apart from the backups"`
}

// DNS is name resolution.
type DNS struct {
	Servers []string `toml:"servers" doc:"resolvers as host:port; empty = those of /etc/resolv.conf"`
}

// Outbound is the outbound queue.
type Outbound struct {
	Routes         map[string]string `toml:"routes" doc:"next hop by recipient domain, '*' for all others: \"example.com\" = \"relay.example.net:25\"; without an entry MX records decide"`
	SandboxSink    string            `toml:"sandbox_sink" doc:"host:port of an SMTP sink that gets mail which sandbox partners send to foreign domains; such mail is captured in any case (posthouse sandbox messages); empty = in development smtp.sink"`
	LocalNames     []string          `toml:"local_names" doc:"further host names by which MX records may mean this installation; hostname is always one"`
	ForwardDomain  string            `toml:"forward_domain" doc:"domain of the senders of forwarded mail (SRS), on all nodes the same; its MX records must lead here and its SPF record name the addresses that mail goes out from; empty = hostname"`
	LocalAddresses []string          `toml:"local_addresses" doc:"IP addresses by which MX records may mean this installation"`
	Lifetime       Duration          `toml:"lifetime" doc:"how long delivery is tried before a message is returned"`
	DelayWarning   Duration          `toml:"delay_warning" doc:"after how long the sender is told once that delivery is late"`
	Concurrency    int               `toml:"concurrency" doc:"deliveries at the same time, all destinations together"`
	PerDestination int               `toml:"per_destination" doc:"deliveries at the same time to one destination"`
}

// Titan is the Titan partner API.
type Titan struct {
	Prefix string `toml:"prefix" doc:"path prefix in front of /partner/..., such as /titan"`
}

// ResellerClub is the ResellerClub API.
type ResellerClub struct {
	Enabled bool   `toml:"enabled" doc:"answer the ResellerClub API"`
	Prefix  string `toml:"prefix" doc:"path prefix in front of /api/... and /restapi/..., such as /resellerclub"`
}

// BaseKit is the BaseKit brand API.
type BaseKit struct {
	Enabled bool     `toml:"enabled" doc:"answer the BaseKit API, on host names of brands (posthouse basekit modify --host) at the addresses of http.listen and http.listen_tls"`
	Listen  []string `toml:"listen" doc:"plain HTTP addresses that answer nothing else, whatever the host name; passwords travel here: put a TLS proxy in front"`
}

// Brand is how partners appear that set nothing, or not all.
type Brand struct {
	Name         string   `toml:"name" doc:"name that customers read"`
	SupportURL   string   `toml:"support_url" doc:"page where customers get help"`
	LogoURL      string   `toml:"logo_url" doc:"picture in mails and on pages"`
	Colour       string   `toml:"colour" doc:"of buttons and headings, as #rrggbb"`
	SenderName   string   `toml:"sender_name" doc:"From of mails that Posthouse writes; empty = the name"`
	SenderEmail  string   `toml:"sender_email" doc:"address in From of mails that Posthouse writes"`
	ContactEmail string   `toml:"contact_email" doc:"who is warned when a partner has named nobody"`
	PanelURL     string   `toml:"panel_url" doc:"base of the control panel"`
	WebmailURL   string   `toml:"webmail_url" doc:"base of webmail"`
	PaymentURL   string   `toml:"payment_url" doc:"payment page; its path and query may hold {domain_name}, {order_id} and {locale}"`
	MX           []string `toml:"mx" doc:"host names that domains publish as MX, best first; empty = hostname"`
	SPFInclude   string   `toml:"spf_include" doc:"name that the SPF record of a domain includes; empty = the record names the domain's MX instead"`
}

// Notices is the mail that the platform writes itself.
type Notices struct {
	Templates string `toml:"templates" doc:"folder with templates of mails, each in the place of the built-in one of the same name, such as de/password_reset.html; empty = all are built in"`
}

// Web is the pages for browsers.
type Web struct {
	PanelHost   string `toml:"panel_host" doc:"host name of the control panel, such as manage.example.com; it then shows nothing of webmail, and / is its start page; empty = by path on every host name"`
	WebmailHost string `toml:"webmail_host" doc:"host name of webmail, such as app.example.com; as panel_host"`
}

// Login is log-in to mailboxes.
type Login struct {
	HashMemoryKiB int `toml:"hash_memory_kib" doc:"memory of one argon2id hash in KiB"`
	HashTime      int `toml:"hash_time" doc:"passes of argon2id"`
	HashParallel  int `toml:"hash_parallel" doc:"password hashes computed at the same time; 0 = as many as processors"`
}

// Log is logging.
type Log struct {
	Level  string `toml:"level" doc:"'debug', 'info', 'warn' or 'error'"`
	Format string `toml:"format" doc:"'text' or 'json'"`
}

// Plans overrides the catalogue.
type Plans struct {
	StorageMB map[string]int64 `toml:"storage_mb" doc:"storage of one mailbox in MB by plan name, over the catalogue's defaults"`
	Seats     map[string]int   `toml:"seats" doc:"seats of free and trial plans by plan name, over the catalogue's defaults"`
}

// Duration is a time.Duration written as in Go: 90s, 4h, 120h.
type Duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil {
		return fmt.Errorf("%q is no duration: write 90s, 10m, 4h", b)
	}
	*d = Duration(v)
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// Default is the configuration with nothing configured.
func Default() *Config {
	return &Config{
		Mode:     Development,
		Hostname: "posthouse.localhost",
		Data:     "data",
		HTTP:     HTTP{Listen: []string{"127.0.0.1:8080"}},
		SMTP: SMTP{
			MX:                    []string{"127.0.0.1:2525"},
			Submission:            []string{"127.0.0.1:2587"},
			Submissions:           []string{"127.0.0.1:2465"},
			Sink:                  []string{"127.0.0.1:2526"},
			MaxMessageBytes:       50 << 20,
			MaxConnections:        1000,
			MaxConnectionsPerHost: 100,
		},
		IMAP: IMAP{
			Listen:                []string{"127.0.0.1:2143"},
			ListenTLS:             []string{"127.0.0.1:2993"},
			MaxConnections:        10000,
			MaxConnectionsPerHost: 100,
		},
		Store:        Store{Engine: "sqlite"},
		Outbound:     Outbound{Lifetime: Duration(120 * time.Hour), DelayWarning: Duration(4 * time.Hour), Concurrency: 100, PerDestination: 10},
		Brand:        Brand{Name: "Posthouse"},
		Login:        Login{HashMemoryKiB: 19 << 10, HashTime: 2},
		Log:          Log{Level: "info", Format: "text"},
		ResellerClub: ResellerClub{Enabled: true},
		BaseKit:      BaseKit{Enabled: true, Listen: []string{"127.0.0.1:8081"}},
		Webhooks:     Webhooks{Concurrency: 128, PerEndpoint: 32, Keep: Duration(30 * 24 * time.Hour)},
	}
}

// Load reads the file at path ("" = none) over the defaults, then the
// environment over the file, and checks the whole. Every problem found is in
// the error, one a line, named by key.
func Load(path string, environ []string) (*Config, error) {
	c := Default()
	var problems []error
	if path != "" {
		b, err := os.ReadFile(path)
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("config: no file %s", path)
			}
			return nil, fmt.Errorf("config: %w", err)
		}
		dec := toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields()
		if err := dec.Decode(c); err != nil {
			problem := fmt.Errorf("config: %s: %s", path, explain(err))
			// Unknown keys leave the known ones readable, so that all is told at once.
			if strict := new(toml.StrictMissingError); !errors.As(err, &strict) {
				return nil, problem
			}
			problems = append(problems, problem)
		}
	}
	problems = append(problems, override(c, environ), c.Check())
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return c, nil
}

func explain(err error) string {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) {
		var out []string
		for _, e := range strict.Errors {
			row, col := e.Position()
			out = append(out, fmt.Sprintf("line %d, column %d: unknown key %s", row, col, strings.Join(e.Key(), ".")))
		}
		return strings.Join(out, "; ")
	}
	var de *toml.DecodeError
	if errors.As(err, &de) {
		row, col := de.Position()
		return fmt.Sprintf("line %d, column %d: %s", row, col, de.Error())
	}
	return err.Error()
}

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

// Path gives a path below the data folder.
func (c *Config) Path(elem ...string) string {
	return filepath.Join(append([]string{c.Data}, elem...)...)
}

// Catalogue is the default catalogue with the configured overrides.
func (c *Config) Catalogue() plan.Catalogue {
	cat := plan.DefaultCatalogue()
	for name, mb := range c.Plans.StorageMB {
		t := cat[plan.Plan(name)]
		t.StorageMB = mb
		cat[plan.Plan(name)] = t
	}
	for name, n := range c.Plans.Seats {
		t := cat[plan.Plan(name)]
		t.DefaultSeats = n
		cat[plan.Plan(name)] = t
	}
	return cat
}

// OwnHosts are the host names that lead to this installation.
func (c *Config) OwnHosts(b brand.Brand) []string {
	out := append([]string{c.Hostname, c.Web.PanelHost, c.Web.WebmailHost, c.ForwardDomain()}, c.Outbound.LocalNames...)
	out = append(out, b.MX...)
	for _, page := range []string{b.PanelURL, b.WebmailURL} {
		if u, err := url.Parse(page); err == nil {
			out = append(out, u.Hostname())
		}
	}
	return out
}

// ForwardDomain is where the senders of forwarded mail are.
func (c *Config) ForwardDomain() string {
	if c.Outbound.ForwardDomain != "" {
		return strings.ToLower(c.Outbound.ForwardDomain)
	}
	return strings.ToLower(c.Hostname)
}

// PlatformBrand is what partners that set nothing appear as.
func (c *Config) PlatformBrand() (brand.Brand, error) {
	b, err := brand.Brand{
		Name: c.Brand.Name, SupportURL: c.Brand.SupportURL, LogoURL: c.Brand.LogoURL, Colour: c.Brand.Colour,
		SenderName: c.Brand.SenderName, SenderEmail: c.Brand.SenderEmail, ContactEmail: c.Brand.ContactEmail,
		PanelURL: c.Brand.PanelURL, WebmailURL: c.Brand.WebmailURL, PaymentURL: c.Brand.PaymentURL,
		MX: c.Brand.MX, SPFInclude: c.Brand.SPFInclude,
	}.Checked(c.Mode == Development)
	if len(b.MX) == 0 {
		b.MX = []string{strings.ToLower(c.Hostname)}
	}
	return b, err
}
