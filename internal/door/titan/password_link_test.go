package titan

import (
	"net/http"
	"testing"

	"posthouse/internal/core/notice"
	"posthouse/internal/core/work"
)

func scenarioPasswordLink(t *testing.T, w *world) {
	order := `{"domainName":"link.example","customerId":"c","customerEmailAddress":"kim@example.org","planType":"free","sendWelcomeEmail":false}`
	w.play(
		step{call: "POST /partner/createMailOrder", send: order, want: `{"reqID":"R","titanOrderId":{o},"status":"active","firstEmailAccountDetails":{}}`, save: "o=titanOrderId", events: "MAIL_ORDER_CREATED"},
		step{call: "POST /partner/createEmailAccount", send: `{"titanOrderId":{o},"email":"ann@link.example","alternateEmailAddress":"ann@example.org","sendWelcomeEmail":1}`,
			want: `{"reqID":"R","titanAccountId":{a}}`, save: "a=titanAccountId", events: "EMAIL_ACCOUNT_CREATED"},
		step{call: "POST /partner/createEmailAccount", send: `{"titanOrderId":{o},"email":"ann@link.example","alternateEmailAddress":"ann@example.org","sendWelcomeEmail":1}`,
			want: `{"reqID":"R","titanAccountId":{a}}`},
		step{call: "POST /partner/changeEmailAccountPassword", send: `{"titanOrderId":{o},"email":" Ann@Link.Example "}`, status: http.StatusBadRequest,
			want: bad("MISSING_FIELD", "Missing required field recipient")},
		step{call: "POST /partner/changeEmailAccountPassword", send: `{"titanOrderId":{o},"email":"ann@link.example","recipient":"x@"}`, status: http.StatusBadRequest,
			want: bad("", "The recipient is not a valid email address")},
		step{call: "POST /partner/changeEmailAccountPassword", send: `{"titanOrderId":{o},"email":"bob@link.example","recipient":"Kim@example.org"}`, status: http.StatusNotFound,
			want: fails(http.StatusNotFound, "AccountNotFound", "", "No such email account")},
		step{as: "foreign", call: "POST /partner/changeEmailAccountPassword", send: `{"titanOrderId":{o},"email":"ann@link.example","recipient":"Kim@example.org"}`,
			status: http.StatusNotFound, want: notFound},
		step{call: "POST /partner/changeEmailAccountPassword", send: `{"titanOrderId":"{o}","email":" Ann@Link.Example ","recipient":" Kim@example.org "}`, want: done},
	)
	list, err := w.core.Notices(t.Context(), operator, work.NoticeFilter{PartnerID: w.partner})
	if err != nil || len(list) != 2 || list[0].Kind != notice.AccountWelcome || list[1].Kind != notice.PasswordReset || list[1].To != "Kim@example.org" {
		t.Errorf("%+v %v", list, err)
	}
}
