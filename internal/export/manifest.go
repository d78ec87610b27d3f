package export

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"time"

	"posthouse/internal/core/mailboxes"
	"posthouse/internal/fault"
	"posthouse/internal/mailstore"
)

// The manifest is one JSON object a line, at the end of the archive. A line
// after a message's file, it is written beside the archive until it is complete,
// since an archive wants to know sizes before.

// manifest appends lines to a file.
type manifest struct {
	file *os.File
	buf  *bufio.Writer
	size int64
}

func openManifest(path string, size int64) (*manifest, error) {
	f, err := openAt(path, size)
	if err != nil {
		return nil, err
	}
	return &manifest{file: f, buf: bufio.NewWriter(f), size: size}, nil
}

func (m *manifest) line(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fault.Wrap(err)
	}
	m.size += int64(len(b)) + 1
	if _, err := m.buf.Write(append(b, '\n')); err != nil {
		return fault.Wrap(err)
	}
	return nil
}

func (m *manifest) checkpoint() (int64, error) {
	return m.size, fault.Wrap(errors.Join(m.buf.Flush(), m.file.Sync()))
}

// copyTo gives the whole of it, which must be checkpointed.
func (m *manifest) copyTo(w io.Writer) error {
	_, err := io.Copy(w, io.NewSectionReader(m.file, 0, m.size))
	return fault.Wrap(err)
}

func (m *manifest) close() error { return m.file.Close() }

// The kinds of lines. Every line has its kind first.
type (
	exportLine struct {
		Kind      string    `json:"kind"` // "export"
		Format    int       `json:"format"`
		Job       string    `json:"jobId"`
		AccountID int64     `json:"titanAccountId"`
		Email     string    `json:"email"`
		Requested time.Time `json:"requestedAt"`
	}
	// collectionLine tells of what else an account can hold.
	collectionLine struct {
		Kind  string `json:"kind"` // "contacts" or "calendars"
		Path  string `json:"path"`
		Items int    `json:"items"`
		Note  string `json:"note"`
	}
	folderLine struct {
		Kind        string `json:"kind"` // "folder"
		Name        string `json:"name"`
		Path        string `json:"path"`
		UIDValidity uint32 `json:"uidValidity"`
		SpecialUse  string `json:"specialUse,omitempty"`
		Subscribed  bool   `json:"subscribed"`
	}
	messageLine struct {
		Kind         string    `json:"kind"` // "message"
		Folder       string    `json:"folder"`
		UID          uint32    `json:"uid"`
		File         string    `json:"file,omitempty"`
		Error        string    `json:"error,omitempty"` // why there is no file
		Size         int64     `json:"size"`
		Flags        []string  `json:"flags"`
		InternalDate time.Time `json:"internalDate"`
		SavedAt      time.Time `json:"savedAt"`
	}
	endLine struct {
		Kind       string `json:"kind"` // "end"
		Folders    int64  `json:"folders"`
		Messages   int64  `json:"messages"`
		Unreadable int    `json:"unreadable"`
	}
)

var flagNames = []struct {
	flag mailstore.SystemFlags
	name string
}{
	{mailstore.Seen, `\Seen`}, {mailstore.Answered, `\Answered`}, {mailstore.Flagged, `\Flagged`}, {mailstore.Deleted, `\Deleted`}, {mailstore.Draft, `\Draft`},
}

func flagList(f mailstore.Flags) []string {
	out := []string{}
	for _, n := range flagNames {
		if f.System&n.flag != 0 {
			out = append(out, n.name)
		}
	}
	return append(out, f.Keywords...)
}

// accountFile is account.json: what the platform knows of the account, but for
// its password.
func accountFile(s *mailboxes.LegalExportSubject) ([]byte, error) {
	a, o, c := s.Account, s.Order, s.Customer
	type alias struct {
		Email       string `json:"email"`
		DisplayName string `json:"displayName,omitempty"`
		Held        bool   `json:"held"`
	}
	aliases := []alias{}
	for _, l := range a.Aliases {
		aliases = append(aliases, alias{Email: l.Local + "@" + a.Domain, DisplayName: l.DisplayName, Held: l.Held})
	}
	b, err := json.MarshalIndent(map[string]any{
		"titanAccountId": a.ID, "email": a.Email(), "name": a.Name, "firstName": a.FirstName, "lastName": a.LastName,
		"alternateEmailAddress": a.AlternateEmail, "isAdmin": a.IsAdmin, "status": s.Status, "aliases": aliases, "suspensions": a.Suspensions,
		"createdAt": a.CreatedAt, "updatedAt": a.UpdatedAt, "deletedAt": a.DeletedAt, "purgeAt": a.PurgeAt,
		"order": map[string]any{"titanOrderId": o.ID, "orderId": o.PartnerOrderID, "domainName": o.Domain, "planType": o.Plan, "createdAt": o.CreatedAt, "expiresAt": o.ExpiresAt, "deletedAt": o.DeletedAt},
		"customer": map[string]any{"titanCustomerId": c.ID, "customerId": c.CustomerID, "customerName": c.Name, "customerEmailAddress": c.Email,
			"alternateEmailAddress": c.AlternateEmail, "customerCountry": c.Country},
	}, "", "  ")
	return append(b, '\n'), fault.Wrap(err)
}
