// Package message reads Internet messages (RFC 5322, MIME) as they come: one
// bounded streaming pass gives the structure and envelope that IMAP shows, and
// no content, however malformed, makes it fail. Raw bytes are never rewritten.
package message

import "strings"

// Part is a MIME entity and its place in the message. Two things always hold: a
// part of type multipart has at least one child, and one that IsMessage has
// exactly one, the embedded message with its Envelope. No string
// holds NUL, CR or LF.
type Part struct {
	HeaderOffset int64 // from the start of the message
	BodyOffset   int64 // after the empty line that ends the header
	BodySize     int64 // octets as they stand, without the line end that belongs to the next delimiter
	Lines        int64 // line ends in the body

	Type        string // lower case; text/plain where the header doesn't say
	Subtype     string // lower case
	Params      []Param
	ID          string // Content-ID, with its angle brackets
	Description string
	Encoding    string // lower case; 7bit where the header doesn't say
	MD5         string

	Disposition       string // lower case; "" = none
	DispositionParams []Param
	Language          []string
	Location          string

	Envelope *Envelope // of the message whose header this is: the whole one or an embedded one (see Embedded)
	Children []*Part
}

// Param is a parameter of Content-Type or Content-Disposition as it stands: an
// RFC 2231 name keeps its stars and its value is still encoded.
type Param struct {
	Name  string // lower case
	Value string // without quotes
}

// Envelope is the structure of RFC 9051 section 2.3.5. Values are raw: unfolded,
// but with their encoded words (see DecodeHeader). Sender and ReplyTo repeat From
// where the header lacks them.
type Envelope struct {
	Date      string
	Subject   string
	From      []EnvelopeAddress
	Sender    []EnvelopeAddress
	ReplyTo   []EnvelopeAddress
	To        []EnvelopeAddress
	Cc        []EnvelopeAddress
	Bcc       []EnvelopeAddress
	InReplyTo string
	MessageID string
}

// EnvelopeAddress is an address as IMAP shows it; "" is NIL. With Host "" it
// begins the group named Mailbox, with Mailbox "" too it ends the group.
type EnvelopeAddress struct {
	Name    string // display name, unquoted, encoded words kept
	Route   string // source route
	Mailbox string // local part, unquoted
	Host    string
}

// IsMultipart reports whether p is of type multipart.
func (p *Part) IsMultipart() bool { return p.Type == "multipart" }

// IsMessage reports whether p holds an embedded message, its only child.
func (p *Part) IsMessage() bool {
	return p.Type == "message" && (p.Subtype == "rfc822" || p.Subtype == "global")
}

// Embedded is the message that a part of type message/rfc822 holds: the entity
// whose Envelope and structure BODYSTRUCTURE shows for it. Nil for other parts.
func (p *Part) Embedded() *Part {
	if p.IsMessage() && len(p.Children) == 1 {
		return p.Children[0]
	}
	return nil
}

// HeaderSize is the header's size with the empty line that ends it.
func (p *Part) HeaderSize() int64 { return p.BodyOffset - p.HeaderOffset }

// Size is the size of header and body.
func (p *Part) Size() int64 { return p.BodyOffset + p.BodySize - p.HeaderOffset }

// Section finds a part by its IMAP number (RFC 9051 section 6.4.5.1), starting
// at the message p: [2 1] is the first part of the second part. An empty number
// gives p. Nil when there is no such part.
func (p *Part) Section(number []int) *Part {
	found := p
	for i, n := range number {
		in := found
		if i > 0 {
			switch {
			case found.IsMultipart():
			case found.IsMessage():
				in = found.Children[0]
			default:
				return nil
			}
		}
		switch {
		case in.IsMultipart():
			if n < 1 || n > len(in.Children) {
				return nil
			}
			found = in.Children[n-1]
		case n == 1:
			found = in // the body of a message that is no multipart is its part 1
		default:
			return nil
		}
	}
	return found
}

// Walk calls f for p and every part below it, parents first.
func (p *Part) Walk(f func(*Part)) {
	stack := []*Part{p}
	for len(stack) > 0 {
		top := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		f(top)
		for i := len(top.Children) - 1; i >= 0; i-- {
			stack = append(stack, top.Children[i])
		}
	}
}

// Param returns a parameter of Content-Type, decoded (RFC 2231, RFC 2047).
func (p *Part) Param(name string) string { return decodeParam(p.Params, name) }

// Filename is the decoded name that the sender suggests, or "".
func (p *Part) Filename() string {
	if n := decodeParam(p.DispositionParams, "filename"); n != "" {
		return n
	}
	return decodeParam(p.Params, "name")
}

// Charset is the lower-case charset parameter, or "".
func (p *Part) Charset() string { return strings.ToLower(p.Param("charset")) }
