package smtpd

import (
	"errors"
	"strings"
	"syscall"

	"posthouse/internal/fault"
)

// replyRow is one line of the table from faults to replies; an empty text takes
// the fault's own.
type replyRow struct {
	code     fault.Code
	reason   string // "" = any
	reply    int
	enhanced string
	text     string
}

// faultReplies is the only place where faults become replies. The first row
// that fits counts.
var faultReplies = []replyRow{
	{"", "NO_SUCH_DOMAIN", 550, "5.7.1", "Relaying denied: the domain is not served here"},
	{"", "NO_SUCH_MAILBOX", 550, "5.1.1", "No such mailbox"},
	{"", "MAILBOX_FULL", 452, "4.2.2", "The mailbox is full"},
	{"", "MAILBOX_SUSPENDED", 550, "5.2.1", "The mailbox takes no mail"},
	{"", "NOT_SERVICEABLE", 550, "5.1.2", "The domain does not take mail here yet"},
	{"", "ORDER_PENDING", 550, "5.1.2", "The domain does not take mail here yet"},
	{"", "MAIL_LOOP", 554, "5.4.6", "The message has come to this address before: a mail loop"},
	{"", "FORWARD_LIMIT_REACHED", 550, "5.4.6", "The address forwards to too many"},
	{fault.OverQuota, "", 452, "4.2.2", "The mailbox is full"},
	{fault.TooLarge, "", 552, "5.3.4", ""},
	{fault.TooMany, "", 451, "4.7.1", ""},
	{fault.Unauthenticated, "", 535, "5.7.8", "Wrong address or password"},
	{fault.Forbidden, "", 550, "5.7.1", ""},
	{fault.AccountNotFound, "", 550, "5.1.1", "No such mailbox"},
	{fault.OrderNotFound, "", 550, "5.1.1", "No such mailbox"},
	{fault.NotFound, "", 550, "5.1.1", "No such mailbox"},
	{fault.Invalid, "", 550, "5.5.0", ""},
	{fault.InvalidDomain, "", 550, "5.1.2", ""},
	{fault.Unavailable, "", 451, "4.3.0", "Not possible now; try later"},
	{"", "", 451, "4.3.0", "Not possible now; try later"},
}

// replyOf maps a fault. A temporary fault never becomes a permanent reply.
func replyOf(err error) *reply {
	if diskFull(err) {
		return replyDiskFull
	}
	f := fault.Of(err)
	for _, row := range faultReplies {
		if (row.code != "" && row.code != f.Code) || (row.reason != "" && row.reason != f.Reason) {
			continue
		}
		r := &reply{row.reply, row.enhanced, row.text}
		if r.text == "" {
			r.text = safeText(f)
		}
		if f.Temporary && r.code >= 500 {
			r.code, r.enhanced = 451, "4"+r.enhanced[1:]
		}
		return r
	}
	return replySpool // not reached: the last row fits all
}

// replyOfLogin is replyOf for AUTH, whose temporary failure is 454 (RFC 4954 section 6).
func replyOfLogin(err error) *reply {
	switch f := fault.Of(err); {
	case f.Code == fault.TooMany:
		return &reply{454, "4.7.0", "Too many failed log-ins; try later"}
	case f.Temporary || f.Code == fault.Unavailable || f.Code == fault.Internal:
		return &reply{454, "4.7.0", "Log-in is not possible now; try later"}
	}
	return replyOf(err)
}

func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// safeText is a fault's public text on one line of bounded length.
func safeText(err error) string {
	text := fault.Of(err).Text
	if len(text) > 300 {
		text = text[:300]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, text)
}
