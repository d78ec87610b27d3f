// Package legalexport is a job that writes everything that an account holds into
// one file, for whom the law says so (titan.md operations 40 and 41).
package legalexport

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// State of a job.
type State string

// The states, as the API shows them (T-34).
const (
	Queued    State = "queued"
	Running   State = "running"
	Completed State = "completed"
	Failed    State = "failed"
	Expired   State = "expired" // the file is gone, by its day or with the account
)

// UnderWay jobs are answered again instead of another one being made.
func (s State) UnderWay() bool { return s == Queued || s == Running }

// FileLife is how long a file is kept (T-34).
const FileLife = 7 * 24 * time.Hour

// MaxAttempts without progress end a job.
const MaxAttempts = 8

// Job is one export of one account.
type Job struct {
	ID        int64
	PartnerID int64
	OrderID   int64
	AccountID int64
	State     State
	SizeBytes int64 // of the completed file
	Messages  int64 // in it, or so far
	// Checkpoint is up to where the file is on stable storage; what it says is
	// the exporter's matter.
	Checkpoint  json.RawMessage
	Attempts    int // since the last progress
	TryAt       time.Time
	LastError   string
	Owner       string    // who runs it
	LeasedUntil time.Time // until then nobody else runs it; platform time
	CreatedAt   time.Time
	CompletedAt *time.Time
	ExpiresAt   *time.Time // set when completed
}

const prefix = "job-"

// PublicID is the job's id in the API.
func (j *Job) PublicID() string { return PublicID(j.ID) }

// PublicID is a job's id in the API.
func PublicID(id int64) string { return prefix + strconv.FormatInt(id, 10) }

// FileName is the name that the contract gives the file.
func (j *Job) FileName() string {
	return strconv.FormatInt(j.AccountID, 10) + "_" + j.PublicID() + ".tar.gz"
}

// ParsePublicID reads a job's id; false for what can't be one.
func ParsePublicID(s string) (int64, bool) {
	digits, ok := strings.CutPrefix(strings.TrimSpace(s), prefix)
	if !ok {
		return 0, false
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	return id, err == nil && id > 0 && strconv.FormatInt(id, 10) == digits
}

// ParseFileName reads account and job out of a file's name.
func ParseFileName(name string) (accountID, jobID int64, ok bool) {
	stem, ok := strings.CutSuffix(name, ".tar.gz")
	if !ok {
		return 0, 0, false
	}
	account, job, ok := strings.Cut(stem, "_")
	if !ok {
		return 0, 0, false
	}
	accountID, err := strconv.ParseInt(account, 10, 64)
	if err != nil || accountID <= 0 || strconv.FormatInt(accountID, 10) != account {
		return 0, 0, false
	}
	jobID, ok = ParsePublicID(job)
	return accountID, jobID, ok
}
