package queue

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"posthouse/internal/fault"
	"posthouse/internal/mail/smtpclient"
)

// hop is a host to deliver to.
type hop struct {
	host  string // name, for the look-up, SNI and logs; the address when it was configured or written as one
	addrs []netip.Addr
	port  int
	mode  smtpclient.TLSMode
}

// Route is a configured next hop.
type Route struct{ hop hop }

var tlsWords = map[string]smtpclient.TLSMode{
	"none": smtpclient.TLSNone, "may": smtpclient.TLSOpportunistic, "starttls": smtpclient.TLSRequired, "tls": smtpclient.TLSImplicit,
}

// ParseRoute reads "host:port", optionally followed by how the session is
// protected: none, may (the default: STARTTLS if offered), starttls (STARTTLS
// with a verified certificate, or nothing), tls (from the first octet, verified).
func ParseRoute(s string) (*Route, error) {
	words := strings.Fields(s)
	if len(words) == 0 || len(words) > 2 {
		return nil, fault.Newf(fault.Invalid, "%q is no next hop such as relay.example.net:25 or relay.example.net:465 tls", s)
	}
	host, port, err := net.SplitHostPort(words[0])
	n, perr := strconv.ParseUint(port, 10, 16)
	if err != nil || perr != nil || n == 0 || host == "" {
		return nil, fault.Newf(fault.Invalid, "%q is no host:port", words[0])
	}
	h := hop{host: hostName(host), port: int(n)}
	if a, err := netip.ParseAddr(host); err == nil {
		h.addrs = []netip.Addr{a}
	} else if h.host == "localhost" { // RFC 6761 section 6.3: no look-up
		h.addrs = []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}
	}
	if len(words) == 2 {
		mode, ok := tlsWords[words[1]]
		if !ok {
			return nil, fault.Newf(fault.Invalid, "%q is not none, may, starttls or tls", words[1])
		}
		h.mode = mode
	}
	return &Route{hop: h}, nil
}
