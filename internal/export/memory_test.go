package export

import (
	"context"
	"runtime"
	"testing"

	"posthouse/internal/core/legalexport"
	"posthouse/internal/mailstore"
)

// TestMemory exports a mailbox that is far larger than what the exporter may use.
func TestMemory(t *testing.T) {
	w := newWorld(t)
	ref := w.account(w.us, "d.example", "ann")
	mail := mailbox(10_000, "INBOX", "Big")
	mail.count[11] = 8
	mail.size = func(uid uint32) int64 { return 2000 }
	big := &bigger{mail}
	var peak uint64
	n := 0
	mail.read = func(int64) error { // in the middle of a message
		if n++; n%1000 == 0 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
		return nil
	}
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	e := w.exporter(big, func(c *Config) { c.CheckpointBytes = 0 })
	j := w.create(w.us, ref)
	w.step(e)
	j = w.job(w.us, ref, j.PublicID())
	if j.State != legalexport.Completed || j.Messages != 10_008 {
		t.Fatalf("%+v", j)
	}
	grown := int64(peak) - int64(before.HeapAlloc)
	t.Logf("%d MB of heap for 420 MB of mail, %d MB of archive", grown>>20, j.SizeBytes>>20)
	if grown > 16<<20 {
		t.Errorf("%d MB of heap", grown>>20)
	}
}

// bigger makes the messages of the second folder 50 MB.
type bigger struct{ *made }

func (b *bigger) Entries(ctx context.Context, folderID int64, from uint32, limit int) ([]mailstore.Entry, error) {
	list, err := b.made.Entries(ctx, folderID, from, limit)
	for i := range list {
		if folderID == 11 {
			list[i].Size = 50 << 20
		}
	}
	return list, err
}
