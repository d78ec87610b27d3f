package tenancy

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

// CreateAPIUser makes a user of the BaseKit dialect for a brand.
type CreateAPIUser struct {
	PartnerID       int64
	Username        string
	Rights          partner.Rights // "" = RightsBrand
	AllowedNetworks []netip.Prefix // empty = any address
}

// APIUserDetails is a user with its OAuth credentials, without secrets.
type APIUserDetails struct {
	User  *partner.APIUser
	OAuth []*partner.OAuthCredentials
}

const (
	// apiPasswordLen gives 40 * log2(62) = 238 bits: no slow hash is needed.
	apiPasswordLen  = 40
	maxAPIUsername  = 64
	maxAPIUsers     = 100 // of a brand
	apiUsernameText = "abcdefghijklmnopqrstuvwxyz0123456789.-_@+"
)

var (
	errAPIUserName = fault.Newf(fault.Invalid, "A user name has 1 to %d letters, digits and characters of .-_@+", maxAPIUsername).WithReason("USERNAME")
	errNoAPIUser   = fault.New(fault.NotFound, "No such API user").WithReason("NO_SUCH_API_USER")
	errNoPassword  = fault.New(fault.NotFound, "The password is not kept").WithReason("PASSWORD_NOT_KEPT")
)

// apiUserContext binds a sealed password to its user.
func apiUserContext(a *partner.APIUser) string { return "api-user/" + a.Username }

// CreateAPIUser gives the user and its password, which is shown only here.
func (s *Service) CreateAPIUser(ctx context.Context, actor audit.Actor, cmd CreateAPIUser) (*partner.APIUser, string, error) {
	if err := work.CheckOperator(actor); err != nil {
		return nil, "", err
	}
	name := strings.ToLower(strings.TrimSpace(cmd.Username))
	if name == "" || len(name) > maxAPIUsername || strings.Trim(name, apiUsernameText) != "" {
		return nil, "", errAPIUserName
	}
	if cmd.Rights == "" {
		cmd.Rights = partner.RightsBrand
	}
	var f work.Fields
	networks := Networks(&f, cmd.AllowedNetworks)
	if !cmd.Rights.Valid() {
		f.Failf("The rights are unknown")
	}
	if f.Err != nil {
		return nil, "", f.Err
	}
	var a *partner.APIUser
	var password string
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		p, err := u.Partner(cmd.PartnerID)
		if err != nil {
			return err
		}
		if _, err := ShowShop(u, p); err != nil {
			return err
		}
		all, err := u.Tx.APIUsers(u.Ctx, p.ID)
		if err != nil {
			return err
		}
		if all = slices.DeleteFunc(all, func(a *partner.APIUser) bool { return a.RevokedAt != nil }); len(all) >= maxAPIUsers {
			return fault.Newf(fault.Conflict, "A brand has at most %d API users", maxAPIUsers).WithReason("TOO_MANY_API_USERS")
		}
		a = &partner.APIUser{PartnerID: p.ID, Username: name, Rights: cmd.Rights, AllowedNetworks: networks, CreatedAt: u.Real}
		if password, err = newAPIPassword(u, p, a); err != nil {
			return err
		}
		if ok, err := u.Tx.InsertAPIUser(u.Ctx, a); err != nil || !ok {
			return cmp.Or(err, error(work.ErrUsernameExists))
		}
		return u.Record(p.ID, "api_user.create", "api_user", a.ID, work.Detail{"username": a.Username, "rights": a.Rights, "networks": a.AllowedNetworks})
	})
	if err != nil {
		return nil, "", err
	}
	return a, password, nil
}

// newAPIPassword gives a user a password.
func newAPIPassword(u *work.Unit, p *partner.Partner, a *partner.APIUser) (string, error) {
	raw, err := secret.Alphanumeric(u.Platform.Random, apiPasswordLen)
	if err != nil {
		return "", err
	}
	if a.PasswordHash, a.Sealed = secret.Hash(raw), nil; p.Sandbox {
		a.Sealed, err = u.Platform.Sealer.Seal([]byte(raw), apiUserContext(a))
	}
	return raw, err
}

// changeAPIUser finds a user that is not revoked, changes and saves it.
func (s *Service) changeAPIUser(ctx context.Context, actor audit.Actor, id int64, action string, change func(*work.Unit, *partner.Partner, *partner.APIUser) error) error {
	if err := work.CheckOperator(actor); err != nil {
		return err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		a, err := u.Tx.APIUser(u.Ctx, id)
		if err != nil {
			return err
		}
		if a == nil || a.RevokedAt != nil {
			return errNoAPIUser
		}
		p, err := u.Partner(a.PartnerID)
		if err != nil {
			return err
		}
		if err := change(u, p, a); err != nil {
			return err
		}
		if err := u.Tx.UpdateAPIUser(u.Ctx, a); err != nil {
			return err
		}
		return u.Record(p.ID, action, "api_user", a.ID, work.Detail{"username": a.Username})
	})
}

// RotateAPIUserPassword gives a new password; the old one ends at once.
func (s *Service) RotateAPIUserPassword(ctx context.Context, actor audit.Actor, id int64) (string, error) {
	var password string
	err := s.changeAPIUser(ctx, actor, id, "api_user.rotate", func(u *work.Unit, p *partner.Partner, a *partner.APIUser) (err error) {
		password, err = newAPIPassword(u, p, a)
		return err
	})
	return password, err
}

// RevokeAPIUser ends a user and its OAuth credentials for good. Its name is free again.
func (s *Service) RevokeAPIUser(ctx context.Context, actor audit.Actor, id int64) error {
	return s.changeAPIUser(ctx, actor, id, "api_user.revoke", func(u *work.Unit, _ *partner.Partner, a *partner.APIUser) error {
		a.PasswordHash, a.Sealed, a.RevokedAt = nil, nil, &u.Real
		return nil
	})
}

// APIUsers gives a brand's, revoked ones too.
func (s *Service) APIUsers(ctx context.Context, actor audit.Actor, partnerID int64) ([]*APIUserDetails, error) {
	if err := work.CheckOperator(actor); err != nil {
		return nil, err
	}
	var out []*APIUserDetails
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		p, err := u.Partner(partnerID)
		if err != nil {
			return err
		}
		users, err := u.Tx.APIUsers(u.Ctx, p.ID)
		if err != nil {
			return err
		}
		oauth, err := u.Tx.OAuthOfPartner(u.Ctx, p.ID)
		if err != nil {
			return err
		}
		out = make([]*APIUserDetails, 0, len(users))
		for _, a := range users {
			a.PasswordHash, a.Sealed = nil, nil
			d := &APIUserDetails{User: a}
			for _, c := range oauth {
				if c.Sealed = nil; c.APIUserID == a.ID {
					d.OAuth = append(d.OAuth, c)
				}
			}
			out = append(out, d)
		}
		return nil
	})
	return out, err
}

// SandboxAPIPassword gives the password of a sandbox partner's user: development
// shows it at each start.
func (s *Service) SandboxAPIPassword(ctx context.Context, actor audit.Actor, id int64) (string, error) {
	if err := work.CheckOperator(actor); err != nil {
		return "", err
	}
	var raw []byte
	err := s.Read(ctx, actor, func(u *work.Unit) error {
		a, err := u.Tx.APIUser(u.Ctx, id)
		if err != nil {
			return err
		}
		if a == nil || a.RevokedAt != nil {
			return errNoAPIUser
		}
		if a.Sealed == nil {
			return errNoPassword
		}
		raw, err = s.Sealer.Open(a.Sealed, apiUserContext(a))
		return err
	})
	return string(raw), err
}

// CreatedOAuth is what a client is configured with; the secrets are shown only here.
type CreatedOAuth struct {
	Credentials    *partner.OAuthCredentials
	ConsumerSecret string
	TokenSecret    string
}

// Lengths of what OAuth credentials are made of, in alphanumeric characters.
const (
	oauthKeyLen    = 24
	oauthSecretLen = 40
	maxOAuth       = 20 // of one user, that are valid
)

func oauthContext(c *partner.OAuthCredentials) string {
	return "oauth/" + strconv.FormatInt(c.APIUserID, 10) + "/" + c.ConsumerKey
}

// CreateOAuthCredentials makes credentials of an API user beside those that it has.
func (s *Service) CreateOAuthCredentials(ctx context.Context, actor audit.Actor, userID int64) (*CreatedOAuth, error) {
	if err := work.CheckOperator(actor); err != nil {
		return nil, err
	}
	var out *CreatedOAuth
	err := s.Write(ctx, actor, func(u *work.Unit) error {
		a, err := u.Tx.APIUser(u.Ctx, userID)
		if err != nil {
			return err
		}
		if a == nil || a.RevokedAt != nil {
			return errNoAPIUser
		}
		all, err := u.Tx.OAuthOfPartner(u.Ctx, a.PartnerID)
		if err != nil {
			return err
		}
		if all = slices.DeleteFunc(all, func(c *partner.OAuthCredentials) bool { return c.APIUserID != a.ID || c.RevokedAt != nil }); len(all) >= maxOAuth {
			return fault.Newf(fault.Conflict, "An API user has at most %d valid OAuth credentials", maxOAuth).WithReason("TOO_MANY_CREDENTIALS")
		}
		c := &partner.OAuthCredentials{APIUserID: a.ID, CreatedAt: u.Real}
		out = &CreatedOAuth{Credentials: c}
		for _, part := range []struct {
			to  *string
			len int
		}{{&c.ConsumerKey, oauthKeyLen}, {&c.Token, oauthKeyLen}, {&out.ConsumerSecret, oauthSecretLen}, {&out.TokenSecret, oauthSecretLen}} {
			if *part.to, err = secret.Alphanumeric(s.Random, part.len); err != nil {
				return err
			}
		}
		if c.Sealed, err = s.Sealer.Seal([]byte(out.ConsumerSecret+"&"+out.TokenSecret), oauthContext(c)); err != nil {
			return err
		}
		if err := u.Tx.InsertOAuthCredentials(u.Ctx, c); err != nil {
			return err
		}
		return u.Record(a.PartnerID, "oauth.create", "api_user", a.ID, work.Detail{"credentials": c.ID, "consumerKey": c.ConsumerKey})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// RevokeOAuthCredentials ends credentials at once. Revoking revoked ones does nothing.
func (s *Service) RevokeOAuthCredentials(ctx context.Context, actor audit.Actor, id int64) error {
	if err := work.CheckOperator(actor); err != nil {
		return err
	}
	return s.Write(ctx, actor, func(u *work.Unit) error {
		c, err := u.Tx.OAuthCredentials(u.Ctx, id)
		if err != nil {
			return err
		}
		if c == nil {
			return fault.New(fault.NotFound, "No such OAuth credentials").WithReason("NO_SUCH_CREDENTIALS")
		}
		if c.RevokedAt != nil {
			return nil
		}
		a, err := u.Tx.APIUser(u.Ctx, c.APIUserID)
		if err != nil {
			return err
		}
		c.RevokedAt = &u.Real
		if err := u.Tx.UpdateOAuthCredentials(u.Ctx, c); err != nil {
			return err
		}
		return u.Record(a.PartnerID, "oauth.revoke", "api_user", a.ID, work.Detail{"credentials": c.ID, "consumerKey": c.ConsumerKey})
	})
}
