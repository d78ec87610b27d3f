package imapd

import (
	"strings"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/ianaindex"

	"posthouse/internal/mailstore"
)

// searchOp is what a search key does (RFC 9051 section 6.4.4).
type searchOp uint8

const (
	searchAll searchOp = iota
	searchAnd
	searchOr
	searchNot
	searchSet
	searchFlag    // system flags: all of flags are in set
	searchKeyword // text is a keyword
	searchRecent
	searchBefore // INTERNALDATE
	searchOn
	searchSince
	searchSentBefore // Date field
	searchSentOn
	searchSentSince
	searchSavedBefore // RFC 8514
	searchSavedOn
	searchSavedSince
	searchLarger
	searchSmaller
	searchText    // what MatchText finds
	searchModSeq  // RFC 7162
	searchYounger // RFC 5032
	searchOlder
	searchEmailID // RFC 8474
	searchNone
)

// searchKey is a node of the criteria.
type searchKey struct {
	op    searchOp
	keys  []*searchKey // And, Or, Not
	set   numSet
	uid   bool
	flags mailstore.SystemFlags
	date  time.Time
	n     uint64
	field mailstore.TextField
	name  string // of a header field
	text  string
}

// searchCommand is SEARCH as parsed.
type searchCommand struct {
	extended bool // RETURN was given
	min, max bool
	all      bool
	count    bool
	save     bool
	modSeq   bool // a MODSEQ key is in it
	key      *searchKey

	decoder *encoding.Decoder // of CHARSET; nil for UTF-8
	keys    int
	badSet  bool // the charset is unknown
}

func (p *parser) searchCommand() (*searchCommand, error) {
	c := &searchCommand{}
	if err := p.sp(); err != nil {
		return nil, err
	}
	if p.keyword("RETURN") {
		if err := c.returns(p); err != nil {
			return nil, err
		}
	}
	if p.keyword("CHARSET") {
		if err := c.charset(p); err != nil {
			return nil, err
		}
	}
	c.key = &searchKey{op: searchAnd}
	for {
		k, err := c.read(p)
		if err != nil {
			return nil, err
		}
		c.key.keys = append(c.key.keys, k)
		if !p.take(' ') || p.atEnd() {
			return c, p.end()
		}
	}
}

// returns reads RETURN (...) (RFC 9051 section 6.4.4) and the blank behind it.
func (c *searchCommand) returns(p *parser) error {
	c.extended = true
	if err := p.sp(); err != nil {
		return err
	}
	err := p.list(func() error {
		word, err := p.word()
		if err != nil {
			return err
		}
		switch word {
		case "MIN":
			c.min = true
		case "MAX":
			c.max = true
		case "ALL":
			c.all = true
		case "COUNT":
			c.count = true
		case "SAVE":
			c.save = true
		default:
			return syntaxError("Unknown SEARCH return option")
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !c.min && !c.max && !c.count && !c.save {
		c.all = true
	}
	return p.sp()
}

func (c *searchCommand) charset(p *parser) error {
	if err := p.sp(); err != nil {
		return err
	}
	name, err := p.astring()
	if err != nil {
		return err
	}
	switch strings.ToUpper(name) {
	case "UTF-8", "US-ASCII":
	default:
		enc, err := ianaindex.MIME.Encoding(name)
		if err != nil || enc == nil {
			c.badSet = true
			break
		}
		c.decoder = enc.NewDecoder()
	}
	return p.sp()
}

var searchFlags = map[string]struct {
	flag mailstore.SystemFlags
	not  bool
}{
	"ANSWERED": {mailstore.Answered, false}, "UNANSWERED": {mailstore.Answered, true},
	"DELETED": {mailstore.Deleted, false}, "UNDELETED": {mailstore.Deleted, true},
	"DRAFT": {mailstore.Draft, false}, "UNDRAFT": {mailstore.Draft, true},
	"FLAGGED": {mailstore.Flagged, false}, "UNFLAGGED": {mailstore.Flagged, true},
	"SEEN": {mailstore.Seen, false}, "UNSEEN": {mailstore.Seen, true},
}

var searchFields = map[string]mailstore.TextField{
	"SUBJECT": mailstore.FieldSubject, "FROM": mailstore.FieldFrom, "TO": mailstore.FieldTo, "CC": mailstore.FieldCc,
	"BCC": mailstore.FieldBcc, "BODY": mailstore.FieldBody, "TEXT": mailstore.FieldText,
}

var searchDates = map[string]searchOp{
	"BEFORE": searchBefore, "ON": searchOn, "SINCE": searchSince,
	"SENTBEFORE": searchSentBefore, "SENTON": searchSentOn, "SENTSINCE": searchSentSince,
	"SAVEDBEFORE": searchSavedBefore, "SAVEDON": searchSavedOn, "SAVEDSINCE": searchSavedSince,
}

func not(k *searchKey) *searchKey { return &searchKey{op: searchNot, keys: []*searchKey{k}} }

// read reads one search-key.
func (c *searchCommand) read(p *parser) (*searchKey, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	if c.keys++; c.keys > maxSearchKeys {
		return nil, syntaxError("too many search keys")
	}
	switch b := p.peek(); {
	case b == '(':
		k := &searchKey{op: searchAnd}
		err := p.list(func() error {
			inner, err := c.read(p)
			k.keys = append(k.keys, inner)
			return err
		})
		if err == nil && len(k.keys) == 0 {
			err = syntaxError("empty group of search keys")
		}
		return k, err
	case b >= '0' && b <= '9', b == '*', b == '$':
		set, err := p.numSet()
		return &searchKey{op: searchSet, set: set}, err
	}
	word, err := p.word()
	if err != nil {
		return nil, syntaxError("expected a search key")
	}
	if f, ok := searchFlags[word]; ok {
		k := &searchKey{op: searchFlag, flags: f.flag}
		if f.not {
			k = not(k)
		}
		return k, nil
	}
	switch word {
	case "ALL", "SAVEDATESUPPORTED":
		return &searchKey{op: searchAll}, nil
	case "RECENT":
		return &searchKey{op: searchRecent}, nil
	case "OLD":
		return not(&searchKey{op: searchRecent}), nil
	case "NEW":
		return &searchKey{op: searchAnd, keys: []*searchKey{{op: searchRecent}, not(&searchKey{op: searchFlag, flags: mailstore.Seen})}}, nil
	}
	if err := p.sp(); err != nil {
		return nil, err
	}
	if op, ok := searchDates[word]; ok {
		d, err := p.date()
		return &searchKey{op: op, date: d}, err
	}
	if field, ok := searchFields[word]; ok {
		text, err := c.text(p)
		return &searchKey{op: searchText, field: field, text: text}, err
	}
	return c.readOther(p, word)
}

// readOther reads keys whose arguments differ from all others'; the blank is read.
func (c *searchCommand) readOther(p *parser, word string) (*searchKey, error) {
	switch word {
	case "NOT":
		k, err := c.read(p)
		return not(k), err
	case "OR":
		a, err := c.read(p)
		if err != nil {
			return nil, err
		}
		if err := p.sp(); err != nil {
			return nil, err
		}
		b, err := c.read(p)
		return &searchKey{op: searchOr, keys: []*searchKey{a, b}}, err
	case "UID":
		set, err := p.numSet()
		return &searchKey{op: searchSet, set: set, uid: true}, err
	case "KEYWORD", "UNKEYWORD":
		flag, err := p.flag()
		k := &searchKey{op: searchKeyword, text: flag}
		if word == "UNKEYWORD" {
			k = not(k)
		}
		return k, err
	case "HEADER":
		name, err := p.astring()
		if err != nil {
			return nil, err
		}
		if err := p.sp(); err != nil {
			return nil, err
		}
		text, err := c.text(p)
		return &searchKey{op: searchText, field: mailstore.FieldHeader, name: name, text: text}, err
	case "LARGER", "SMALLER", "YOUNGER", "OLDER":
		n, err := p.number64()
		op := map[string]searchOp{"LARGER": searchLarger, "SMALLER": searchSmaller, "YOUNGER": searchYounger, "OLDER": searchOlder}[word]
		if err == nil && (word == "YOUNGER" || word == "OLDER") && (n == 0 || n > 1<<32) {
			err = syntaxError("expected a number of seconds")
		}
		return &searchKey{op: op, n: n}, err
	case "MODSEQ":
		return c.readModSeq(p)
	case "EMAILID", "THREADID":
		id, err := p.astring()
		k := &searchKey{op: searchEmailID, text: id}
		if word == "THREADID" {
			k.op = searchNone
		}
		return k, err
	}
	return nil, syntaxError("Unknown search key")
}

// readModSeq reads [entry-name SP entry-type SP] mod-sequence-valzer (RFC 7162
// section 3.1.5). There is one MODSEQ for all flags: the entry makes no difference.
func (c *searchCommand) readModSeq(p *parser) (*searchKey, error) {
	c.modSeq = true
	if p.peek() == '"' {
		if _, err := p.quoted(); err != nil {
			return nil, err
		}
		if err := p.sp(); err != nil {
			return nil, err
		}
		if _, err := p.atom(); err != nil {
			return nil, err
		}
		if err := p.sp(); err != nil {
			return nil, err
		}
	}
	n, err := p.number64()
	return &searchKey{op: searchModSeq, n: n}, err
}

// text is a string to look for, in UTF-8.
func (c *searchCommand) text(p *parser) (string, error) {
	s, err := p.astring()
	if err != nil {
		return "", err
	}
	if c.badSet {
		return "", nil
	}
	if c.decoder != nil {
		if s, err = c.decoder.String(s); err != nil {
			return "", syntaxError("not in the charset given")
		}
	}
	return s, validUTF8(s)
}
