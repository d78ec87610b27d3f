package titan

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"posthouse/internal/fault"
	"posthouse/internal/money"
)

// dateForm is yyyy-MM-dd.
const dateForm = "2006-01-02"

// decode reads the declared fields out of what was sent; this and parseBody
// are the whole of the leniency of titan.md section 5.
func decode(fields []Field, sent map[string]value) (*record, error) {
	return decodeIn("", fields, sent)
}

func decodeIn(path string, fields []Field, sent map[string]value) (*record, error) {
	r := &record{cells: make(map[string]cell, len(fields))}
	for i := range fields {
		f := &fields[i]
		name, v := find(f, sent)
		c, ok, err := read(f, path+name, v)
		if err != nil {
			return nil, err
		}
		if !ok && f.Metadata != "" {
			c, ok = fallback(f, sent["metadata"].fields[f.Metadata])
		}
		switch {
		case ok:
			r.cells[f.Name] = c
		case f.Required:
			return nil, missing(path + f.Name)
		}
	}
	return r, nil
}

// find gives the first spelling that is there and not null.
func find(f *Field, sent map[string]value) (string, value) {
	if v := sent[f.Name]; v.typ != typeNull {
		return f.Name, v
	}
	for _, name := range f.Also {
		if v := sent[name]; v.typ != typeNull {
			return name, v
		}
	}
	return f.Name, value{}
}

// fallback reads a key of the metadata. Metadata is free: what does not fit
// there is no error, it is only not used.
func fallback(f *Field, v value) (cell, bool) {
	c, ok, err := read(f, f.Name, v)
	return c, ok && err == nil
}

// read gives the field's cell and whether there is any.
func read(f *Field, name string, v value) (cell, bool, error) {
	if v.typ == typeNull {
		return cell{}, false, nil
	}
	switch f.Kind {
	case Object, Nested:
		return readObject(f, name, v)
	case Names:
		return readNames(name, v)
	case IDs:
		return readIDs(name, v)
	case Bool:
		return readBool(name, v)
	case ID, LooseID, Count, Amount:
		return readNumber(f, name, v)
	}
	// A shop whose ids are integers sends customerId as a number.
	whole := v.typ == typeNumber && f.Kind == Text && digits(v.text)
	if v.typ != typeString && !whole {
		return cell{}, false, invalid(name, "a string")
	}
	if !utf8.ValidString(v.text) || strings.ContainsRune(v.text, 0) {
		return cell{}, false, invalid(name, "text without NUL characters")
	}
	return readText(f, name, v.text)
}

func readText(f *Field, name, text string) (cell, bool, error) {
	if f.Kind == Secret {
		return cell{text: text}, text != "", nil // panels send it empty when it stays
	}
	text = strings.TrimSpace(text)
	switch f.Kind {
	case Name:
		text = strings.ToLower(text)
		return cell{text: text}, text != "" || f.Clearable, nil
	case Date:
		return readDate(f, name, text)
	case Enum:
		if other, ok := f.Spellings[text]; ok {
			text = other
		}
		if text != "" && !slices.Contains(f.Values, text) {
			return cell{}, false, invalid(name, "one of "+strings.Join(f.Values, ", "))
		}
		return cell{text: text}, text != "", nil
	default:
		return cell{text: text}, text != "" || !f.Required, nil
	}
}

func readDate(f *Field, name, text string) (cell, bool, error) {
	if text == "" {
		return cell{blank: true}, f.Clearable, nil
	}
	t, err := time.Parse(dateForm, text)
	if err != nil || t.Year() < 1970 {
		return cell{}, false, invalid(name, "a date in the form yyyy-MM-dd")
	}
	return cell{date: t}, true, nil
}

func readBool(name string, v value) (cell, bool, error) {
	text := v.text
	switch v.typ {
	case typeBool:
		return cell{yes: v.yes}, true, nil
	case typeString:
		text = strings.ToLower(strings.TrimSpace(text))
		if text == "" {
			return cell{}, false, nil
		}
	case typeNumber:
	default:
		text = "?"
	}
	switch {
	case text == "1", v.typ == typeString && text == "true":
		return cell{yes: true}, true, nil
	case text == "0", v.typ == typeString && text == "false":
		return cell{}, true, nil
	}
	return cell{}, false, invalid(name, "true or false")
}

func readNumber(f *Field, name string, v value) (cell, bool, error) {
	want := map[Kind]string{
		ID: "a positive whole number", Count: "a whole number from 0 on",
		Amount: "a number from 0 on with at most two decimals",
	}[f.Kind]
	text := v.text
	switch v.typ {
	case typeNumber:
	case typeString:
		if text = strings.TrimSpace(text); text == "" {
			return cell{}, false, nil
		}
	default:
		if f.Kind == LooseID {
			return cell{}, false, nil
		}
		return cell{}, false, invalid(name, want)
	}
	if f.Kind == Amount {
		a, ok := parseAmount(text)
		if !ok {
			return cell{}, false, invalid(name, want)
		}
		return cell{amount: a}, true, nil
	}
	bits := 63
	if f.Kind == Count {
		bits = 31
	}
	n, ok := parseWhole(text, bits)
	if f.Kind == LooseID {
		return cell{n: n}, ok && n > 0, nil
	}
	if !ok || f.Kind == ID && n == 0 {
		return cell{}, false, invalid(name, want)
	}
	return cell{n: n}, true, nil
}

// parseWhole reads digits; "5.0" is 5, since some clients' languages write so.
func parseWhole(s string, bits int) (int64, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	if !digits(whole) || strings.Trim(fraction, "0") != "" {
		return 0, false
	}
	n, err := strconv.ParseUint(whole, 10, bits)
	return int64(n), err == nil
}

// parseAmount reads a plain decimal: no sign, no exponent, no third place.
func parseAmount(s string) (money.Amount, bool) {
	whole, fraction, dot := strings.Cut(s, ".")
	if !digits(whole) || dot && !digits(fraction) || len(strings.TrimRight(fraction, "0")) > 2 {
		return money.Amount{}, false
	}
	a, err := money.Parse(s)
	return a, err == nil
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func readObject(f *Field, name string, v value) (cell, bool, error) {
	if v.typ == typeArray && len(v.items) == 0 { // PHP's empty map says nothing
		return cell{raw: json.RawMessage("{}")}, f.Clearable, nil
	}
	if v.typ != typeObject {
		return cell{}, false, invalid(name, "an object")
	}
	if f.Kind == Object {
		return cell{raw: json.RawMessage(slices.Clone(v.raw))}, true, nil
	}
	nested, err := decodeIn(name+".", f.Fields, v.fields)
	return cell{nested: nested}, err == nil, err
}

func readNames(name string, v value) (cell, bool, error) {
	if v.typ != typeArray {
		return cell{}, false, invalid(name, "an array of strings")
	}
	out := make([]string, 0, len(v.items))
	for _, item := range v.items {
		if item.typ != typeString || strings.ContainsRune(item.text, 0) {
			return cell{}, false, invalid(name, "an array of strings")
		}
		out = append(out, strings.ToLower(strings.TrimSpace(item.text)))
	}
	return cell{names: out}, len(out) > 0, nil
}

func readIDs(name string, v value) (cell, bool, error) {
	if v.typ != typeArray {
		return cell{}, false, invalid(name, "an array of numbers")
	}
	out := make([]int64, 0, len(v.items))
	for _, item := range v.items {
		n, ok := parseWhole(strings.TrimSpace(item.text), 63)
		if (item.typ != typeNumber && item.typ != typeString) || !ok || n == 0 {
			return cell{}, false, invalid(name, "an array of positive whole numbers")
		}
		out = append(out, n)
	}
	return cell{ids: out}, len(out) > 0, nil
}

// parseQuery reads the parameters of a GET. A blank one is absent; one that
// comes twice is refused, as in a body.
func parseQuery(raw string, known map[string]bool) (map[string]value, error) {
	q, err := url.ParseQuery(raw)
	if err != nil {
		return nil, errUnparsable
	}
	sent := make(map[string]value, len(q))
	for name, values := range q {
		if !known[name] {
			continue
		}
		if len(values) > 1 {
			return nil, fault.Newf(fault.Invalid, "The query has the parameter %s twice", name).WithReason("DUPLICATE_KEY")
		}
		if strings.TrimSpace(values[0]) != "" {
			sent[name] = value{typ: typeString, text: values[0]}
		}
	}
	return sent, nil
}

// knownKeys are the top-level keys that fields are read from.
func knownKeys(fields []Field) map[string]bool {
	known := make(map[string]bool)
	for _, f := range fields {
		known[f.Name] = true
		for _, a := range f.Also {
			known[a] = true
		}
		if f.Metadata != "" {
			known["metadata"] = true
		}
	}
	return known
}
