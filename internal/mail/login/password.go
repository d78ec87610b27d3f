package login

import (
	"unicode/utf8"

	"golang.org/x/text/secure/precis"

	"posthouse/internal/fault"
)

// MaxPasswordLen bounds a password in bytes, as it arrives.
const MaxPasswordLen = 1024

// normalize prepares a password by the OpaqueString profile of RFC 8265
// section 4.2, SASLprep's successor: other spaces become U+0020, then NFC; no
// control characters (so no NUL), nothing unassigned, not empty. Case stays.
// A password that some device types in decomposed form so equals the same one
// typed composed elsewhere.
func normalize(password string) (string, bool) {
	if password == "" || len(password) > MaxPasswordLen {
		return "", false
	}
	ascii := true
	for i := range len(password) {
		c := password[i]
		if c < 0x20 || c == 0x7f {
			return "", false
		}
		if c >= 0x80 {
			ascii = false
		}
	}
	if ascii {
		return password, true
	}
	if !utf8.ValidString(password) {
		return "", false
	}
	p, err := precis.OpaqueString.String(password)
	if err != nil || p == "" {
		return "", false
	}
	return p, true
}

// errPassword is what a caller who sets such a password is told.
func errPassword() error {
	return fault.New(fault.Invalid, "The password must have 1 to 1024 bytes and no control characters").WithReason("PASSWORD_NOT_ALLOWED")
}
