package native

import (
	"strings"

	"posthouse/internal/fault"
)

// Condition is the header of a change of what an ETag names.
type Condition struct {
	IfMatch string `header:"If-Match" maxLength:"128" doc:"The ETag that you have seen, or *. Without it the answer is 428; if the object has changed since, 412."`
}

var (
	errNoMatch = fault.New(fault.Invalid, "Send If-Match with the ETag that you have seen, or *").WithReason("PRECONDITION_REQUIRED")
	errMatch   = fault.New(fault.Conflict, "It has changed since it was read").WithReason("PRECONDITION_FAILED")
)

func etag(version string) string { return `"` + version + `"` }

// version gives what the tag of If-Match names; "" for any.
func (m Condition) version() (string, error) {
	switch v := strings.TrimSpace(m.IfMatch); {
	case v == "":
		return "", errNoMatch
	case v == "*":
		return "", nil
	case len(v) > 2 && v[0] == '"' && v[len(v)-1] == '"' && !strings.Contains(v[1:len(v)-1], `"`):
		return v[1 : len(v)-1], nil
	}
	return "", errMatch // weak tags, lists and rubbish match nothing that we gave
}
