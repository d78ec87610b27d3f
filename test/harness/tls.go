package harness

import "crypto/tls"

// InsecureTLS trusts any certificate: the servers under test make their own.
func InsecureTLS() *tls.Config {
	return &tls.Config{InsecureSkipVerify: true, ServerName: "localhost"}
}
