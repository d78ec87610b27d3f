package message

import (
	"strings"
	"time"
)

// ParseDate reads a Date header (RFC 5322 section 3.3) tolerantly: week day,
// seconds and zone may be missing, obsolete zones and years are known, comments
// are skipped. The time keeps the sender's zone, since IMAP's SENTSINCE looks at
// the date as written.
func ParseDate(value string) (time.Time, bool) {
	const longest = 200 // real ones have 31 letters
	if len(value) > longest {
		value = value[:longest]
	}
	var (
		day, year           = -1, -1
		month               time.Month
		hour, minute, sec   int
		haveClock, haveZone bool
		zone                = time.UTC
	)
	for tok, rest := dateToken(value); tok != ""; tok, rest = dateToken(rest) {
		n, digits := number(tok)
		switch {
		case strings.IndexByte(tok, ':') > 0 && !haveClock:
			var ok bool
			if hour, minute, sec, ok = clockOf(tok); !ok {
				return time.Time{}, false
			}
			haveClock = true
		case digits && day < 0 && n >= 1 && n <= 31 && len(tok) <= 2:
			day = n
		case digits && year < 0 && month != 0 && (len(tok) == 2 || len(tok) == 3 || len(tok) == 4):
			year = n
			switch { // RFC 5322 section 4.3
			case len(tok) == 2 && n < 50:
				year += 2000
			case len(tok) < 4:
				year += 1900
			}
		case month == 0 && monthOf(tok) != 0:
			month = monthOf(tok)
		case haveClock && !haveZone:
			if z, ok := zoneOf(tok); ok {
				zone, haveZone = z, true
			}
		}
	}
	if day < 0 || month == 0 || year < 0 {
		return time.Time{}, false
	}
	t := time.Date(year, month, day, hour, minute, min(sec, 59), 0, zone)
	if t.Day() != day {
		return time.Time{}, false // 31 February
	}
	return t, true
}

// dateToken cuts the next word off s; "-" separates unless it begins a zone.
func dateToken(s string) (tok, rest string) {
	for {
		s = strings.TrimLeft(s, " \t\r\n,.")
		if !strings.HasPrefix(s, "(") {
			break
		}
		end := commentEnd(s, 0)
		if end == 0 {
			return "", ""
		}
		s = s[end:]
	}
	if strings.HasPrefix(s, "-") && (len(s) < 5 || s[1] < '0' || s[1] > '9' || s[4] < '0' || s[4] > '9') {
		s = strings.TrimLeft(s, "-") // 1-Jan-70
	}
	i := 0
	for i < len(s) && strings.IndexByte(" \t\r\n,(", s[i]) < 0 && (i == 0 || s[i] != '-' && s[i] != '+') {
		i++
	}
	if i < len(s) && i > 0 && s[i] == '-' && strings.IndexByte(s[:i], ':') < 0 {
		return s[:i], s[i+1:]
	}
	return s[:i], s[i:]
}

func number(s string) (n int, ok bool) {
	if s == "" || len(s) > 6 {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

func clockOf(s string) (h, m, sec int, ok bool) {
	hs, rest, _ := strings.Cut(s, ":")
	ms, ss, hasSec := strings.Cut(rest, ":")
	h, ok1 := number(hs)
	m, ok2 := number(ms)
	ok3 := true
	if hasSec {
		ss, _, _ = strings.Cut(ss, ".")
		sec, ok3 = number(ss)
	}
	return h, m, sec, ok1 && ok2 && ok3 && h < 24 && m < 60 && sec <= 60
}

func monthOf(s string) time.Month {
	if len(s) < 3 {
		return 0
	}
	const names = "janfebmaraprmayjunjulaugsepoctnovdec"
	l := strings.ToLower(s[:3])
	if i := strings.Index(names, l); i >= 0 && i%3 == 0 {
		return time.Month(i/3 + 1)
	}
	return 0
}

var zones = map[string]int{
	"ut": 0, "utc": 0, "gmt": 0, "z": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}

func zoneOf(s string) (*time.Location, bool) {
	if s[0] == '+' || s[0] == '-' {
		n, ok := number(strings.Replace(s[1:], ":", "", 1))
		if !ok || n > 9959 || n%100 > 59 {
			return nil, false
		}
		offset := (n/100*60 + n%100) * 60
		if s[0] == '-' {
			offset = -offset
		}
		return time.FixedZone("", offset), true
	}
	if h, ok := zones[strings.ToLower(s)]; ok {
		return time.FixedZone("", h*3600), true
	}
	return nil, false
}
