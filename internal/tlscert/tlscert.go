// Package tlscert gives the server's certificate: the operator's files, taken
// up again when they are replaced, or a self-signed pair made at first start.
package tlscert

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"posthouse/internal/clock"
)

// recheck is how often the files' times are looked at, by a handshake that needs them.
const recheck = time.Minute

// Certificate is a certificate on disk.
type Certificate struct {
	certFile, keyFile string
	clock             clock.Clock
	log               *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	stamp   [2]time.Time
	checked time.Time
}

// Load reads a certificate chain and its key, both PEM.
func Load(certFile, keyFile string, clk clock.Clock, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile, clock: clk, log: log}
	if err := c.read(); err != nil {
		return nil, err
	}
	c.checked = clk.Now()
	return c, nil
}

// LoadOrCreate is Load of dir/cert.pem and dir/key.pem, which are made, valid
// for host and loopback for ten years, if neither exists.
func LoadOrCreate(dir, host string, random io.Reader, clk clock.Clock, log *slog.Logger) (*Certificate, error) {
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	_, errCert := os.Stat(certFile)
	_, errKey := os.Stat(keyFile)
	if errors.Is(errCert, fs.ErrNotExist) && errors.Is(errKey, fs.ErrNotExist) {
		if err := create(certFile, keyFile, host, random, clk.Now()); err != nil {
			return nil, fmt.Errorf("self-signed certificate: %w", err)
		}
		log.Info("made a self-signed certificate", "file", certFile, "host", host)
	}
	return Load(certFile, keyFile, clk, log)
}

// Config is a server configuration that always hands out the current certificate.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return c.get(), nil
		},
	}
}

func (c *Certificate) get() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.clock.Now(); now.Sub(c.checked) >= recheck || now.Before(c.checked) {
		c.checked = now
		// A half-written replacement must not take the server down: keep the old pair.
		if err := c.readLocked(); err != nil {
			c.log.Error("certificate not reloaded, the old one stays", "error", err)
		}
	}
	return c.current
}

func (c *Certificate) read() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.readLocked()
}

func (c *Certificate) readLocked() error {
	var stamp [2]time.Time
	for i, f := range []string{c.certFile, c.keyFile} {
		st, err := os.Stat(f)
		if err != nil {
			return fmt.Errorf("certificate: %w", err)
		}
		stamp[i] = st.ModTime()
	}
	if c.current != nil && stamp == c.stamp {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("certificate %s with key %s: %w", c.certFile, c.keyFile, err)
	}
	c.current, c.stamp = &pair, stamp
	return nil
}

func create(certFile, keyFile, host string, random io.Reader, now time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), random)
	if err != nil {
		return err
	}
	serial := make([]byte, 16)
	if _, err := io.ReadFull(random, serial); err != nil {
		return err
	}
	serial[0] &= 0x7f // RFC 5280 section 4.1.2.2: positive
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial),
		Subject:      pkix.Name{CommonName: host},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.AddDate(10, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     []string{host, "localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(random, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(certFile), 0o700); err != nil {
		return err
	}
	if err := write(keyFile, 0o600, "PRIVATE KEY", keyDER); err != nil {
		return err
	}
	return write(certFile, 0o644, "CERTIFICATE", der)
}

func write(file string, mode fs.FileMode, kind string, der []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	err = errors.Join(pem.Encode(f, &pem.Block{Type: kind, Bytes: der}), f.Sync())
	return errors.Join(err, f.Close())
}
