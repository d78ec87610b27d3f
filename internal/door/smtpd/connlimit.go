package smtpd

import (
	"net"
	"net/netip"
	"sync"
)

// ConnLimit counts connections, all together and by client address; the
// addresses of one IPv6 /64 count as one. Servers may share it.
type ConnLimit struct {
	total, perHost int

	mu    sync.Mutex
	open  int
	hosts map[netip.Addr]int // only those with connections
}

// NewConnLimit makes a ConnLimit; 0 is no limit.
func NewConnLimit(total, perHost int) *ConnLimit {
	return &ConnLimit{total: total, perHost: perHost, hosts: make(map[netip.Addr]int)}
}

// take counts a connection in, or says why not.
func (l *ConnLimit) take(a netip.Addr) *reply {
	if l == nil {
		return nil
	}
	host := network(a)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.perHost > 0 && l.hosts[host] >= l.perHost {
		return replyHostFull
	}
	if l.total > 0 && l.open >= l.total {
		return replyFull
	}
	l.open++
	l.hosts[host]++
	return nil
}

// release counts a connection out.
func (l *ConnLimit) release(a netip.Addr) {
	if l == nil {
		return
	}
	host := network(a)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if l.hosts[host]--; l.hosts[host] <= 0 {
		delete(l.hosts, host)
	}
}

func network(a netip.Addr) netip.Addr {
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}

// remoteAddr is the client's IP address; invalid for a connection without one.
func remoteAddr(c net.Conn) netip.Addr {
	if t, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		return t.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}
