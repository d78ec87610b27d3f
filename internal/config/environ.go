package config

import (
	"encoding"
	"fmt"
	"log/slog"
	"net"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// EnvPrefix begins every variable: smtp.mx is POSTHOUSE_SMTP_MX.
const EnvPrefix = "POSTHOUSE_"

var levels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}

// LogLevel is the configured level.
func (c *Config) LogLevel() slog.Level { return levels[c.Log.Level] }

// Key is one configuration key.
type Key struct {
	Name string // smtp.mx
	Env  string // POSTHOUSE_SMTP_MX
	Type string
	Doc  string
	Def  string // the default as it would be written in TOML
}

// Keys lists every key in the order of the structs.
func Keys() []Key {
	var out []Key
	walk(reflect.ValueOf(Default()).Elem(), "", func(name string, v reflect.Value, f reflect.StructField) {
		out = append(out, Key{Name: name, Env: envName(name), Type: typeName(v.Type()), Doc: f.Tag.Get("doc"), Def: literal(v)})
	})
	return out
}

func envName(name string) string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(name, ".", "_"))
}

func walk(v reflect.Value, prefix string, leaf func(string, reflect.Value, reflect.StructField)) {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		name := prefix + f.Tag.Get("toml")
		if f.Type.Kind() == reflect.Struct {
			walk(v.Field(i), name+".", leaf)
			continue
		}
		leaf(name, v.Field(i), f)
	}
}

// override sets every key whose variable is in environ. A variable with our
// prefix that names no key is an error: it is a typing mistake.
func override(c *Config, environ []string) error {
	vars := map[string]string{}
	for _, kv := range environ {
		if k, v, ok := strings.Cut(kv, "="); ok && strings.HasPrefix(k, EnvPrefix) && !reserved(k) {
			vars[k] = v
		}
	}
	var problems []error
	walk(reflect.ValueOf(c).Elem(), "", func(name string, v reflect.Value, _ reflect.StructField) {
		env := envName(name)
		text, ok := vars[env]
		if !ok {
			return
		}
		delete(vars, env)
		if err := set(v, text); err != nil {
			problems = append(problems, fmt.Errorf("config: %s (%s): %w", env, name, err))
		}
	})
	for k := range vars {
		problems = append(problems, fmt.Errorf("config: %s names no key; see 'posthouse config keys'", k))
	}
	return joinSorted(problems)
}

// reserved variables steer the command line and the tests, not the configuration.
func reserved(k string) bool {
	return k == EnvPrefix+"CONFIG" || strings.HasPrefix(k, EnvPrefix+"TEST_")
}

func set(v reflect.Value, text string) error {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is not true or false", text)
		}
		v.SetBool(b)
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is no number", text)
		}
		v.SetInt(n)
	case reflect.Slice:
		v.Set(reflect.ValueOf(list(text)))
	case reflect.Map:
		return setMap(v, text)
	default:
		return fmt.Errorf("keys of type %s can't be set by environment", v.Type())
	}
	return nil
}

func setMap(v reflect.Value, text string) error {
	m := reflect.MakeMap(v.Type())
	for _, item := range list(text) {
		k, val, ok := strings.Cut(item, "=")
		if !ok {
			return fmt.Errorf("%q is not name=value, name=value", item)
		}
		e := reflect.New(v.Type().Elem()).Elem()
		if err := set(e, strings.TrimSpace(val)); err != nil {
			return err
		}
		m.SetMapIndex(reflect.ValueOf(strings.TrimSpace(k)), e)
	}
	v.Set(m)
	return nil
}

func list(text string) []string {
	out := []string{}
	for _, s := range strings.Split(text, ",") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func typeName(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[Duration]():
		return "duration"
	case t.Kind() == reflect.Slice:
		return "list of strings"
	case t.Kind() == reflect.Map && t.Elem().Kind() == reflect.String:
		return "table of strings"
	case t.Kind() == reflect.Map:
		return "table of numbers"
	case t.Kind() == reflect.String:
		return "string"
	case t.Kind() == reflect.Bool:
		return "true or false"
	}
	return "number"
}

func literal(v reflect.Value) string {
	if d, ok := v.Interface().(Duration); ok {
		b, _ := d.MarshalText() // never fails
		return strconv.Quote(string(b))
	}
	switch v.Kind() {
	case reflect.String:
		return strconv.Quote(v.String())
	case reflect.Slice:
		var items []string
		for i := range v.Len() {
			items = append(items, strconv.Quote(v.Index(i).String()))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case reflect.Map:
		return "{}"
	}
	return fmt.Sprint(v.Interface())
}

func validListen(a string) bool {
	_, port, err := net.SplitHostPort(a)
	if err != nil {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n <= 65535
}

func sorted(errs []error) []error {
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errs
}
