package message

// maxDecodeDepth is beyond every depth that Scan's limits may sensibly have.
const maxDecodeDepth = 1000

// decoder reads the compact form. Every string is a piece of one copy of it.
type decoder struct {
	text string
	bad  bool

	parts     []Part
	children  []*Part
	params    []Param
	addresses []EnvelopeAddress
	envelopes []Envelope
	languages []string
}

// DecodePart reads what AppendBinary wrote. Anything else gives fault.Internal;
// memory stays in proportion to b.
func DecodePart(b []byte) (*Part, error) {
	if len(b) == 0 || b[0] != binaryVersion {
		return nil, errDamaged
	}
	d := decoder{text: string(b[1:])}
	// The least size of each thing bounds how many there may be.
	parts, params, addresses := d.count(8), d.count(2), d.count(4)
	envelopes, languages := d.count(10), d.count(1)
	if d.bad || parts == 0 {
		return nil, errDamaged
	}
	d.parts, d.children = make([]Part, parts), make([]*Part, parts)
	d.envelopes = make([]Envelope, envelopes)
	if params > 0 {
		d.params = make([]Param, params)
	}
	if addresses > 0 {
		d.addresses = make([]EnvelopeAddress, addresses)
	}
	if languages > 0 {
		d.languages = make([]string, languages)
	}
	root := d.part(0, 0)
	if d.bad || d.text != "" || len(d.parts)+len(d.params)+len(d.addresses)+len(d.envelopes)+len(d.languages) > 0 {
		return nil, errDamaged
	}
	return root, nil
}

func (d *decoder) number() uint64 {
	var v uint64
	for i := 0; i < len(d.text) && i < 10; i++ {
		c := d.text[i]
		v |= uint64(c&0x7F) << (7 * i)
		if c < 0x80 {
			d.text = d.text[i+1:]
			return v
		}
	}
	d.fail()
	return 0
}

func (d *decoder) fail() { d.bad, d.text = true, "" }

// size reads a number that is no more than an offset can be.
func (d *decoder) size() int64 {
	v := d.number()
	if v > 1<<48 {
		d.fail()
		return 0
	}
	return int64(v)
}

// count reads the number of things that each take at least least octets.
func (d *decoder) count(least int) int {
	v := d.number()
	if v > uint64(len(d.text)/least) {
		d.fail()
		return 0
	}
	return int(v)
}

func (d *decoder) string() string {
	v := d.number()
	if v&1 != 0 {
		if v>>1 >= uint64(len(dictionary)) {
			d.fail()
			return ""
		}
		return dictionary[v>>1]
	}
	if v >>= 1; v > uint64(len(d.text)) {
		d.fail()
		return ""
	}
	s := d.text[:v]
	d.text = d.text[v:]
	return s
}

// take cuts n things off what is left of their array.
func take[T any](d *decoder, all *[]T, n int) []T {
	if n == 0 {
		return nil
	}
	if n > len(*all) {
		d.fail()
		return nil
	}
	list := (*all)[:n:n]
	*all = (*all)[n:]
	return list
}

func (d *decoder) part(base int64, depth int) *Part {
	one := take(d, &d.parts, 1)
	if len(one) == 0 || depth > maxDecodeDepth || d.text == "" {
		d.fail()
		return nil
	}
	p := &one[0]
	flags := d.text[0]
	d.text = d.text[1:]
	p.HeaderOffset = base + d.size()
	p.BodyOffset = p.HeaderOffset + d.size()
	p.BodySize = d.size()
	p.Lines = d.size()
	p.Type, p.Subtype, p.Encoding = d.string(), d.string(), d.string()
	p.Params = d.paramList()
	if flags&flagDisposition != 0 {
		p.Disposition = d.string()
		p.DispositionParams = d.paramList()
	}
	if flags&flagRare != 0 {
		p.ID, p.Description, p.MD5, p.Location = d.string(), d.string(), d.string(), d.string()
		p.Language = take(d, &d.languages, d.count(1))
		for i := range p.Language {
			p.Language[i] = d.string()
		}
	}
	if flags&flagEnvelope != 0 {
		d.envelope(p)
	}
	if flags&flagChildren != 0 {
		p.Children = take(d, &d.children, d.count(8))
		for i := range p.Children {
			if p.Children[i] = d.part(p.HeaderOffset, depth+1); d.bad {
				return nil
			}
		}
	}
	switch {
	case p.IsMultipart() && len(p.Children) == 0, p.IsMessage() && len(p.Children) != 1:
		d.fail()
		return nil
	case p.IsMessage():
		if p.Children[0].Envelope == nil {
			d.fail()
			return nil
		}
	}
	return p
}

func (d *decoder) paramList() []Param {
	params := take(d, &d.params, d.count(2))
	for i := range params {
		params[i] = Param{d.string(), d.string()}
	}
	return params
}

func (d *decoder) envelope(p *Part) {
	one := take(d, &d.envelopes, 1)
	if len(one) == 0 {
		return
	}
	e := &one[0]
	p.Envelope = e
	e.Date, e.Subject, e.InReplyTo, e.MessageID = d.string(), d.string(), d.string(), d.string()
	e.From = d.addressList(nil)
	e.Sender = d.addressList(e.From)
	e.ReplyTo = d.addressList(e.From)
	e.To, e.Cc, e.Bcc = d.addressList(nil), d.addressList(nil), d.addressList(nil)
}

func (d *decoder) addressList(from []EnvelopeAddress) []EnvelopeAddress {
	if d.text != "" && d.text[0] == 0 {
		d.text = d.text[1:]
		return from
	}
	n := d.number()
	if n == 0 || n > uint64(len(d.text)/4)+1 {
		d.fail()
		return nil
	}
	list := take(d, &d.addresses, int(n-1))
	for i := range list {
		list[i] = EnvelopeAddress{d.string(), d.string(), d.string(), d.string()}
	}
	return list
}
