package titan

// Kind is how a field is read: which JSON types and which texts of a query it
// accepts (titan.md section 5).
type Kind string

// The kinds. A numeric string is a number everywhere; null is absent; a blank
// text is absent for every kind but Text and what is Clearable.
const (
	ID      Kind = "id"      // n: positive
	LooseID Kind = "looseId" // an ID if it looks like one, else ignored
	Count   Kind = "count"   // n: not negative
	Amount  Kind = "amount"  // n: decimal, not negative, at most two places
	Text    Kind = "text"    // s: trimmed
	Name    Kind = "name"    // s: trimmed and lower-cased (domains and addresses)
	Secret  Kind = "secret"  // s: as it is
	Bool    Kind = "bool"    // b
	Date    Kind = "date"    // s: yyyy-MM-dd
	Enum    Kind = "enum"    // s: one of Values
	Object  Kind = "object"  // {}: kept whole
	Nested  Kind = "nested"  // {}: of Fields
	Names   Kind = "names"   // [s]: each as Name
	IDs     Kind = "ids"     // [n]: each as ID
	Number  Kind = "number"  // n, in responses only
	List    Kind = "list"    // []: of Fields, in responses only
)

// Wire is the contract's letter for the kind.
func (k Kind) Wire() string {
	switch k {
	case ID, LooseID, Count, Amount, Number:
		return "n"
	case Bool:
		return "b"
	case Object, Nested:
		return "{}"
	case Names:
		return "[s]"
	case IDs:
		return "[n]"
	case List:
		return "[]"
	default:
		return "s"
	}
}

// Field is one key of a request or response.
type Field struct {
	Name      string
	Kind      Kind
	Required  bool
	Also      []string          // other spellings, read in this order when Name is absent
	Metadata  string            // key of `metadata` that stands in when all are absent
	Values    []string          // of an Enum
	Spellings map[string]string // old spellings of Values
	Clearable bool              // a Date or Name whose blank text, or an Object whose emptiness, means something
	Fields    []Field
	Note      string
}

func required(f Field) Field { f.Required = true; return f }

// orderFields name the order in every operation that takes titanOrderId (T-07).
func orderFields() []Field {
	return []Field{
		{Name: "titanOrderId", Kind: ID, Note: "required, unless `domainName` with `customerId`, or `serviceId`, names the order (T-07)"},
		{Name: "domainName", Kind: Name},
		{Name: "customerId", Kind: Text},
		{Name: "serviceId", Kind: LooseID},
	}
}

func withOrder(f ...Field) []Field { return append(orderFields(), f...) }

// accountFields name an account in an order.
func accountFields(idRequired bool, f ...Field) []Field {
	return withOrder(append([]Field{
		{Name: "titanAccountId", Kind: ID, Required: idRequired},
		{Name: "email", Kind: Name, Required: true},
	}, f...)...)
}

func paymentFields() []Field {
	return []Field{
		{Name: "paymentTxnId", Kind: Text},
		{Name: "chargedAmount", Kind: Amount, Note: "required on paid plans unless the partner's setting relaxes it (T-47)"},
		{Name: "currency", Kind: Text},
		{Name: "chargedUSDAmount", Kind: Amount},
		{Name: "discountAmount", Kind: Amount},
		{Name: "taxAmount", Kind: Amount},
	}
}
