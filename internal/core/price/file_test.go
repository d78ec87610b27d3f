package price

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"posthouse/internal/core/product"
	"posthouse/internal/fault"
)

const head = "product,unit,action,months,currency,price\n"

func TestRead(t *testing.T) {
	rows, err := Read([]byte("\ufeff"+head+"eeliteus,50-200000,add,1,EUR,0.3\r\neeliteus, 1-25 ,add,1,EUR,\"0.350\"\neeliteus,26-49,add,1,EUR,-\ntitanmailglobal,1762,renew,12,EUR,0\n"), "EUR")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		got = append(got, string(r.Product)+" "+r.Unit+" "+r.Figure.String())
	}
	if want := []string{"eeliteus 1-5 0.35", "eeliteus 6-25 0.35", "eeliteus 50-200000 0.3", "titanmailglobal 1762 0"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
	if rows, err := Read([]byte(head), "EUR"); err != nil || len(rows) != 0 {
		t.Error(rows, err)
	}
}

func TestReadTellsWhatIsWrong(t *testing.T) {
	whole := "eeliteus,1-5,add,1,EUR,1\neeliteus,6-25,add,1,EUR,1\neeliteus,26-49,add,1,EUR,1\neeliteus,50-200000,add,1,EUR,1\n"
	for _, c := range []struct{ name, file, want string }{
		{"empty", "", "The file is empty"},
		{"no header", whole, "line 1: The header is not product,unit,action,months,currency,price"},
		{"product", head + "eelitein,1-5,add,1,EUR,1\n", `line 2: There is no product "eelitein"`},
		{"plan", head + "titanmailindia,1762,add,1,EUR,1\n", `line 2: titanmailindia has no plan "1762"; its plans are 1761 1758 1759 1760`},
		{"slab", head + whole + "eeliteus,1-7,add,3,EUR,1\n", "line 6: 1-7 does not begin and end where slabs of eeliteus do: 1-5 6-25 26-49 50-200000"},
		{"no slab", head + "eeliteus,many,add,1,EUR,1\n", `line 2: "many" is no range of seats`},
		{"backwards", head + "eeliteus,25-6,add,1,EUR,1\n", `line 2: "25-6" is no range of seats`},
		{"huge", head + "eeliteus,1-99999999999999999999,add,1,EUR,1\n", `is no range of seats`},
		{"overlap", head + whole + "eeliteus,1-25,add,1,EUR,2\n", "line 6: eeliteus, 1-5, add, 1 months is in line 2 already"},
		{"twice", head + whole + "eeliteus,6-25,add,1,EUR,1\n", "line 6: eeliteus, 6-25, add, 1 months is in line 3 already"},
		{"gap", head + strings.Replace(whole, "eeliteus,6-25,add,1,EUR,1\n", "", 1), `eeliteus, add, 1 months: there is no line for the seats 6-25; write "-" where none is sold`},
		{"gap at the end", head + "eeliteus,1-25,renew,12,EUR,1\n", "there is no line for the seats 26-49 50-200000"},
		{"action", head + "eeliteus,1-5,ADD,1,EUR,1\n", `line 2: There is no price action "ADD"`},
		{"tenure", head + "eeliteus,1-5,add,24,EUR,1\n", "line 2: There is no tenure of 24 months"},
		{"tenure as text", head + "eeliteus,1-5,add,one,EUR,1\n", `line 2: "one" is no number of months`},
		{"tenure with a sign", head + "eeliteus,1-5,add,+1,EUR,1\n", `line 2: "+1" is no number of months`},
		{"currency", head + "eeliteus,1-5,add,1,USD,1\n", `line 2: The currency is "USD", that of the list is EUR`},
		{"negative", head + "eeliteus,1-5,add,1,EUR,-1\n", `line 2: The price is negative: "-1"`},
		{"places", head + "eeliteus,1-5,add,1,EUR,0.0000001\n", "line 2: The price has more than 6 decimal places"},
		{"words", head + "eeliteus,1-5,add,1,EUR,cheap\n", `line 2: The price is not a decimal number: "cheap"`},
		{"columns", head + "eeliteus,1-5,add,1,EUR\n", "line 2: There are 5 columns, not 6"},
		{"quotes", head + "eeliteus,\"1-5,add,1,EUR,1\n", "The line can't be read"},
		{"several", head + "x,1-5,add,1,EUR,1\ny,1-5,add,1,EUR,1\n", "line 2: There is no product \"x\"\nline 3: There is no product \"y\""},
		{"too many", head + strings.Repeat("x,1-5,add,1,EUR,1\n", 100), "and 80 more"},
		{"too long", head + strings.Repeat("x\n", 6000), "more than 5000 lines"},
		{"too large", head + strings.Repeat("x", MaxFile), "The file is larger than 1048576 bytes"},
	} {
		_, err := Read([]byte(c.file), "EUR")
		if f := fault.Of(err); f == nil || f.Code != fault.Invalid || f.Reason != ReasonFile || c.name != "too long" && !strings.Contains(f.Text, c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		} else if len(f.Text) > 10000 {
			t.Errorf("%s: %d bytes of text", c.name, len(f.Text))
		}
	}
}

// items are everything that can be priced.
func items() (all []Item) {
	for _, p := range product.All() {
		for _, u := range Units(p) {
			for _, a := range Actions {
				for _, m := range product.Tenures {
					all = append(all, Item{p.Key, u, a, m})
				}
			}
		}
	}
	return all
}

func TestFileRoundTrip(t *testing.T) {
	all := items()
	rapid.Check(t, func(t *rapid.T) {
		var rows []Row
		for _, i := range all {
			if rapid.IntRange(0, 3).Draw(t, "priced") == 0 {
				continue
			}
			f, err := ParseFigure(rapid.StringMatching(`[0-9]{1,6}(\.[0-9]{1,6})?`).Draw(t, "figure"))
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, Row{i, f})
		}
		file := Write(rows, "INR")
		got, err := Read(file, "INR")
		if err != nil {
			t.Fatal(err)
		}
		Sort(rows)
		if len(got)+len(rows) > 0 && !reflect.DeepEqual(got, rows) {
			t.Fatalf("%v became %v", rows, got)
		}
		if again := Write(got, "INR"); string(again) != string(file) {
			t.Fatal("another file")
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(head + "eeliteus,1-200000,add,1,EUR,1\n"))
	f.Add([]byte(head + "titanmailglobal,1762,add,1,EUR,0.000001\n"))
	f.Add([]byte("\ufeff" + head + "\"eeliteus\",\"1-5\n\",add,1,EUR,-\n"))
	f.Add([]byte("product,unit\n\"\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		rows, err := Read(file, "EUR")
		if err != nil {
			if fl := fault.Of(err); fl.Code != fault.Invalid || fl.Reason != ReasonFile {
				t.Fatal(err)
			}
			return
		}
		again, err := Read(Write(rows, "EUR"), "EUR")
		if err != nil || len(rows) > 0 && !reflect.DeepEqual(again, rows) {
			t.Fatalf("%v became %v: %v", rows, again, err)
		}
	})
}
