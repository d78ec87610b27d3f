package resellerclub

import (
	"strings"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/mailboxes"
	"posthouse/internal/core/product"
)

// The types of a user on the wire, by what the search calls them.
var mailUserTypes = []struct {
	kind         mailboxes.MailUserType
	filter, wire string
}{
	{mailboxes.MailboxWithAutoresponder, "pop_with_autoresponder", "POP_WITH_AUTORESPONDER"},
	{mailboxes.MailboxWithoutAutoresponder, "pop_without_autoresponder", "POP_WITHOUT_AUTORESPONDER"},
	{mailboxes.ForwardOnly, "forward_only", "FORWARD_ONLY"},
}

func wireMailUserType(k mailboxes.MailUserType) string {
	for _, t := range mailUserTypes {
		if t.kind == k {
			return t.wire
		}
	}
	return ""
}

// userObject is section 9.1: numbers and booleans are native in it.
func (d *Door) userObject(m *mailboxes.MailUser) object {
	var first, last, other string
	created, status, mailbox := time.Time{}, "ACTIVE", m.Account != nil
	if mailbox {
		first, last = m.Names()
		other, created = m.Account.AlternateEmail, m.Account.CreatedAt
		if m.Status == account.Suspended {
			status = "SUSPENDED"
		}
	} else {
		created = m.Forwarder.CreatedAt
	}
	key := product.OrDefault(m.Order.ProductKey)
	profile, _ := product.Find(key)
	return object{
		{"emailAddress", m.Email()},
		{"domainName", m.Order.Domain},
		{"firstName", first},
		{"lastName", last},
		{"alternateEmailAddress", other},
		{"internalForwards", ""},
		{"adminForwards", strings.Join(m.AdminForwards, ",")},
		{"userForwards", strings.Join(m.UserForwards, ",")},
		{"quotaLimit", whole(kilobytes(m.StorageLimit))},
		{"quotaUsed", whole(kilobytes(m.StorageUsed))},
		{"percentageQuotaUsage", whole(percentage(m.StorageUsed, m.StorageLimit))},
		{"status", status},
		{"accountType", wireMailUserType(m.Type())},
		{"countryCode", m.Country()},
		{"languageCode", m.Language()},
		{"accountSettings", d.accountSettings(m.Brand)},
		{"createdOn", created.UTC().Format("2006-01-02 15:04:05.000") + " GMT"},
		{"popAccessEnabled", mailbox},
		{"imapAccessEnabled", mailbox},
		{"webmailAccessEnabled", mailbox},
		{"canFooterOptout", false},
		{"revertBlacklistRequestExists", false},
		{"configurationProfile", profile.Profile},
	}
}

// kilobytes rounds up, so that what holds something is never empty.
func kilobytes(bytes int64) int64 { return (bytes + 1023) / 1024 }

func percentage(used, limit int64) int64 {
	if limit <= 0 {
		return 0
	}
	return used * 100 / limit
}

// accountSettings are the host names that a mail program is set up with.
func (d *Door) accountSettings(b brand.Brand) object {
	host := d.mailHostOf(b.MX)
	return object{{"popSettings", host}, {"imapSettings", host}, {"smtpSettings", host}, {"webmailUrl", b.WebmailURL}}
}

// mailHostOf is the host of IMAP, POP and submission; without a name of its own
// it is the first of the hosts that domains publish.
func (d *Door) mailHostOf(mx []string) string {
	if d.mailHost == "" && len(mx) > 0 {
		return mx[0]
	}
	return d.mailHost
}
