package export

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"posthouse/internal/core/legalexport"
	"posthouse/internal/fault"
)

// TestMessagesThatCannotBeRead: more of them than a job has attempts.
func TestMessagesThatCannotBeRead(t *testing.T) {
	bad := func(id int64) bool { uid := id & (1<<32 - 1); return uid == 7 || uid == 8 || uid > 14 }
	for name, breakAt := range map[string]func(*made){
		"missing": func(m *made) {
			m.before = func(id int64) error {
				if bad(id) {
					return errBroken
				}
				return nil
			}
		},
		"damaged": func(m *made) {
			m.read = func(id int64) error {
				if bad(id) {
					return errors.New("authentication failed")
				}
				return nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			ref := w.account(w.us, "d.example", "ann")
			mail := mailbox(20, "INBOX")
			breakAt(mail)
			e := w.exporter(mail, nil)
			j := w.create(w.us, ref)
			for attempt := range 2 * 8 {
				if !w.step(e) {
					t.Fatal("no attempt")
				}
				if got := w.job(w.us, ref, j.PublicID()); got.State != legalexport.Queued || got.LastError == "" {
					t.Fatalf("after attempt %d: %+v", attempt+1, got)
				}
			}
			w.step(e)
			j = w.job(w.us, ref, j.PublicID())
			if j.State != legalexport.Completed || j.Messages != 12 {
				t.Fatalf("%+v", j)
			}
			u := unpack(t, w.dir, j)
			var left []string
			for i, m := range u.lines("message") {
				if m["uid"] != float64(i+1) {
					t.Errorf("line %d is of %v", i, m["uid"])
				}
				if m["file"] == nil {
					left = append(left, fmt.Sprint(m["uid"], m["error"]))
				}
			}
			if len(left) != 8 || left[0] != "7the message can't be read" || u.lines("end")[0]["unreadable"] != 8.0 {
				t.Errorf("%v", left)
			}
		})
	}
}

func TestAnOutageIsNoDamage(t *testing.T) {
	w := newWorld(t)
	ref := w.account(w.us, "d.example", "ann")
	mail := mailbox(20, "INBOX")
	mail.before = func(id int64) error {
		if id == 10<<32|7 {
			return fault.Unavail("The disk is away", nil)
		}
		return nil
	}
	e := w.exporter(mail, nil)
	j := w.create(w.us, ref)
	for range 3 {
		w.step(e)
		w.clock.Advance(time.Hour)
	}
	mail.before = nil
	w.step(e)
	if j = w.job(w.us, ref, j.PublicID()); j.State != legalexport.Completed || j.Messages != 20 {
		t.Errorf("%+v", j)
	}
}

func TestAJobThatAlwaysFails(t *testing.T) {
	w := newWorld(t)
	ref := w.account(w.us, "d.example", "ann")
	mail := mailbox(5, "INBOX")
	mail.before = func(int64) error { return fault.Unavail("The disk is away", nil) }
	e := w.exporter(mail, nil)
	j := w.create(w.us, ref)
	for n := 1; ; n++ {
		w.step(e)
		w.clock.Advance(time.Hour)
		if j = w.job(w.us, ref, j.PublicID()); j.State == legalexport.Failed {
			if n != legalexport.MaxAttempts {
				t.Errorf("after %d attempts", n)
			}
			break
		}
	}
	if got := files(t, w.dir); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}

func TestFilesThatAreGone(t *testing.T) {
	for name, spoil := range map[string]func(*testing.T, *world, string){
		"archive":  func(t *testing.T, w *world, f string) { must(t, os.Remove(filepath.Join(w.dir, f))) },
		"manifest": func(t *testing.T, w *world, f string) { must(t, os.Truncate(filepath.Join(w.dir, manifestOf(f)), 10)) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			ref := w.account(w.us, "d.example", "ann")
			mail := mailbox(200, "INBOX")
			mail.before = func(id int64) error {
				if id == 10<<32|150 {
					return fault.Unavail("The disk is away", nil)
				}
				return nil
			}
			e := w.exporter(mail, nil)
			j := w.create(w.us, ref)
			w.step(e)
			spoil(t, w, j.FileName())
			mail.before = nil
			w.clock.Advance(time.Hour)
			w.step(e)
			if j = w.job(w.us, ref, j.PublicID()); j.State != legalexport.Completed || j.Messages != 200 {
				t.Fatalf("%+v", j)
			}
			if u := unpack(t, w.dir, j); len(u.lines("message")) != 200 || len(u.lines("folder")) != 1 {
				t.Errorf("%d messages", len(u.lines("message")))
			}
		})
	}
}
