package work

import (
	"context"
	"time"

	"posthouse/internal/core/customer"
	"posthouse/internal/core/notice"
)

// NoticeTx is the rows of mail that the platform writes: the outbox, the tokens
// of the links in it, and who was told of a full mailbox.
type NoticeTx interface {
	// InsertNotice puts a mail into the outbox.
	InsertNotice(ctx context.Context, n *notice.Notice) error
	// Notice gives a mail of the outbox.
	Notice(ctx context.Context, id int64) (*notice.Notice, error)
	// NextNotice gives the oldest notice that may be tried at now, of the partner
	// whose turn it is: the first one after afterPartner, then from the start.
	NextNotice(ctx context.Context, afterPartner int64, now time.Time) (*notice.Notice, error)
	// UpdateNotice writes Attempts, TryAt, Parked and LastError.
	UpdateNotice(ctx context.Context, n *notice.Notice) error
	// DeleteNotice removes a mail from the outbox; false when it was gone.
	DeleteNotice(ctx context.Context, id int64) (bool, error)
	// Notices gives the outbox, oldest first: partnerID 0 = everybody's.
	Notices(ctx context.Context, f NoticeFilter) ([]*notice.Notice, error)

	// PutPasswordToken keeps the token of its subject, in the place of an older one.
	PutPasswordToken(ctx context.Context, t *PasswordToken) error
	PasswordToken(ctx context.Context, hash []byte) (*PasswordToken, error)
	// DropPasswordToken makes the link of an account, or of a customer, void.
	DropPasswordToken(ctx context.Context, accountID, customerID int64) error
	// ForgetPasswordTokens removes tokens that expired before that time.
	ForgetPasswordTokens(ctx context.Context, before time.Time) error
	// CustomersByEmail gives customers with that address, without regard to case,
	// by ID; partnerID 0 = any partner's.
	CustomersByEmail(ctx context.Context, partnerID int64, email string, limit int) ([]*customer.Customer, error)

	// QuotaNotices gives the levels that accounts were told of; others are absent.
	QuotaNotices(ctx context.Context, accountIDs []int64) (map[int64][]QuotaLevel, error)
	// PutQuotaNotice notes it once; false when it was noted.
	PutQuotaNotice(ctx context.Context, accountID int64, level QuotaLevel, at time.Time) (bool, error)
	// DropQuotaNotices forgets all levels of an account.
	DropQuotaNotices(ctx context.Context, accountID int64) error
}

// PasswordToken lets whoever holds it set one password, once, until ExpiresAt
// (the partner's time). It is an account's or a customer's, the other ID is 0.
type PasswordToken struct {
	AccountID  int64
	CustomerID int64
	PartnerID  int64
	ResellerID int64 // whose brand the page shows
	Locale     string
	Hash       []byte // SHA-256 of the whole token
	CreatedAt  time.Time
	ExpiresAt  time.Time
}

// NoticeFilter selects mails of the outbox; empty fields do not restrict.
type NoticeFilter struct {
	PartnerID int64
	Parked    bool // only those that wait for the operator
	After     int64
	Limit     int // 0 = 100
}

// QuotaLevel is how full a mailbox is.
type QuotaLevel string

// The levels that somebody is told of.
const (
	QuotaNearlyFull QuotaLevel = "90"
	QuotaFull       QuotaLevel = "100"
)
