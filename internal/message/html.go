package message

import (
	"html"
	"strings"
)

// htmlStripper turns HTML into the text that a search looks at: no tags,
// comments, scripts and style sheets, entities decoded, white space collapsed.
// It is no sanitiser.
type htmlStripper struct {
	state htmlState
	name  []byte // of the tag, or the entity's letters
	quote byte   // open within a tag
	size  int    // of the tag so far
	skip  string // the element whose content is dropped
	dash  int    // hyphens in a row, in a comment
	blank bool   // the last thing written was white space
}

type htmlState uint8

const (
	htmlText htmlState = iota
	htmlOpen           // after "<"
	htmlName           // in a tag's name
	htmlTag            // behind it
	htmlComment
	htmlEntity
)

const (
	maxTagName = 12
	maxEntity  = 32
	maxQuoted  = 16 << 10 // a quote in a tag that is open for longer is none
)

// inlineTags leave no white space where they stand.
var inlineTags = map[string]bool{
	"a": true, "abbr": true, "b": true, "big": true, "code": true, "em": true, "font": true, "i": true, "s": true, "small": true,
	"span": true, "strike": true, "strong": true, "sub": true, "sup": true, "tt": true, "u": true, "wbr": true,
}

func (h *htmlStripper) append(dst, src []byte) []byte {
	for _, c := range src {
		switch h.state {
		case htmlText:
			dst = h.text(dst, c)
		case htmlEntity:
			dst = h.entity(dst, c)
		case htmlOpen:
			if c == '/' || h.skip == "" && (c == '!' || c == '?' || 'a' <= c|0x20 && c|0x20 <= 'z') {
				h.state, h.name, h.size, h.quote = htmlName, append(h.name[:0], c|0x20), 0, 0
				if c < 'A' {
					h.name[0] = c
				}
				continue
			}
			h.state = htmlText
			dst = h.text(h.write(dst, '<'), c)
		case htmlName:
			switch {
			case c == '>':
				dst = h.endTag(dst)
			case c == '-' && string(h.name) == "!-":
				h.state, h.dash = htmlComment, 0
			case isSpace(c) || len(h.name) == maxTagName || c == '/':
				h.state = htmlTag
			default:
				if 'A' <= c && c <= 'Z' {
					c |= 0x20
				}
				h.name = append(h.name, c)
			}
		case htmlTag:
			h.size++
			switch {
			case h.quote != 0 && h.size < maxQuoted:
				if c == h.quote {
					h.quote = 0
				}
			case c == '>':
				dst = h.endTag(dst)
			case c == '"' || c == '\'':
				h.quote = c
			}
		case htmlComment:
			switch {
			case c == '-':
				h.dash++
			case c == '>' && h.dash >= 2:
				h.state = htmlText
			default:
				h.dash = 0
			}
		}
	}
	return dst
}

// text takes a letter outside of tags.
func (h *htmlStripper) text(dst []byte, c byte) []byte {
	switch {
	case c == '<':
		h.state = htmlOpen
	case h.skip != "":
	case c == '&':
		h.state, h.name = htmlEntity, append(h.name[:0], '&')
	default:
		return h.write(dst, c)
	}
	return dst
}

// write appends a letter unless it is skipped or repeats white space.
func (h *htmlStripper) write(dst []byte, c byte) []byte {
	if h.skip != "" {
		return dst
	}
	if isSpace(c) {
		if h.blank {
			return dst
		}
		c = ' '
	}
	h.blank = c == ' '
	return append(dst, c)
}

func (h *htmlStripper) entity(dst []byte, c byte) []byte {
	plain := c == '#' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
	if plain && len(h.name) < maxEntity {
		h.name = append(h.name, c)
		return dst
	}
	h.state = htmlText
	if c == ';' {
		h.name = append(h.name, c)
	}
	decoded := strings.ReplaceAll(html.UnescapeString(string(h.name)), "\u00a0", " ")
	for i := range len(decoded) {
		dst = h.write(dst, decoded[i])
	}
	if c == ';' {
		return dst
	}
	return h.text(dst, c)
}

func (h *htmlStripper) endTag(dst []byte) []byte {
	h.state = htmlText
	name, closes := strings.CutPrefix(string(h.name), "/")
	switch {
	case h.skip != "":
		if closes && name == h.skip {
			h.skip = ""
		}
		return dst
	case !closes && (name == "script" || name == "style"):
		h.skip = name
		return dst
	case inlineTags[name]:
		return dst
	}
	return h.write(dst, ' ')
}
