package load

import (
	"context"
	"crypto/tls"
	"net"
	"strings"

	"posthouse/test/harness"
)

func dial(ctx context.Context, addr string) (net.Conn, error) {
	if rest, ok := strings.CutPrefix(addr, "tls:"); ok {
		return (&tls.Dialer{Config: harness.InsecureTLS()}).DialContext(ctx, "tcp", rest)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", addr)
}
