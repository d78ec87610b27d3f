package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode"

	"posthouse/internal/core/outbox"
	"posthouse/internal/core/webhook"
)

// Bounds of what a receiver may say.
const (
	maxAnswer  = 64 << 10
	maxHeaders = 64 << 10
)

// client posts events: no redirects, no proxy, no compression, HTTP/1.1.
type client struct {
	transport *http.Transport
	timeout   time.Duration
	agent     string
}

func newClient(cfg *Config) *client {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &client{timeout: cfg.Timeout, agent: cfg.UserAgent, transport: &http.Transport{
		DialContext:            (&dialer{resolver: cfg.Resolver, guard: cfg.Guard}).dial,
		TLSClientConfig:        &tls.Config{RootCAs: cfg.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    cfg.Timeout,
		Protocols:              protocols,
		DisableCompression:     true,
		MaxIdleConns:           2 * cfg.Concurrency,
		MaxIdleConnsPerHost:    cfg.PerEndpoint,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: maxHeaders,
		ReadBufferSize:         4 << 10,
		WriteBufferSize:        4 << 10,
	}}
}

func (k *client) close() { k.transport.CloseIdleConnections() }

// send posts an event and fills in what came of it. The answer must be complete
// within the timeout; of one longer than maxAnswer the beginning is enough.
func (k *client) send(ctx context.Context, c *webhook.Claim, url string, creds *outbox.WebhookCredentials, a *webhook.Attempt) {
	ctx, cancel := context.WithTimeout(ctx, k.timeout)
	defer cancel()
	body := c.Body()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		a.Error = "The URL is not valid"
		return
	}
	h := req.Header
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", k.agent)
	for name, value := range c.Format.Headers(creds.SigningKey, c.EventID, a.At, body) {
		h[name] = []string{value} // as they are documented, canonical or not
	}
	if creds.HeaderName != "" {
		h[creds.HeaderName] = []string{creds.HeaderValue} // in the partner's spelling
	}
	// The same event may come twice: a connection that died under the request may be replaced.
	h["Idempotency-Key"] = nil
	res, err := k.transport.RoundTrip(req)
	if err != nil {
		a.Error = explain(err)
		return
	}
	defer res.Body.Close()
	a.Status = res.StatusCode
	var buf bytes.Buffer
	n, err := buf.ReadFrom(io.LimitReader(res.Body, maxAnswer))
	a.Excerpt = excerpt(buf.Bytes())
	if err != nil && n < maxAnswer {
		a.Error = "The answer was cut off: " + explain(err)
	}
}

// explain says what went wrong in words without addresses that were not asked for.
func explain(err error) string {
	var dns *dnsError
	var cert *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	var timeout net.Error
	switch {
	case errors.Is(err, errRefused):
		return errRefused.Text
	case errors.As(err, &dns):
		return dns.Error()
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "No complete answer in time"
	case errors.As(err, &cert):
		return "The certificate was not accepted: " + clip(cert.Err.Error())
	case errors.As(err, &header):
		return "The receiver doesn't speak TLS"
	}
	return clip(err.Error())
}

const maxError = 256

func clip(s string) string {
	if len(s) > maxError {
		s = s[:maxError]
	}
	return printable(s)
}

// excerpt keeps the beginning of an answer as text that every store can keep.
func excerpt(b []byte) string {
	if len(b) > webhook.MaxExcerpt {
		b = b[:webhook.MaxExcerpt]
	}
	s := printable(string(b))
	for len(s) > webhook.MaxExcerpt {
		s = strings.ToValidUTF8(s[:webhook.MaxExcerpt], "")
	}
	return s
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || (unicode.IsPrint(r) && r != unicode.ReplacementChar) {
			return r
		}
		return '?'
	}, s)
}
