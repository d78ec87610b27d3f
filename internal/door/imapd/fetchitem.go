package imapd

import (
	"strconv"
	"strings"
)

// fetchKind is a FETCH data item (RFC 9051 section 6.4.5).
type fetchKind uint8

const (
	fetchFlags fetchKind = iota
	fetchUID
	fetchInternalDate
	fetchSize
	fetchEnvelope
	fetchBody          // BODY without section
	fetchBodyStructure // BODYSTRUCTURE
	fetchSection       // BODY[...], and RFC822 and its kin
	fetchBinary        // BINARY[...] (RFC 3516)
	fetchBinarySize
	fetchModSeq  // RFC 7162
	fetchEmailID // RFC 8474
	fetchThreadID
	fetchSaveDate // RFC 8514
)

// sectionText is section-text (RFC 9051 section 9).
type sectionText uint8

const (
	sectionAll sectionText = iota
	sectionHeader
	sectionFields
	sectionFieldsNot
	sectionBody // TEXT
	sectionMIME
)

type fetchItem struct {
	kind    fetchKind
	path    []int
	text    sectionText
	fields  []string
	peek    bool
	partial bool
	offset  int64
	length  int64
	label   string // as the response names it
}

// fetchCommand is FETCH as parsed.
type fetchCommand struct {
	set          numSet
	items        []fetchItem
	changedSince uint64
	conditional  bool
	vanished     bool

	structure bool // needs the message's parts
	content   bool // needs the message's octets
	seen      bool // sets \Seen
}

var fetchMacros = map[string]string{
	"ALL":  "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE",
	"FAST": "FLAGS INTERNALDATE RFC822.SIZE",
	"FULL": "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY",
}

var fetchNames = map[string]fetchItem{
	"FLAGS":         {kind: fetchFlags, label: "FLAGS"},
	"UID":           {kind: fetchUID, label: "UID"},
	"INTERNALDATE":  {kind: fetchInternalDate, label: "INTERNALDATE"},
	"RFC822.SIZE":   {kind: fetchSize, label: "RFC822.SIZE"},
	"ENVELOPE":      {kind: fetchEnvelope, label: "ENVELOPE"},
	"BODY":          {kind: fetchBody, label: "BODY"},
	"BODYSTRUCTURE": {kind: fetchBodyStructure, label: "BODYSTRUCTURE"},
	"MODSEQ":        {kind: fetchModSeq, label: "MODSEQ"},
	"EMAILID":       {kind: fetchEmailID, label: "EMAILID"},
	"THREADID":      {kind: fetchThreadID, label: "THREADID"},
	"SAVEDATE":      {kind: fetchSaveDate, label: "SAVEDATE"},
	// RFC 3501 section 6.4.5
	"RFC822":        {kind: fetchSection, label: "RFC822"},
	"RFC822.HEADER": {kind: fetchSection, text: sectionHeader, peek: true, label: "RFC822.HEADER"},
	"RFC822.TEXT":   {kind: fetchSection, text: sectionBody, label: "RFC822.TEXT"},
}

func (p *parser) fetchCommand() (*fetchCommand, error) {
	f := &fetchCommand{}
	if err := p.sp(); err != nil {
		return nil, err
	}
	var err error
	if f.set, err = p.numSet(); err != nil {
		return nil, err
	}
	if err := p.sp(); err != nil {
		return nil, err
	}
	if p.peek() == '(' {
		err = p.list(func() error { return f.item(p) })
	} else {
		err = f.item(p)
	}
	if err != nil {
		return nil, err
	}
	if len(f.items) == 0 {
		return nil, syntaxError("nothing to FETCH")
	}
	if p.take(' ') {
		if err := f.modifiers(p); err != nil {
			return nil, err
		}
	}
	return f, p.end()
}

// modifiers are those of RFC 7162: CHANGEDSINCE and VANISHED.
func (f *fetchCommand) modifiers(p *parser) error {
	return p.list(func() error {
		word, err := p.word()
		if err != nil {
			return err
		}
		switch word {
		case "CHANGEDSINCE":
			if err := p.sp(); err != nil {
				return err
			}
			f.conditional = true
			f.changedSince, err = p.number64()
			return err
		case "VANISHED":
			f.vanished = true
			return nil
		}
		return syntaxError("Unknown FETCH modifier")
	})
}

func (f *fetchCommand) add(it fetchItem) error {
	if len(f.items) >= maxFetchItems {
		return syntaxError("too many FETCH items")
	}
	switch it.kind {
	case fetchEnvelope, fetchBody, fetchBodyStructure:
		f.structure = true
	case fetchSection, fetchBinary, fetchBinarySize:
		f.content = true
		f.seen = f.seen || !it.peek
	}
	for i := range f.items {
		if f.items[i].label == it.label && f.items[i].length == it.length {
			return nil // asked for twice, told once
		}
	}
	f.items = append(f.items, it)
	return nil
}

func (f *fetchCommand) item(p *parser) error {
	word := strings.ToUpper(p.while(func(c byte) bool { return c != '[' && isAtomChar(c) }))
	if p.peek() == '[' {
		p.pos++
		return f.section(p, word)
	}
	if macro, ok := fetchMacros[word]; ok {
		for name := range strings.FieldsSeq(macro) {
			if err := f.add(fetchNames[name]); err != nil {
				return err
			}
		}
		return nil
	}
	it, ok := fetchNames[word]
	if !ok {
		return syntaxError("Unknown FETCH item")
	}
	return f.add(it)
}

// section reads what follows BODY[, BODY.PEEK[, BINARY[, BINARY.PEEK[ or BINARY.SIZE[.
func (f *fetchCommand) section(p *parser, word string) error {
	it := fetchItem{}
	name, peek := strings.CutSuffix(word, ".PEEK")
	it.peek = peek
	switch {
	case name == "BODY":
		it.kind = fetchSection
	case name == "BINARY":
		it.kind = fetchBinary
	case word == "BINARY.SIZE":
		it.kind, it.peek, name = fetchBinarySize, true, word
	default:
		return syntaxError("Unknown FETCH item")
	}
	label, err := it.readSection(p)
	if err != nil {
		return err
	}
	it.label = name + "[" + label + "]"
	if p.take('<') {
		if it.kind == fetchBinarySize {
			return syntaxError("BINARY.SIZE has no partial")
		}
		off, err := p.number64()
		if err != nil {
			return err
		}
		if err := p.expect('.'); err != nil {
			return err
		}
		n, err := p.number64()
		if err != nil {
			return err
		}
		if n == 0 {
			return syntaxError("a partial of no octets")
		}
		if err := p.expect('>'); err != nil {
			return err
		}
		it.partial, it.offset, it.length = true, int64(off), int64(n)
		it.label += "<" + strconv.FormatUint(off, 10) + ">"
	}
	return f.add(it)
}

// readSection reads up to and with ']'. It gives the section as the response repeats it.
func (it *fetchItem) readSection(p *parser) (string, error) {
	start := p.pos
	for p.peek() >= '0' && p.peek() <= '9' {
		n, err := p.number()
		if err != nil {
			return "", err
		}
		if n == 0 || n > 1<<30 || len(it.path) >= maxPath {
			return "", syntaxError("no such part number")
		}
		it.path = append(it.path, int(n))
		if !p.take('.') {
			break
		}
	}
	prefix := string(p.b[start:p.pos])
	if p.take(']') {
		if strings.HasSuffix(prefix, ".") {
			return "", syntaxError("part number without end")
		}
		return prefix, nil
	}
	if it.kind != fetchSection || len(it.path) > 0 && !strings.HasSuffix(prefix, ".") {
		return "", syntaxError("expected ']'")
	}
	word := strings.ToUpper(p.while(func(c byte) bool { return c != ']' && isAtomChar(c) }))
	switch word {
	case "HEADER":
		it.text = sectionHeader
	case "TEXT":
		it.text = sectionBody
	case "MIME":
		if len(it.path) == 0 {
			return "", syntaxError("MIME needs a part number")
		}
		it.text = sectionMIME
	case "HEADER.FIELDS", "HEADER.FIELDS.NOT":
		it.text = sectionFields
		if word == "HEADER.FIELDS.NOT" {
			it.text = sectionFieldsNot
		}
		if err := p.sp(); err != nil {
			return "", err
		}
		var label output
		label.buf = append(make([]byte, 0, 64), prefix+word+" ("...)
		label.pooled = &label.buf // never flushed
		err := p.list(func() error {
			name, err := p.astring()
			if err != nil {
				return err
			}
			if len(it.fields) > 0 {
				label.byte(' ')
			}
			it.fields = append(it.fields, name)
			label.astring(name)
			return nil
		})
		if err != nil {
			return "", err
		}
		if len(it.fields) == 0 {
			return "", syntaxError("no header fields")
		}
		label.byte(')')
		return string(label.buf), p.expect(']')
	default:
		return "", syntaxError("Unknown section")
	}
	return prefix + word, p.expect(']')
}
