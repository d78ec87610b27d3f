package tenancy

import (
	"cmp"
	"context"
	"crypto/subtle"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/oauth1"
	"posthouse/internal/secret"
)

// APICaller is an authenticated API user of the BaseKit dialect. Actor is ready
// for commands but for the request id.
type APICaller struct {
	Actor   audit.Actor
	User    *partner.APIUser
	Partner *partner.Partner
	Shop    *shop.Settings // of the brand

	nonce *work.OAuthNonce // of a signed request, to be spent
}

// Signed reports whether the caller signed the request.
func (c *APICaller) Signed() bool { return c.nonce != nil }

const (
	// OauthWindow is how far a timestamp may be from the platform's time (B-27).
	OauthWindow = 300 * time.Second
	// oauthRealm is that of the challenge. A client need not name it.
	oauthRealm = "rest"
)

// errAPIUser is the answer to whatever is wrong; its reason is for the log, where the
// operator reads why, and no caller is told it.
var errAPIUser = fault.New(fault.Unauthenticated, "The credentials are wrong, or may not be used from here")

// AuthenticateAPIUser checks a user name and a password (basekit.md 2.1). It
// writes nothing. Whatever is wrong, the answer is the same.
func (s *Service) AuthenticateAPIUser(ctx context.Context, username, password string, remote netip.Addr) (*APICaller, error) {
	if username == "" || len(username) > maxAPIUsername || password == "" || len(password) > maxAPIUsername {
		return nil, errAPIUser
	}
	var out *APICaller
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) error {
		a, err := u.Tx.APIUserByName(u.Ctx, strings.ToLower(username))
		if err != nil {
			return err
		}
		if a == nil || subtle.ConstantTimeCompare(a.PasswordHash, secret.Hash(password)) != 1 {
			return errAPIUser.WithReason("NAME_OR_PASSWORD")
		}
		out, err = admitAPIUser(u, a, remote)
		return err
	})
	return out, err
}

// AuthenticateOAuth checks a signed request. It writes nothing: SpendOAuthNonce
// must follow before anything is done for the caller.
func (s *Service) AuthenticateOAuth(ctx context.Context, signed *oauth1.Signed, remote netip.Addr) (*APICaller, error) {
	if signed.Realm != "" && signed.Realm != oauthRealm || signed.Ambiguous() {
		return nil, errAPIUser.WithReason("OAUTH_REALM_OR_DOUBLED")
	}
	var out *APICaller
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) error {
		if age := u.Real.Sub(signed.Timestamp); age > OauthWindow || age < -OauthWindow {
			return errAPIUser.WithReason("OAUTH_TIMESTAMP")
		}
		c, err := u.Tx.OAuthByConsumerKey(u.Ctx, signed.ConsumerKey)
		if err != nil {
			return err
		}
		if c == nil || c.RevokedAt != nil || subtle.ConstantTimeCompare([]byte(c.Token), []byte(signed.Token)) != 1 {
			return errAPIUser.WithReason("OAUTH_KEY_OR_TOKEN")
		}
		secrets, err := s.Sealer.Open(c.Sealed, oauthContext(c))
		if err != nil {
			return err
		}
		consumer, token, _ := strings.Cut(string(secrets), "&")
		if !signed.Verify(consumer, token) { // a proxy that doesn't say which URL the client used, as often as a secret
			return errAPIUser.WithReason("OAUTH_SIGNATURE")
		}
		a, err := u.Tx.APIUser(u.Ctx, c.APIUserID)
		if err != nil {
			return err
		}
		if out, err = admitAPIUser(u, a, remote); err != nil {
			return err
		}
		out.nonce = &work.OAuthNonce{CredentialsID: c.ID, SignedAt: signed.Timestamp, Hash: secret.Hash(signed.Nonce)}
		return nil
	})
	return out, err
}

// SpendOAuthNonce uses a signed request up: of several that are the same, on
// whatever nodes, one gets through.
func (s *Service) SpendOAuthNonce(ctx context.Context, c *APICaller) error {
	if c.nonce == nil {
		return nil
	}
	return s.Store.Write(ctx, func(tx work.Tx) error {
		if fresh, err := tx.TakeOAuthNonce(ctx, *c.nonce); err != nil || !fresh {
			return cmp.Or(err, error(errAPIUser.WithReason("OAUTH_NONCE_USED")))
		}
		return nil
	})
}

func admitAPIUser(u *work.Unit, a *partner.APIUser, remote netip.Addr) (*APICaller, error) {
	if a == nil || a.RevokedAt != nil || !a.Allows(remote) {
		return nil, errAPIUser.WithReason("REVOKED_OR_NETWORK")
	}
	p, err := u.Tx.Partner(u.Ctx, a.PartnerID)
	if err != nil {
		return nil, err
	}
	if p == nil || p.Status != partner.Active || !p.Allows(remote) {
		return nil, errAPIUser.WithReason("PARTNER_SUSPENDED_OR_NETWORK")
	}
	settings, err := Shop(u, p.ID)
	if err != nil {
		return nil, err
	}
	return &APICaller{User: a, Partner: p, Shop: settings, Actor: audit.Actor{
		PartnerID: p.ID, Role: suspension.RolePartner, Name: "api-user:" + strconv.FormatInt(a.ID, 10), Address: remote.Unmap().String(), Limited: true,
	}}, nil
}
