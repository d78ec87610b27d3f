package webhook

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"code.dny.dev/ssrf"

	"posthouse/internal/fault"
)

// Resolver finds a host's addresses; *dnsres.Client is one.
type Resolver interface {
	LookupIP(ctx context.Context, host string) (addrs []netip.Addr, authentic bool, err error)
}

// Guard says which addresses events may be sent to: public ones, and those of
// networks that the operator allows.
type Guard struct{ guardian *ssrf.Guardian }

// NewGuard makes a Guard with the networks allowed beside the public ones.
func NewGuard(allowed []netip.Prefix) *Guard {
	var v4, v6 []netip.Prefix
	for _, n := range allowed {
		if n.Addr().Is4() {
			v4 = append(v4, n)
		} else {
			v6 = append(v6, n)
		}
	}
	return &Guard{ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))}
}

// Check refuses an address that nothing is sent to. An IPv4 address in IPv6
// clothes is judged as the IPv4 address.
func (g *Guard) Check(addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	if !addr.IsValid() || addr.IsUnspecified() || addr.IsMulticast() || g.guardian.SafeAddr(addr) != nil {
		return errRefused
	}
	return nil
}

// control is the last word: it sees the address that the socket is about to be
// connected to, whatever a resolver said before.
func (g *Guard) control(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	return g.Check(ap.Addr())
}

// errRefused is a target that the operator doesn't allow. It doesn't say which
// address a name has: our resolver may know names that are not for partners.
var errRefused = fault.New(fault.Forbidden, "Webhooks are not sent to this address")

// dnsError is a name without addresses.
type dnsError struct {
	host  string
	cause error
}

func (e *dnsError) Error() string { return "The host " + clip(e.host) + " could not be resolved" }
func (e *dnsError) Unwrap() error { return e.cause }

// dialer resolves and connects.
type dialer struct {
	resolver Resolver
	guard    *Guard
}

// perAddress bounds the wait for one of several addresses.
const perAddress = 3 * time.Second

// maxAddresses bounds how many of a host's addresses are tried.
const maxAddresses = 8

func (d *dialer) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	p, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	var addrs []netip.Addr
	if literal, err := netip.ParseAddr(host); err == nil {
		addrs = []netip.Addr{literal}
	} else if addrs, _, err = d.resolver.LookupIP(ctx, host); err != nil {
		return nil, &dnsError{host, err}
	}
	if len(addrs) == 0 {
		return nil, &dnsError{host, nil}
	}
	if len(addrs) > maxAddresses {
		addrs = addrs[:maxAddresses]
	}
	var errs []error
	for i, a := range addrs {
		one, cancel := ctx, context.CancelFunc(func() {})
		if i < len(addrs)-1 {
			one, cancel = context.WithTimeout(ctx, perAddress)
		}
		c, err := (&net.Dialer{Control: d.guard.control}).DialContext(one, "tcp", netip.AddrPortFrom(a.Unmap(), uint16(p)).String())
		cancel()
		if err == nil {
			return c, nil
		}
		errs = append(errs, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(errs...)
}
