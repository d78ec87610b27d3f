package mailstore

import (
	"cmp"
	"database/sql"
	"slices"
	"strings"

	"posthouse/internal/fault"
)

// Bounds of a message's keywords.
const (
	maxKeywords     = 128
	maxKeywordBytes = 255
)

const allSystemFlags = Seen | Answered | Flagged | Deleted | Draft

// flagColumns gives the stored form of flags.
func flagColumns(f Flags) (int64, sql.NullString, error) {
	keywords, err := normalKeywords(f.Keywords)
	return int64(f.System & allSystemFlags), keywordColumn(keywords), err
}

func keywordColumn(keywords []string) sql.NullString {
	return sql.NullString{String: strings.Join(keywords, " "), Valid: len(keywords) > 0}
}

// normalKeywords sorts keywords, drops those that differ only by case (the first
// spelling stays) and refuses what is no atom. The argument is not modified.
func normalKeywords(in []string) ([]string, error) {
	if len(in) == 0 {
		return nil, nil
	}
	for _, k := range in {
		if k == "" || len(k) > maxKeywordBytes || strings.ContainsFunc(k, notKeyword) {
			return nil, fault.New(fault.Invalid, "A keyword is not an atom, or too long")
		}
	}
	out := slices.Clone(in)
	slices.SortStableFunc(out, compareFold)
	out = slices.CompactFunc(out, strings.EqualFold)
	if len(out) > maxKeywords {
		return nil, fault.New(fault.Invalid, "Too many keywords on one message")
	}
	return out, nil
}

func notKeyword(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`(){%*"\]`, r)
}

func compareFold(a, b string) int {
	return cmp.Compare(strings.ToLower(a), strings.ToLower(b))
}

// apply gives what flags become; both sides have normal keywords.
func (op FlagOp) apply(old, arg Flags) Flags {
	switch op {
	case AddFlags:
		return Flags{old.System | arg.System&allSystemFlags, joinKeywords(old.Keywords, arg.Keywords)}
	case RemoveFlags:
		return Flags{old.System &^ arg.System, withoutKeywords(old.Keywords, arg.Keywords)}
	default:
		keep := arg.Keywords
		if sameKeywords(old.Keywords, keep) {
			keep = old.Keywords
		}
		return Flags{arg.System & allSystemFlags, keep}
	}
}

// joinKeywords is the union; where they differ by case only, the old spelling stays.
func joinKeywords(old, more []string) []string {
	missing := withoutKeywords(more, old)
	if len(missing) == 0 {
		return old
	}
	out := append(slices.Clone(old), missing...)
	slices.SortStableFunc(out, compareFold)
	return out
}

func withoutKeywords(old, less []string) []string {
	var out []string
	for _, k := range old {
		if !slices.ContainsFunc(less, func(l string) bool { return strings.EqualFold(k, l) }) {
			out = append(out, k)
		}
	}
	if len(out) == len(old) {
		return old
	}
	return out
}

// sameKeywords compares sets without regard to case.
func sameKeywords(a, b []string) bool { return slices.EqualFunc(a, b, strings.EqualFold) }

func (f Flags) same(o Flags) bool {
	return f.System == o.System && sameKeywords(f.Keywords, o.Keywords)
}

// Has reports whether the flags hold a keyword, without regard to case.
func (f Flags) Has(keyword string) bool {
	return slices.ContainsFunc(f.Keywords, func(k string) bool { return strings.EqualFold(k, keyword) })
}

// flagCounts is what a message with these flags adds to a folder's counts.
func flagCounts(f SystemFlags) (unseen, deleted int64) {
	if f&Seen == 0 {
		unseen = 1
	}
	if f&Deleted != 0 {
		deleted = 1
	}
	return unseen, deleted
}
