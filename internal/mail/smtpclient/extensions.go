package smtpclient

import (
	"strconv"
	"strings"
)

// Extensions are what a server's EHLO reply offers.
type Extensions struct {
	STARTTLS    bool
	Pipelining  bool
	EightBit    bool // 8BITMIME
	SMTPUTF8    bool
	DSN         bool
	Size        bool
	SizeLimit   int64 // 0 = none named
	EnhancedSts bool  // ENHANCEDSTATUSCODES
	RequireTLS  bool
}

// parseExtensions reads the lines of a positive EHLO reply; the first names the
// server. Unknown keywords are ignored (RFC 5321 section 4.1.1.1).
func parseExtensions(lines []string) Extensions {
	var e Extensions
	for i, line := range lines {
		if i == 0 {
			continue
		}
		keyword, params, _ := strings.Cut(line, " ")
		switch strings.ToUpper(keyword) {
		case "STARTTLS":
			e.STARTTLS = true
		case "PIPELINING":
			e.Pipelining = true
		case "8BITMIME":
			e.EightBit = true
		case "SMTPUTF8":
			e.SMTPUTF8 = true
		case "DSN":
			e.DSN = true
		case "ENHANCEDSTATUSCODES":
			e.EnhancedSts = true
		case "REQUIRETLS":
			e.RequireTLS = true
		case "SIZE":
			e.Size = true
			if n, err := strconv.ParseInt(strings.TrimSpace(params), 10, 64); err == nil && n > 0 {
				e.SizeLimit = n
			}
		}
	}
	return e
}
