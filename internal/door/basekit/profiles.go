package basekit

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/holders"
)

// profileCore is 5.13.
type profileCore interface {
	HolderProfiles(ctx context.Context, actor audit.Actor, ref int64) ([]*customer.Profile, error)
	HolderProfile(ctx context.Context, actor audit.Actor, ref, profileRef int64) (*customer.Profile, error)
	CreateHolderProfile(ctx context.Context, actor audit.Actor, ref int64, fields []holders.ProfileChange) (*customer.Profile, error)
	ModifyHolderProfile(ctx context.Context, actor audit.Actor, ref, profileRef int64, fields []holders.ProfileChange) (*customer.Profile, error)
	DeleteHolderProfile(ctx context.Context, actor audit.Actor, ref, profileRef int64) error
}

// profileOperations are the rows of 5.13.
func profileOperations() []*operation {
	fields := []param{{"fields", "array", true}}
	const all, one = "/users/:ref/profiles", "/users/:ref/profiles/:profileRef"
	return []*operation{
		{method: "GET", path: all, section: "5.13", serve: listProfiles},
		{method: "POST", path: all, section: "5.13", status: 201, params: fields, serve: createProfile},
		{method: "GET", path: one, section: "5.13", serve: getProfile},
		{method: "PUT", path: one, section: "5.13", params: fields, serve: modifyProfile},
		{method: "DELETE", path: one, section: "5.13", status: 204, serve: deleteProfile},
	}
}

func profileObject(p *customer.Profile) object {
	fields := make([]object, len(p.Fields))
	for i, f := range p.Fields {
		fields[i] = object{"name": f.Name, "value": f.Value}
	}
	return object{"ref": p.ID, "fields": fields}
}

func listProfiles(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	all, err := c.door.core.HolderProfiles(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	list := make([]object, len(all))
	for i, p := range all {
		list[i] = profileObject(p)
	}
	return object{"profiles": list}, nil
}

func getProfile(ctx context.Context, c *call, in *input) (any, error) {
	ref, profileRef, err := in.profileRefs()
	if err != nil {
		return nil, err
	}
	p, err := c.door.core.HolderProfile(ctx, c.actor, ref, profileRef)
	if err != nil {
		return nil, err
	}
	return object{"profile": profileObject(p)}, nil
}

func createProfile(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	fields := in.profileFields()
	if err := in.fault(); err != nil {
		return nil, err
	}
	p, err := c.door.core.CreateHolderProfile(ctx, c.actor, ref, fields)
	if err != nil {
		return nil, err
	}
	return object{"profile": profileObject(p)}, nil
}

func modifyProfile(ctx context.Context, c *call, in *input) (any, error) {
	ref, profileRef, err := in.profileRefs()
	if err != nil {
		return nil, err
	}
	fields := in.profileFields()
	if err := in.fault(); err != nil {
		return nil, err
	}
	p, err := c.door.core.ModifyHolderProfile(ctx, c.actor, ref, profileRef, fields)
	if err != nil {
		return nil, err
	}
	return object{"profile": profileObject(p)}, nil
}

func deleteProfile(ctx context.Context, c *call, in *input) (any, error) {
	ref, profileRef, err := in.profileRefs()
	if err != nil {
		return nil, err
	}
	if err := c.door.core.DeleteHolderProfile(ctx, c.actor, ref, profileRef); err != nil {
		return nil, err
	}
	return none{}, nil
}

func (in *input) profileRefs() (ref, profileRef int64, err error) {
	if ref, err = in.pathRef("ref"); err != nil {
		return 0, 0, err
	}
	profileRef, err = in.pathRef("profileRef")
	return ref, profileRef, err
}

// profileFields reads [{"name","value"}]; a value that is null removes the field.
func (in *input) profileFields() []holders.ProfileChange {
	if !in.has("fields") {
		in.fail("fields", ruleRequired, "fields is required")
		return nil
	}
	var out []holders.ProfileChange
	if form, ok := in.sent["fields"].(map[string]any); ok { // fields[0][name]=..&fields[0][value]=..
		in.sent["fields"] = inOrder(form)
	}
	for _, one := range in.list("fields") {
		o, _ := one.(map[string]any)
		name, ok := o["name"].(string)
		if !ok {
			in.fail("fields", ruleInvalid, "Each of fields has a name and a value")
			return nil
		}
		change := holders.ProfileChange{Name: name}
		switch v := o["value"].(type) {
		case nil:
			if _, sent := o["value"]; !sent {
				in.fail("fields", ruleInvalid, "Each of fields has a name and a value")
				return nil
			}
		case string:
			change.Value = &v
		case json.Number:
			s := v.String()
			change.Value = &s
		case bool:
			s := strconv.FormatBool(v)
			change.Value = &s
		default:
			in.fail("fields", ruleInvalid, "The value of a field is a text")
			return nil
		}
		out = append(out, change)
	}
	return out
}

// inOrder reads what a form has for want of arrays: fields[0][name]=.. is kept as
// "0][name" of fields.
func inOrder(form map[string]any) []any {
	byIndex := map[string]map[string]any{}
	for key, v := range form {
		index, property, ok := strings.Cut(key, "][")
		if !ok {
			return []any{nil} // no array: what is in it names no field
		}
		if byIndex[index] == nil {
			byIndex[index] = map[string]any{}
		}
		byIndex[index][property] = v
	}
	var out []any
	for i := range len(form) {
		if o, ok := byIndex[strconv.Itoa(i)]; ok {
			out = append(out, o)
		}
	}
	if len(out) != len(byIndex) {
		return []any{nil}
	}
	return out
}
