package work

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"posthouse/internal/fault"
)

const (
	// minPassword is in characters, for passwords that people choose on our pages
	// (NIST SP 800-63B section 5.1.1.2). Partners set what they answer for.
	minPassword = 8
	// MaxPassword is in bytes: what log-in takes.
	MaxPassword = 1024

	// MinCustomerPassword and MaxCustomerPassword are in characters, for customers
	// of resellers.
	MinCustomerPassword = 9
	MaxCustomerPassword = 64
	// PasswordSpecials are the characters of which a customer's password has one
	// . Others are allowed, but do not make up for one.
	PasswordSpecials = "~*!@$#%_+.?:,{}"
)

var (
	errPasswordLong  = fault.New(fault.Invalid, "The password is too long").WithReason("PASSWORD_TOO_LONG")
	errPasswordShort = fault.Newf(fault.Invalid, "The password is shorter than %d characters", minPassword).WithReason("PASSWORD_TOO_SHORT")
)

// PasswordHasher turns passwords into stored hashes. It is slow on purpose and
// bounded in parallel, so it is never called inside a transaction.
type PasswordHasher interface {
	// Hash gives a self-describing hash of password.
	Hash(ctx context.Context, password string) (string, error)
	// Verify reports whether password is the one that hash was made from. An
	// empty hash never verifies.
	Verify(ctx context.Context, password, hash string) (bool, error)
}

// DecoyHash is what passwords are compared with where there is none, so that
// it takes as long.
func (p *Platform) DecoyHash(ctx context.Context) (string, error) {
	if h := p.decoy.Load(); h != nil {
		return *h, nil
	}
	h, err := p.Hasher.Hash(ctx, "nobody has this password")
	if err == nil {
		p.decoy.Store(&h)
	}
	return h, err
}

// CheckNewPassword applies the rules for passwords that people choose here.
func CheckNewPassword(password string) error {
	switch {
	case !utf8.ValidString(password) || utf8.RuneCountInString(password) < minPassword:
		return errPasswordShort
	case len(password) > MaxPassword:
		return errPasswordLong
	}
	return nil
}

// CustomerPassword checks a customer's password in characters.
func (f *Fields) CustomerPassword(pw string) {
	f.Field("password", func(f *Fields) {
		n := utf8.RuneCountInString(pw)
		var lower, upper, digit, special, bad bool
		for _, r := range pw {
			lower = lower || r >= 'a' && r <= 'z'
			upper = upper || r >= 'A' && r <= 'Z'
			digit = digit || r >= '0' && r <= '9'
			special = special || strings.ContainsRune(PasswordSpecials, r)
			bad = bad || unicode.IsControl(r)
		}
		switch {
		case !utf8.ValidString(pw) || bad:
			f.Failf("The password holds characters that are not allowed")
		case n < MinCustomerPassword || n > MaxCustomerPassword:
			f.Failf("The password must have %d to %d characters", MinCustomerPassword, MaxCustomerPassword)
		case !lower || !upper || !digit || !special:
			f.Fail(fault.New(fault.Invalid, fmt.Sprintf("The password needs a lower-case and an upper-case letter, a digit and one of %s", PasswordSpecials)))
		}
	})
}
