package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// A description is split at its spaces. Words that vary from one to the next,
// such as domain names and numbers, are its term; the rest, with gaps where they
// were, is its shape. An issuer has few shapes, so what a shape contains is
// counted without looking at rows; terms are found by their grams.

// The limits are variables for tests.
var (
	// maxShapes is how many shapes an issuer may have: a description that would
	// need another one is a term as a whole.
	maxShapes = 500
	// maxTerms is how many terms a search names.
	maxTerms = 1000
	// rareGram is how many terms are looked through for a pattern by one of its
	// grams; when all are more common, the terms are read in their own order.
	rareGram = 5000
	// freshTerms is how many terms of an issuer get their grams together: most of
	// them have the same ones, so that is a fraction of the pages written. Until
	// then each search looks at all of the fresh.
	freshTerms = 256
)

// gramRows is how many grams one statement writes at most.
const gramRows = 256

const (
	gap = "\x01"
	// maxIndexed is the greatest description that has a shape and a term; longer
	// ones are looked at by each search (shape and term 0).
	maxIndexed = 512
)

// lower maps ASCII only, as LOWER does on both engines.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// varies reports whether a word is part of the term.
func varies(word string) bool {
	digits := 0
	for _, r := range word {
		switch {
		case '0' <= r && r <= '9':
			if digits++; digits == 4 {
				return true
			}
		case r == '.', r == '@', r < ' ', r == utf8.RuneError:
			return true
		}
	}
	return false
}

// split gives shape and term of a description in lower case.
func split(text string) (shape, term string) {
	words := strings.Split(text, " ")
	var terms []string
	for i, w := range words {
		if varies(w) {
			terms = append(terms, w)
			words[i] = gap
		}
	}
	return strings.Join(words, " "), strings.Join(terms, " ")
}

// padded is how a term is kept: each of its words has a space on both sides.
func padded(term string) string { return " " + term + " " }

// grams gives the distinct pieces of three characters, and those of two at the
// ends of words, so that a beginning or an end of one character can be found.
func grams(text string) []string {
	runes := []rune(text)
	var out []string
	for i := range runes {
		if i+3 <= len(runes) {
			out = append(out, string(runes[i:i+3]))
		}
		if i+2 <= len(runes) && (runes[i] == ' ') != (runes[i+1] == ' ') {
			out = append(out, string(runes[i:i+2]))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// indexText gives the ids of a description's shape and term, making them if they are new.
func (t *tx) indexText(ctx context.Context, issuerID int64, description string) (shapeID, termID int64, err error) {
	text := lower(description)
	if len(text) > maxIndexed {
		return 0, 0, nil
	}
	shape, term := split(text)
	shapeID, err = t.textID(ctx, "SELECT id FROM ledger_shape WHERE issuer_id = ? AND text = ?", issuerID, shape)
	if err != nil {
		return 0, 0, err
	}
	if shapeID == 0 && shape != gap {
		var n int
		if err := t.ScanRow(ctx, []any{&n}, "SELECT COUNT(*) FROM ledger_shape WHERE issuer_id = ?", issuerID); err != nil {
			return 0, 0, err
		}
		if n >= maxShapes {
			shape, term = gap, text
			if shapeID, err = t.textID(ctx, "SELECT id FROM ledger_shape WHERE issuer_id = ? AND text = ?", issuerID, shape); err != nil {
				return 0, 0, err
			}
		}
	}
	if shapeID == 0 {
		if err := t.insert(ctx, &shapeID, "INSERT INTO ledger_shape (issuer_id, text) VALUES (?, ?) RETURNING id", issuerID, shape); err != nil {
			return 0, 0, err
		}
	}
	termID, err = t.indexTerm(ctx, issuerID, padded(term))
	return shapeID, termID, err
}

func (t *tx) textID(ctx context.Context, query string, issuerID int64, text string) (id int64, err error) {
	if err = t.ScanRow(ctx, []any{&id}, query, issuerID, text); errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return id, err
}

func (t *tx) indexTerm(ctx context.Context, issuerID int64, term string) (int64, error) {
	id, err := t.textID(ctx, "SELECT id FROM ledger_term WHERE issuer_id = ? AND text = ?", issuerID, term)
	if err != nil || id != 0 {
		return id, err
	}
	var fresh int
	if err := t.ScanRow(ctx, []any{&id, &fresh}, `INSERT INTO ledger_term (issuer_id, text, fresh)
		VALUES (?, ?, (SELECT COALESCE(MAX(fresh), 0) + 1 FROM ledger_term WHERE issuer_id = ? AND fresh > 0)) RETURNING id, fresh`,
		issuerID, term, issuerID); err != nil {
		return 0, err
	}
	if fresh < freshTerms {
		return id, nil
	}
	return id, t.indexGrams(ctx, issuerID)
}

// indexGrams writes the grams of an issuer's fresh terms.
func (t *tx) indexGrams(ctx context.Context, issuerID int64) error {
	type gram struct {
		text string
		term int64
	}
	type row struct {
		id   int64
		text string
	}
	terms, err := all(ctx, t, func(r scanner, v *row) error { return r.Scan(&v.id, &v.text) },
		"SELECT id, text FROM ledger_term WHERE issuer_id = ? AND fresh > 0", issuerID)
	if err != nil {
		return err
	}
	var list []gram
	for _, term := range terms {
		for _, g := range grams(term.text) {
			list = append(list, gram{g, term.id})
		}
	}
	slices.SortFunc(list, func(a, b gram) int { return cmp.Or(cmp.Compare(a.text, b.text), cmp.Compare(a.term, b.term)) })
	for len(list) > 0 {
		n := gramRows // and powers of two for the rest: few statements to prepare
		for n > len(list) {
			n /= 2
		}
		args := make([]any, 0, 3*n)
		for _, g := range list[:n] {
			args = append(args, issuerID, g.text, g.term)
		}
		if _, err := t.Exec(ctx, "INSERT INTO ledger_gram (issuer_id, gram, term_id) VALUES (?, ?, ?)"+strings.Repeat(", (?, ?, ?)", n-1), args...); err != nil {
			return err
		}
		list = list[n:]
	}
	_, err = t.Exec(ctx, "UPDATE ledger_term SET fresh = 0 WHERE issuer_id = ? AND fresh > 0", issuerID)
	return err
}

// wanted is what a search for a part of a description looks for.
type wanted struct {
	like   string  // pattern for the description in lower case
	shapes []int64 // descriptions of these shapes contain it whatever their terms are
	terms  []int64 // else it can only be in a description with one of these terms
	every  bool    // there are too many such terms: each description is looked at
}

// escaped makes a pattern of text that stands for itself.
var escaped = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// want looks a part of a description up among an issuer's shapes and terms.
func (t *tx) want(ctx context.Context, issuerID int64, part string) (*wanted, error) {
	part = lower(part)
	w := &wanted{like: "%" + escaped.Replace(part) + "%", terms: []int64{0}}
	type shape struct {
		id   int64
		text string
	}
	shapes, err := all(ctx, t, func(r scanner, s *shape) error { return r.Scan(&s.id, &s.text) },
		"SELECT id, text FROM ledger_shape WHERE issuer_id = ?", issuerID)
	if err != nil {
		return nil, err
	}
	if !strings.Contains(part, gap) {
		for _, s := range shapes {
			if strings.Contains(s.text, part) {
				w.shapes = append(w.shapes, s.id)
			}
		}
	}
	for _, p := range termPatterns(part) {
		if err := t.addTerms(ctx, w, issuerID, p); err != nil {
			return nil, err
		}
		if w.every {
			w.terms = []int64{0}
			break
		}
	}
	slices.Sort(w.terms)
	w.terms = slices.Compact(w.terms)
	return w, nil
}

// termPatterns gives what a term must contain if part reaches into it: all of
// part, or the word of part that falls into a gap. Such a word is the end of
// what is in the gap, the beginning, or all of it.
func termPatterns(part string) []string {
	words := strings.Split(part, " ")
	out := []string{part}
	if len(words) == 1 {
		return out
	}
	for i, word := range words {
		switch {
		case word == "": // next to a gap, but not in it
		case i == 0:
			out = append(out, word+" ")
		case i == len(words)-1:
			out = append(out, " "+word)
		case varies(word):
			out = append(out, " "+word+" ")
		}
	}
	return out
}

// addTerms adds the terms that contain pattern.
func (t *tx) addTerms(ctx context.Context, w *wanted, issuerID int64, pattern string) error {
	like := "%" + escaped.Replace(pattern) + "%"
	if err := t.addTermsOf(ctx, w, "SELECT id FROM ledger_term WHERE issuer_id = ? AND fresh > 0 AND text LIKE ? ESCAPE '\\'", issuerID, like); err != nil {
		return err
	}
	rarest, fewest := "", rareGram+1
	for _, g := range grams(pattern) {
		var n int
		if err := t.ScanRow(ctx, []any{&n}, "SELECT COUNT(*) FROM (SELECT 1 FROM ledger_gram WHERE issuer_id = ? AND gram = ? LIMIT ?) g", issuerID, g, fewest); err != nil {
			return err
		}
		if n < fewest {
			rarest, fewest = g, n
		}
		if n == 0 {
			return nil
		}
		if n < 50 {
			break
		}
	}
	query, args := "SELECT id FROM ledger_term WHERE issuer_id = ? AND fresh = 0 AND text LIKE ? ESCAPE '\\' LIMIT ?", []any{issuerID}
	if rarest != "" {
		query = `SELECT term_id FROM (SELECT g.term_id, (SELECT t.text FROM ledger_term t WHERE t.id = g.term_id) AS text
			FROM ledger_gram g WHERE g.issuer_id = ? AND g.gram = ?) x WHERE text LIKE ? ESCAPE '\' LIMIT ?`
		args = append(args, rarest)
	}
	return t.addTermsOf(ctx, w, query, append(args, like, maxTerms+1)...)
}

func (t *tx) addTermsOf(ctx context.Context, w *wanted, query string, args ...any) error {
	ids, err := all(ctx, t, func(r scanner, id *int64) error { return r.Scan(id) }, query, args...)
	for _, id := range ids {
		w.terms = append(w.terms, *id)
	}
	w.every = len(w.terms) > maxTerms
	return err
}
