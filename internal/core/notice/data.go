package notice

import (
	"encoding/json"
	"strings"
	"time"
)

// What the templates of each kind show besides brand, locale and link.
type (
	// OrderWelcomeData is of OrderWelcome. Email is the log-in to the control panel.
	OrderWelcomeData struct {
		Domain       string `json:"domain"`
		Email        string `json:"email"`
		Name         string `json:"name,omitempty"`
		Plan         string `json:"plan"`
		Seats        int    `json:"seats"`
		FirstAccount string `json:"firstAccount,omitempty"` // address of the mailbox made with the order
	}
	// AccountWelcomeData is of AccountWelcome.
	AccountWelcomeData struct {
		Email string `json:"email"`
		Name  string `json:"name,omitempty"`
	}
	// PasswordResetData is of PasswordReset.
	PasswordResetData struct {
		Email string `json:"email"`
		Name  string `json:"name,omitempty"`
	}
	// HolderLinkData is of HolderPassword and HolderVerification. Link is the
	// caller's, without the token.
	HolderLinkData struct {
		Name     string `json:"name,omitempty"`
		Username string `json:"username"`
		Email    string `json:"email"`
		Link     string `json:"link"`
	}
	// QuotaData is of QuotaWarning.
	QuotaData struct {
		Email   string `json:"email"`
		Name    string `json:"name,omitempty"`
		Full    bool   `json:"full"`
		UsedMB  int64  `json:"usedMb"`
		LimitMB int64  `json:"limitMb"`
		Percent int    `json:"percent"`
	}
	// DNSProblemData is of DNSProblem.
	DNSProblemData struct {
		Domain      string `json:"domain"`
		MXFound     Words  `json:"mxFound"`
		MXExpected  Words  `json:"mxExpected"`
		SPFFound    Words  `json:"spfFound"`
		SPFExpected Words  `json:"spfExpected"`
	}
	// WebhooksFailingData is of WebhooksFailing.
	WebhooksFailingData struct {
		URL       string    `json:"url"`
		Since     time.Time `json:"since"`
		LastError string    `json:"lastError"`
		GivesUp   bool      `json:"givesUp,omitempty"` // after three days; else it is repeated without end
	}
)

// Words is a list that may be written as one string.
type Words []string

// UnmarshalJSON implements json.Unmarshaler.
func (w *Words) UnmarshalJSON(b []byte) error {
	var list []string
	if json.Unmarshal(b, &list) == nil {
		*w = list
		return nil
	}
	var one string
	if err := json.Unmarshal(b, &one); err != nil {
		return err
	}
	*w = nil
	if one != "" {
		*w = Words{one}
	}
	return nil
}

// String joins them for one line.
func (w Words) String() string { return strings.Join(w, ", ") }
