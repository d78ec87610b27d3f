package titan

import (
	"reflect"
	"strings"
)

// shapeOf declares the fields of a response from its struct, so that what is
// sent has one definition. Tags: `kind` where the Go type does not say (date),
// `note` for the page.
func shapeOf[T any]() []Field { return shape(reflect.TypeFor[T]()) }

func shape(t reflect.Type) []Field {
	var out []Field
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" {
			continue // reqID, which every response has
		}
		d := Field{Name: name, Kind: Kind(f.Tag.Get("kind")), Note: f.Tag.Get("note")}
		ft := f.Type
		if ft.Kind() == reflect.Pointer {
			ft = ft.Elem()
			if options != "omitempty" && d.Note == "" {
				d.Note = "or null"
			}
		}
		kind := Text
		switch ft.Kind() {
		case reflect.Bool:
			kind = Bool
		case reflect.Int, reflect.Int64:
			kind = Number
		case reflect.Map:
			kind = Object
		case reflect.Struct:
			kind, d.Fields = Nested, shape(ft)
		case reflect.Slice:
			kind = Names
			if ft.Elem().Kind() == reflect.Struct {
				kind, d.Fields = List, shape(ft.Elem())
			}
		}
		if d.Kind == "" {
			d.Kind = kind
		}
		out = append(out, d)
	}
	return out
}
