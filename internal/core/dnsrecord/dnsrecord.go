// Package dnsrecord is what a domain is to publish for its mail service, and
// what was found of it (titan.md section 7.7, operation 17).
package dnsrecord

import "strings"

// OwnershipLabel is where the token that proves ownership belongs (T-15).
const OwnershipLabel = "_mail-ownership"

// DMARCText is what titan.md section 7.7 recommends.
const DMARCText = "v=DMARC1;p=none;sp=none;adkim=r;aspf=r;pct=100"

// ReasonNoAnswer is the Reason of the temporary fault that a look-up ended with.
const ReasonNoAnswer = "DNS_NO_ANSWER"

// Expected is what a domain is to publish. Names are lower case without a
// trailing dot.
type Expected struct {
	Domain         string
	MX             []string // best first
	SPFInclude     string   // "" = the SPF record names the domain's own MX
	OwnershipToken string
	DKIM           []Key
}

// Key is the public half of a DKIM key.
type Key struct {
	Selector string
	Record   string // belongs at <Selector>._domainkey.<domain>
}

// Name is where the record belongs.
func (k Key) Name(domain string) string { return k.Selector + "._domainkey." + domain }

// SPF is the text that is recommended; another one is lenient (T-25).
func (e Expected) SPF() string {
	if e.SPFInclude == "" {
		return "v=spf1 mx ~all"
	}
	return "v=spf1 include:" + e.SPFInclude + " ~all"
}

// Record is one record to publish.
type Record struct {
	Name     string `json:"name"`
	Type     string `json:"type"` // "MX" or "TXT"
	Priority int    `json:"priority,omitempty"`
	Value    string `json:"value"`
	Purpose  string `json:"purpose"` // "mx", "spf", "dkim", "dmarc" or "ownership"
	Optional bool   `json:"optional,omitempty"`
}

// Records is all that is to be published, the needed ones first.
func (e Expected) Records() []Record {
	var out []Record
	for i, host := range e.MX {
		out = append(out, Record{Name: e.Domain, Type: "MX", Priority: 10 * (i + 1), Value: host, Purpose: "mx"})
	}
	out = append(out, Record{Name: e.Domain, Type: "TXT", Value: e.SPF(), Purpose: "spf"})
	for _, k := range e.DKIM {
		out = append(out, Record{Name: k.Name(e.Domain), Type: "TXT", Value: k.Record, Purpose: "dkim"})
	}
	return append(out,
		Record{Name: OwnershipLabel + "." + e.Domain, Type: "TXT", Value: e.OwnershipToken, Purpose: "ownership"},
		Record{Name: "_dmarc." + e.Domain, Type: "TXT", Value: DMARCText, Purpose: "dmarc", Optional: true})
}

// Found is the result of a check. It is stored as JSON.
type Found struct {
	DomainExists bool       `json:"domainExists"`
	NS           []string   `json:"nsRecords"`
	MX           []string   `json:"mxRecords"`  // in order of preference
	SPF          []string   `json:"spfRecords"` // text of each v=spf1 record
	MXVerified   bool       `json:"mxVerified"`
	SPFVerified  bool       `json:"spfVerified"`
	LenientSPF   bool       `json:"lenientSPF"` // verified although the text is not the recommended one
	MXProblem    *Problem   `json:"mxProblem,omitempty"`
	SPFProblem   *Problem   `json:"spfProblem,omitempty"`
	DKIM         []KeyFound `json:"dkim"`
	DMARC        DMARC      `json:"dmarc"`
	Ownership    bool       `json:"ownership"` // the token was found
}

// Verified reports whether mail of the domain is set up.
func (f *Found) Verified() bool { return f.MXVerified && f.SPFVerified }

// Problem says why something is not verified: a stable code, and what it is about.
type Problem struct {
	Code   string `json:"code"`
	Detail string `json:"detail,omitempty"`
}

// The codes of problems.
const (
	NoSuchDomain      = "NO_SUCH_DOMAIN"
	NoRecord          = "NO_RECORD"
	MXMissing         = "MX_MISSING"         // Detail: the expected host
	MXForeignFirst    = "MX_FOREIGN_FIRST"   // Detail: a host that is as good as ours or better
	SPFSeveral        = "SPF_SEVERAL"        // two records are an error to every receiver
	SPFSyntax         = "SPF_SYNTAX"         // Detail: the term
	SPFNotIncluded    = "SPF_NOT_INCLUDED"   // Detail: what must be in it
	SPFNotPassing     = "SPF_NOT_PASSING"    // included, but with a qualifier that does not pass
	SPFBrokenInclude  = "SPF_BROKEN_INCLUDE" // Detail: the name without one valid record
	SPFLoop           = "SPF_LOOP"           // Detail: the name that comes twice
	SPFTooManyLookups = "SPF_TOO_MANY_LOOKUPS"
)

// State of a record that is no condition of being verified.
type State string

// The states. Unknown is a look-up that failed.
const (
	Published State = "published"
	Missing   State = "missing"
	Different State = "different"
	Unknown   State = "unknown"
)

// KeyFound is one DKIM key's record.
type KeyFound struct {
	Selector string `json:"selector"`
	State    State  `json:"state"`
}

// DMARC is what was found at _dmarc.<domain>; Different is a text that is no
// valid record, or several of them.
type DMARC struct {
	State  State  `json:"state"`
	Text   string `json:"text,omitempty"`
	Policy string `json:"policy,omitempty"`
}

// KeyPublished reports whether a selector's record was seen as it must be.
func (f *Found) KeyPublished(selector string) bool {
	for _, k := range f.DKIM {
		if k.Selector == selector {
			return k.State == Published
		}
	}
	return false
}

// Answer is one record that a sandbox partner gives in place of the DNS.
type Answer struct {
	Name       string `json:"name"`
	Type       string `json:"type"` // "NS", "MX" or "TXT"
	Preference uint16 `json:"preference,omitempty"`
	Value      string `json:"value,omitempty"`
	Failure    string `json:"failure,omitempty"` // FailTimeout: this name and type don't answer
}

// FailTimeout is the one failure that can be given.
const FailTimeout = "timeout"

// SameText compares two TXT values as people mean them: case and runs of blanks
// don't count.
func SameText(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}
