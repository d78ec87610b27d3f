package customer

import "time"

// Profile is what a holder tells of his business, in fields of any name
// (basekit.md 5.13). Of the first one business and email stand below our mails.
type Profile struct {
	ID         int64 // profileRef
	PartnerID  int64
	CustomerID int64
	Fields     []ProfileField
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// ProfileField is one of them.
type ProfileField struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Field gives a field's value, "" when there is none of that name.
func (p *Profile) Field(name string) string {
	for _, f := range p.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// Set changes or adds a field; nil removes it.
func (p *Profile) Set(name string, value *string) {
	for i, f := range p.Fields {
		if f.Name != name {
			continue
		}
		if value == nil {
			p.Fields = append(p.Fields[:i:i], p.Fields[i+1:]...)
		} else {
			p.Fields[i].Value = *value
		}
		return
	}
	if value != nil {
		p.Fields = append(p.Fields, ProfileField{name, *value})
	}
}
