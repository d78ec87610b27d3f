// Package dkim signs messages (RFC 6376) with RSA and Ed25519 keys (RFC 8463)
// side by side: relaxed/relaxed, never a length limit, every listed field signed
// once more than it occurs, so that none can be added. The body is read and
// hashed once for all keys, in bounded memory; that, and the time of signing
// being given, is why the signer is our own.
package dkim

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"io"

	"posthouse/internal/fault"
)

// Algorithm is the k= tag of a key record.
type Algorithm string

// The algorithms. Receivers that don't know Ed25519 ignore its signature, hence both.
const (
	RSA     Algorithm = "rsa"
	Ed25519 Algorithm = "ed25519"
)

// rsaBits is what fits into a TXT record and every verifier takes (RFC 8301 section 3.2).
const rsaBits = 2048

// Generate makes a key.
func Generate(a Algorithm, random io.Reader) (crypto.Signer, error) {
	switch a {
	case RSA:
		key, err := rsa.GenerateKey(random, rsaBits)
		if err != nil {
			return nil, fault.Wrap(err)
		}
		return key, nil
	case Ed25519:
		_, key, err := ed25519.GenerateKey(random)
		if err != nil {
			return nil, fault.Wrap(err)
		}
		return key, nil
	}
	return nil, fault.New(fault.Invalid, "The DKIM algorithm is unknown")
}

// Record is the text to publish at <selector>._domainkey.<domain> (RFC 6376
// section 3.6.1, RFC 8463 section 4).
func Record(public crypto.PublicKey) (string, error) {
	switch public := public.(type) {
	case *rsa.PublicKey:
		der, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			return "", fault.Wrap(err)
		}
		return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der), nil
	case ed25519.PublicKey:
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public), nil
	}
	return "", errKey
}

var errKey = fault.New(fault.Internal, "The DKIM key is neither RSA nor Ed25519")
