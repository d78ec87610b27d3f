// Package config reads the configuration: strict TOML, overridable by
// environment. Every key is documented by its `doc` tag, from which
// docs/configuration.md is generated.
package config

import "path/filepath"

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

// Path gives a path below the data folder.
func (c *Config) Path(elem ...string) string {
	return filepath.Join(append([]string{c.Data}, elem...)...)
}
