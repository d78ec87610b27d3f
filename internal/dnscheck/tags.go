package dnscheck

import (
	"slices"
	"strings"

	"posthouse/internal/core/dnsrecord"
)

// tags reads a list of tag=value; (RFC 6376 section 3.2). A tag that comes twice
// makes the whole invalid.
func tags(text string) (map[string]string, bool) {
	out := map[string]string{}
	for _, part := range strings.Split(text, ";") {
		if part = strings.Trim(part, " \t\r\n"); part == "" {
			continue
		}
		name, value, ok := strings.Cut(part, "=")
		name, value = strings.Trim(name, " \t\r\n"), strings.Trim(value, " \t\r\n")
		if _, twice := out[name]; !ok || twice || name == "" || !letter(name[0]) {
			return nil, false
		}
		out[name] = value
	}
	return out, true
}

// parseDMARC reads a record at _dmarc (RFC 7489 section 6.3): v first, then a
// known policy.
func parseDMARC(text string) (policy string, ok bool) {
	first, _, _ := strings.Cut(text, ";")
	name, value, _ := strings.Cut(first, "=")
	if strings.Trim(name, " \t") != "v" || strings.Trim(value, " \t") != "DMARC1" {
		return "", false
	}
	t, ok := tags(text)
	if !ok {
		return "", false
	}
	policies := []string{"none", "quarantine", "reject"}
	policy = strings.ToLower(t["p"])
	if sp, has := t["sp"]; has && !slices.Contains(policies, strings.ToLower(sp)) {
		return "", false
	}
	return policy, slices.Contains(policies, policy)
}

// dmarcOf judges what is at _dmarc; texts of other kinds don't count (RFC 7489 section 6.6.3).
func dmarcOf(texts []string) dnsrecord.DMARC {
	out := dnsrecord.DMARC{State: dnsrecord.Missing}
	for _, text := range texts {
		if !strings.HasPrefix(text, "v=DMARC1") {
			continue
		}
		if out.State != dnsrecord.Missing {
			return dnsrecord.DMARC{State: dnsrecord.Different, Text: out.Text}
		}
		policy, ok := parseDMARC(text)
		out = dnsrecord.DMARC{State: dnsrecord.Published, Text: shown(text), Policy: policy}
		if !ok {
			out.State, out.Policy = dnsrecord.Different, ""
		}
	}
	return out
}

// sameKey reports whether a published DKIM record is of the key in want.
func sameKey(published, want string) bool {
	got, ok := tags(published)
	if !ok {
		return false
	}
	if v, has := got["v"]; has && v != "DKIM1" {
		return false
	}
	exp, _ := tags(want)
	kind := func(t map[string]string) string {
		if k := t["k"]; k != "" {
			return k
		}
		return "rsa"
	}
	strip := strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "")
	return got["p"] != "" && kind(got) == kind(exp) && strip.Replace(got["p"]) == exp["p"]
}

// dkimOf judges what is at a selector.
func dkimOf(texts []string, want string) dnsrecord.State {
	switch {
	case len(texts) == 0:
		return dnsrecord.Missing
	case len(texts) == 1 && sameKey(texts[0], want):
		return dnsrecord.Published
	}
	return dnsrecord.Different
}
