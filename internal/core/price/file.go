package price

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"posthouse/internal/core/product"
	"posthouse/internal/fault"
)

// A list as a file is CSV with a header. Each line prices a unit: a slab of
// seats, or several that follow each other ("1-25" is 1-5 and 6-25), or a plan.
// The price "-" says that a unit is not for sale. What a product, action and
// tenure have a line for, they have for every number of seats, so that a line
// that was lost is noticed.

// Bounds of a file.
const (
	MaxFile     = 1 << 20
	maxLines    = 5000
	maxProblems = 20
)

// unpriced stands where a unit has no price.
const unpriced = "-"

var header = []string{"product", "unit", "action", "months", "currency", "price"}

// Problem is what is wrong with a file; Line 0 is the whole of it.
type Problem struct {
	Line int
	Text string
}

func (p Problem) String() string {
	if p.Line == 0 {
		return p.Text
	}
	return "line " + strconv.Itoa(p.Line) + ": " + p.Text
}

// ReasonFile marks the fault of a file that can't be read as a price list.
const ReasonFile = "PRICE_FILE"

// group is what slabs must cover whole.
type group struct {
	key    product.Key
	action Action
	months int
}

func (g group) String() string { return fmt.Sprintf("%s, %s, %d months", g.key, g.action, g.months) }

// reading is a file on its way in.
type reading struct {
	currency string
	rows     []Row
	seen     map[Item]int // the line that names it
	groups   []group      // in the order of the file
	problems []Problem
}

func (r *reading) wrong(line int, format string, a ...any) {
	r.problems = append(r.problems, Problem{line, fmt.Sprintf(format, a...)})
}

// Read reads a file in the issuer's currency. All that is wrong with it is told
// at once, in one fault.
func Read(file []byte, currency string) ([]Row, error) {
	r := &reading{currency: currency, seen: map[Item]int{}}
	if len(file) > MaxFile {
		r.wrong(0, "The file is larger than %d bytes", MaxFile)
		return nil, r.fault()
	}
	c := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\ufeff"))))
	c.FieldsPerRecord, c.ReuseRecord = -1, true
	for lines := 0; ; lines++ {
		fields, err := c.Read()
		if errors.Is(err, io.EOF) {
			if lines == 0 {
				r.wrong(0, "The file is empty")
			}
			break
		}
		if err != nil {
			var p *csv.ParseError
			if errors.As(err, &p) {
				r.wrong(p.Line, "The line can't be read: %v", p.Err)
			} else {
				r.wrong(0, "The file can't be read")
			}
			break
		}
		line, _ := c.FieldPos(0)
		if lines > maxLines {
			r.wrong(line, "There are more than %d lines", maxLines)
			break
		}
		if lines == 0 {
			if !slices.Equal(fields, header) {
				r.wrong(line, "The header is not %s", strings.Join(header, ","))
				break
			}
			continue
		}
		r.line(line, fields)
	}
	if len(r.problems) == 0 {
		r.gaps()
	}
	Sort(r.rows)
	return r.rows, r.fault()
}

func (r *reading) line(n int, f []string) {
	if len(f) != len(header) {
		r.wrong(n, "There are %d columns, not %d", len(f), len(header))
		return
	}
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	p, ok := product.Find(product.Key(f[0]))
	if !ok {
		r.wrong(n, "There is no product %q", clip(f[0]))
		return
	}
	units, problem := unitsOf(p, f[1])
	if problem != "" {
		r.wrong(n, "%s", problem)
		return
	}
	months, err := strconv.Atoi(f[3])
	if err != nil || strconv.Itoa(months) != f[3] {
		r.wrong(n, "%q is no number of months", clip(f[3]))
		return
	}
	if f[4] != r.currency {
		r.wrong(n, "The currency is %q, that of the list is %s", clip(f[4]), r.currency)
		return
	}
	row := Row{Item: Item{Product: p.Key, Action: Action(f[2]), Months: months}}
	if f[5] != unpriced {
		if row.Figure, err = ParseFigure(f[5]); err != nil {
			r.wrong(n, "%s: %q", fault.Of(err).Text, clip(f[5]))
			return
		}
	}
	for _, u := range units {
		row.Unit = u
		if err := row.Check(); err != nil {
			r.wrong(n, "%s", fault.Of(err).Text)
			return
		}
		if first := r.seen[row.Item]; first != 0 {
			r.wrong(n, "%s, %s, %s, %d months is in line %d already", p.Key, u, row.Action, months, first)
			return
		}
		r.seen[row.Item] = n
		if f[5] != unpriced {
			r.rows = append(r.rows, row)
		}
	}
	if g := (group{p.Key, row.Action, months}); len(p.Slabs) > 0 && !slices.Contains(r.groups, g) {
		r.groups = append(r.groups, g)
	}
}

// unitsOf gives the units that a column names.
func unitsOf(p product.Product, s string) (units []string, problem string) {
	all := Units(p)
	if slices.Contains(all, s) {
		return []string{s}, ""
	}
	if len(p.Slabs) == 0 {
		return nil, fmt.Sprintf("%s has no plan %q; its plans are %s", p.Key, clip(s), strings.Join(all, " "))
	}
	low, high, ok := strings.Cut(s, "-")
	from, err1 := strconv.Atoi(low)
	to, err2 := strconv.Atoi(high)
	if !ok || err1 != nil || err2 != nil || from < 1 || from > to {
		return nil, fmt.Sprintf("%q is no range of seats", clip(s))
	}
	i := slices.IndexFunc(p.Slabs, func(x product.Slab) bool { return x.From == from })
	j := slices.IndexFunc(p.Slabs, func(x product.Slab) bool { return x.To == to })
	if i < 0 || j < i {
		return nil, fmt.Sprintf("%s does not begin and end where slabs of %s do: %s", clip(s), p.Key, strings.Join(all, " "))
	}
	return all[i : j+1], ""
}

// gaps tells of seats that a group has no line for.
func (r *reading) gaps() {
	for _, g := range r.groups {
		p, _ := product.Find(g.key)
		var missing []string
		for _, s := range p.Slabs {
			if r.seen[Item{g.key, s.String(), g.action, g.months}] == 0 {
				missing = append(missing, s.String())
			}
		}
		if len(missing) > 0 {
			r.wrong(0, "%s: there is no line for the seats %s; write %q where none is sold", g, strings.Join(missing, " "), unpriced)
		}
	}
}

func (r *reading) fault() error {
	if len(r.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int { return a.Line - b.Line })
	var lines []string
	for i, p := range r.problems {
		if i == maxProblems {
			lines = append(lines, fmt.Sprintf("and %d more", len(r.problems)-i))
			break
		}
		lines = append(lines, p.String())
	}
	return fault.New(fault.Invalid, strings.Join(lines, "\n")).WithReason(ReasonFile)
}

// Write gives the file of a list, which Read reads back as it is.
func Write(rows []Row, currency string) []byte {
	figures := map[Item]string{}
	for _, r := range rows {
		figures[r.Item] = r.Figure.String()
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(header) // a buffer takes all
	for _, p := range product.All() {
		units := Units(p)
		for _, a := range Actions {
			for _, m := range product.Tenures {
				sold := slices.ContainsFunc(units, func(u string) bool { return figures[Item{p.Key, u, a, m}] != "" })
				for _, u := range units {
					f := figures[Item{p.Key, u, a, m}]
					if f == "" {
						if !sold || len(p.Slabs) == 0 {
							continue
						}
						f = unpriced
					}
					_ = w.Write([]string{string(p.Key), u, string(a), strconv.Itoa(m), currency, f})
				}
			}
		}
	}
	w.Flush()
	return b.Bytes()
}
