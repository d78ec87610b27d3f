package dnsres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"posthouse/internal/clock"
	"posthouse/internal/fault"
)

// Dialer opens connections; *net.Dialer is one.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Config of a Client. Zero fields take the default named.
type Config struct {
	Servers    []string      // "host:port" or "host"; those of ResolvConf
	ResolvConf string        // /etc/resolv.conf
	TrustAD    bool          // the servers' word on DNSSEC counts; otherwise only that of loopback ones
	Dialer     Dialer        // net.Dialer
	Clock      clock.Clock   // of the cache
	Timeout    time.Duration // of one question to one server; 3 s
	Attempts   int           // rounds over all servers; 2
	CacheSize  int           // answers; 10,000
	MaxTTL     time.Duration // an answer is used for; 1 h
	MaxNegTTL  time.Duration // a negative answer is used for; 5 min
	NoCache    bool          // every look-up asks
}

// udpSize is what fits into a datagram on any path (the DNS flag day of 2020).
const udpSize = 1232

// maxRecords bounds what is kept of one answer.
const maxRecords = 256

// maxChain bounds the aliases that are followed within an answer.
const maxChain = 16

// Client is a Resolver over UDP and TCP with a cache. It is safe for concurrent use.
type Client struct {
	cfg     Config
	servers []server
	cache   cache
}

type server struct {
	address string
	trusted bool
}

// New returns a Client. Nothing is asked yet.
func New(cfg Config) (*Client, error) {
	if len(cfg.Servers) == 0 {
		if cfg.ResolvConf == "" {
			cfg.ResolvConf = "/etc/resolv.conf"
		}
		file, err := dns.ClientConfigFromFile(cfg.ResolvConf)
		if err != nil {
			return nil, fault.Wrap(fmt.Errorf("reading %s: %w", cfg.ResolvConf, err))
		}
		for _, s := range file.Servers {
			cfg.Servers = append(cfg.Servers, net.JoinHostPort(s, file.Port))
		}
		if len(cfg.Servers) == 0 {
			cfg.Servers = []string{"127.0.0.1:53"} // resolv.conf(5)
		}
	}
	if cfg.Dialer == nil {
		cfg.Dialer = &net.Dialer{}
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System()
	}
	def(&cfg.Timeout, 3*time.Second)
	def(&cfg.Attempts, 2)
	def(&cfg.CacheSize, 10_000)
	def(&cfg.MaxTTL, time.Hour)
	def(&cfg.MaxNegTTL, 5*time.Minute)
	c := &Client{cfg: cfg, cache: cache{size: cfg.CacheSize, entries: make(map[question]entry)}}
	for _, address := range cfg.Servers {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			host = strings.Trim(address, "[]")
			address = net.JoinHostPort(host, "53")
		}
		ip, err := netip.ParseAddr(host)
		c.servers = append(c.servers, server{address, cfg.TrustAD || err == nil && ip.IsLoopback()})
	}
	return c, nil
}

func def[T int | time.Duration](v *T, otherwise T) {
	if *v <= 0 {
		*v = otherwise
	}
}

type question struct {
	name string // lower case, absolute
	kind uint16
}

// answer is what came of a question: records, or an error.
type answer struct {
	records   []dns.RR
	authentic bool
	err       error
	ttl       time.Duration
}

func (c *Client) lookup(ctx context.Context, name string, kind uint16) answer {
	q := question{strings.ToLower(dns.Fqdn(name)), kind}
	if _, ok := dns.IsDomainName(q.name); !ok || q.name == "." {
		return answer{err: errNXDomain}
	}
	if c.cfg.NoCache {
		return c.ask(ctx, q)
	}
	now := c.cfg.Clock.Now()
	if a, ok := c.cache.get(q, now); ok {
		return a
	}
	a := c.ask(ctx, q)
	if a.ttl > 0 {
		c.cache.put(q, a, now)
	}
	return a
}

// ask puts q to the servers in turn until one gives a definite answer.
func (c *Client) ask(ctx context.Context, q question) answer {
	var causes []error
	for range c.cfg.Attempts {
		for _, s := range c.servers {
			r, err := c.exchange(ctx, s, q)
			if err == nil {
				var a answer
				if a, err = c.judge(q, r, s); err == nil {
					return a
				}
			}
			causes = append(causes, fmt.Errorf("%s: %w", s.address, err))
			if ctx.Err() != nil {
				return answer{err: unavailable(q, append(causes, ctx.Err()))}
			}
		}
	}
	return answer{err: unavailable(q, causes)}
}

func unavailable(q question, causes []error) error {
	const most = 8
	causes = causes[max(0, len(causes)-most):]
	return fault.Unavail("The DNS does not answer at the moment", fmt.Errorf("%s %s: %w", q.name, dns.TypeToString[q.kind], errors.Join(causes...)))
}

// exchange asks one server over UDP, over TCP when the answer was cut short, and
// without EDNS when the server doesn't know that (RFC 6891 section 7).
func (c *Client) exchange(ctx context.Context, s server, q question) (*dns.Msg, error) {
	m := new(dns.Msg)
	m.SetQuestion(q.name, q.kind)
	m.AuthenticatedData = true // RFC 6840 section 5.7
	m.SetEdns0(udpSize, false)
	r, err := c.roundTrip(ctx, "udp", s, m)
	if err == nil && (r.Rcode == dns.RcodeFormatError || r.Rcode == dns.RcodeNotImplemented) {
		m.Extra = nil
		r, err = c.roundTrip(ctx, "udp", s, m)
	}
	if err == nil && r.Truncated {
		r, err = c.roundTrip(ctx, "tcp", s, m)
	}
	return r, err
}

func (c *Client) roundTrip(ctx context.Context, network string, s server, m *dns.Msg) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	conn, err := c.cfg.Dialer.DialContext(ctx, network, s.address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	client := dns.Client{Net: network, UDPSize: udpSize, Timeout: c.cfg.Timeout}
	r, _, err := client.ExchangeWithConnContext(ctx, m, &dns.Conn{Conn: conn, UDPSize: udpSize})
	if err != nil {
		return nil, err
	}
	if !r.Response || len(r.Question) != 1 || !strings.EqualFold(r.Question[0].Name, m.Question[0].Name) ||
		r.Question[0].Qtype != m.Question[0].Qtype || r.Question[0].Qclass != dns.ClassINET {
		return nil, errors.New("the answer is to another question")
	}
	return r, nil
}

// judge turns a response into an answer; an error means that another server
// should be asked.
func (c *Client) judge(q question, r *dns.Msg, s server) (answer, error) {
	a := answer{authentic: r.AuthenticatedData && s.trusted}
	switch r.Rcode {
	case dns.RcodeSuccess:
	case dns.RcodeNameError:
		a.err, a.ttl = errNXDomain, c.negativeTTL(r)
		return a, nil
	default:
		return answer{}, fmt.Errorf("rcode %s", dns.RcodeToString[r.Rcode])
	}
	ttl := uint32(c.cfg.MaxTTL / time.Second)
	a.records, ttl = follow(q, r.Answer, ttl)
	if len(a.records) == 0 {
		a.err, a.ttl = errNoData, c.negativeTTL(r)
		return a, nil
	}
	a.ttl = time.Duration(ttl) * time.Second
	return a, nil
}

// follow picks the records that answer q, at the end of the chain of aliases
// that begins at its name, and the least TTL on the way.
func follow(q question, all []dns.RR, ttl uint32) ([]dns.RR, uint32) {
	name := q.name
	for range maxChain {
		var records []dns.RR
		target := ""
		for _, rr := range all {
			h := rr.Header()
			if h.Class != dns.ClassINET || !strings.EqualFold(h.Name, name) {
				continue
			}
			if h.Rrtype == q.kind && len(records) < maxRecords {
				records = append(records, rr)
				ttl = min(ttl, h.Ttl)
			}
			if alias, ok := rr.(*dns.CNAME); ok && target == "" {
				target = alias.Target
				ttl = min(ttl, h.Ttl)
			}
		}
		if len(records) > 0 {
			return slices.Clip(records), ttl
		}
		if target == "" {
			return nil, ttl
		}
		name = target
	}
	return nil, ttl
}

// negativeTTL is that of RFC 2308 section 5, 0 without an SOA record.
func (c *Client) negativeTTL(r *dns.Msg) time.Duration {
	for _, rr := range r.Ns {
		if soa, ok := rr.(*dns.SOA); ok {
			return min(time.Duration(min(soa.Hdr.Ttl, soa.Minttl))*time.Second, c.cfg.MaxNegTTL)
		}
	}
	return 0
}
