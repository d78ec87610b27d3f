package web

import (
	"strconv"
	"strings"
	"time"

	"posthouse/internal/money"
)

// format is how a language writes amounts and dates.
type format struct {
	group, point string
	before       bool   // the currency's sign stands before the number
	space        bool   // with a space between
	long         string // a date: {d}, {m}, {y}
}

var formats = map[string]format{
	"en-us": {",", ".", true, false, "{m} {d}, {y}"},
	"en-gb": {",", ".", true, false, "{d} {m} {y}"},
	"de-de": {".", ",", false, true, "{d}. {m} {y}"},
	"es-es": {".", ",", false, true, "{d} de {m} de {y}"},
	"fr-fr": {"\u202f", ",", false, true, "{d} {m} {y}"},
	"pt-br": {".", ",", true, true, "{d} de {m} de {y}"},
}

func formatOf(tag string) format {
	if f, ok := formats[tag]; ok {
		return f
	}
	return formats["en-us"]
}

// signs are of currencies that everybody knows by them.
var signs = map[string]string{"USD": "$", "GBP": "£", "EUR": "€", "INR": "₹", "BRL": "R$"}

// amount writes every digit that v has, two places at least.
func (f format) amount(v money.Value, currency string) string {
	whole, places, _ := strings.Cut(v.Abs().Cents(), ".")
	var b strings.Builder
	if v < 0 {
		b.WriteString("\u2212")
	}
	sign, space := signs[currency], f.space
	if sign == "" {
		sign, space = currency, true
	}
	between := ""
	if space {
		between = "\u00a0"
	}
	if f.before {
		b.WriteString(sign + between)
	}
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(f.group)
		}
		b.WriteRune(digit)
	}
	b.WriteString(f.point + places)
	if !f.before {
		b.WriteString(between + sign)
	}
	return b.String()
}

// date writes a day; months are their names, January first.
func (f format) date(t time.Time, months []string) string {
	month := strconv.Itoa(int(t.Month()))
	if len(months) == 12 {
		month = months[t.Month()-1]
	}
	return strings.NewReplacer("{d}", strconv.Itoa(t.Day()), "{m}", month, "{y}", strconv.Itoa(t.Year())).Replace(f.long)
}
