package imapd_test

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"

	"posthouse/internal/door/imapd"
	"posthouse/internal/mailstore"
	"posthouse/internal/message"
)

func (m *memory) Parts(_ context.Context, _ int64, entries []mailstore.Entry, fn func(int, *message.Part) error) error {
	return m.Contents(context.Background(), account, entries, func(i int, c imapd.Content) error {
		p, err := c.Part()
		if err != nil {
			return err
		}
		return fn(i, p)
	})
}

func (m *memory) Contents(_ context.Context, _ int64, entries []mailstore.Entry, fn func(int, imapd.Content) error) error {
	for i := range entries {
		var c imapd.Content
		err := m.do("Contents", func() error {
			c = memoryContent{bytes.NewReader(m.texts[entries[i].MessageID])}
			return nil
		})
		if err != nil {
			return err
		}
		if err := fn(i, c); err != nil {
			return err
		}
	}
	return nil
}

type memoryContent struct{ *bytes.Reader }

func (memoryContent) Close() error { return nil }
func (c memoryContent) Part() (*message.Part, error) {
	return message.Scan(io.NewSectionReader(c.Reader, 0, c.Size()), message.Limits{})
}

func (m *memory) MatchText(_ context.Context, v *mailstore.View, _ mailstore.TextField, _, needle string) (uids []uint32, err error) {
	err = m.do("MatchText", func() error {
		for _, e := range v.Entries {
			if strings.Contains(strings.ToLower(string(m.texts[e.MessageID])), strings.ToLower(needle)) {
				uids = append(uids, e.UID)
			}
		}
		return nil
	})
	return uids, err
}

func (m *memory) Usage(context.Context, int64) (u mailstore.Usage, err error) {
	err = m.do("Usage", func() error {
		for _, t := range m.texts {
			u.UsedBytes += int64(len(t))
		}
		u.LimitBytes = 1 << 20
		return nil
	})
	return u, err
}

func (m *memory) Watch(int64) (<-chan struct{}, func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := make(chan struct{}, 1)
	m.watch = append(m.watch, c)
	return c, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.watch = slices.DeleteFunc(m.watch, func(o chan struct{}) bool { return o == c })
	}
}

var _ imapd.Mail = (*memory)(nil)
