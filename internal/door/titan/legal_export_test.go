package titan

import (
	"testing"
	"time"

	"posthouse/internal/core/mailboxes"
)

func scenarioLegalExport(t *testing.T, w *world) {
	const create, fetch = "POST /partner/createLegalExportDump", "GET /partner/fetchLegalExportDump?titanOrderId={order}&titanAccountId={account}&jobId={job}"
	const ref = `{"titanOrderId":"{order}","titanAccountId":"{account}"}`
	w.play(
		step{
			call: "POST /partner/createMailOrder", save: "order=titanOrderId account=firstEmailAccountDetails.titanAccountId", events: created + " " + accountMade,
			send: `{"domainName":"export.example","customerId":"x","planType":"free","firstEmailAccount":{"email":"a@export.example","password":"pw-long-enough","requireAutoLoginToken":false}}`,
			want: `{"reqID":"R","titanOrderId":{order},"status":"active","firstEmailAccountDetails":{"titanAccountId":{account},"email":"a@export.example"}}`,
		},
		step{call: create, send: ref, save: "job=jobId", want: `{"reqID":"R","jobId":"{job}"}`},
		step{call: create, send: ref, after: time.Hour, want: `{"reqID":"R","jobId":"{job}"}`},
		step{
			call: fetch,
			want: `{"reqID":"R","jobId":"{job}","titanAccountId":{account},"status":"queued","fileName":"{account}_{job}.tar.gz","downloadUrl":null,"sizeInBytes":null,"createdAt":"2026-11-22","expiresAt":null}`,
		},
		step{call: "GET /partner/fetchLegalExport?titanOrderId={order}&titanAccountId={account}&jobId=job-99999", status: 400, want: bad("JOB_NOT_FOUND", "No such export job")},
		step{as: "foreign", call: fetch, status: 404, want: notFound},
		step{as: "foreign", call: "POST /partner/createLegalExport", send: ref, status: 404, want: notFound},
		step{call: create, send: `{"titanOrderId":{order}}`, status: 400, want: bad("MISSING_FIELD", "Missing required field titanAccountId")},
		step{call: create, send: `{"titanOrderId":{order},"titanAccountId":900002}`, status: 404, want: fails(404, "AccountNotFound", "", "No such email account")},
	)
	j, _, err := w.core.LeaseLegalExport(t.Context(), platformJob, mailboxes.LegalExportLease{Owner: "me", Life: time.Hour})
	if err != nil || j == nil {
		t.Fatal(err)
	}
	if _, err := w.core.SaveLegalExport(t.Context(), platformJob, mailboxes.LegalExportProgress{JobID: j.ID, Owner: "me", Done: true, SizeBytes: 12345}); err != nil {
		t.Fatal(err)
	}
	w.play(
		step{
			call: fetch,
			want: `{"reqID":"R","jobId":"{job}","titanAccountId":{account},"status":"completed","fileName":"{account}_{job}.tar.gz","downloadUrl":"https://files.example/{account}_{job}.tar.gz","sizeInBytes":12345,"createdAt":"2026-11-22","expiresAt":"2026-11-29"}`,
		},
		step{call: "POST /partner/deleteEmailAccount", send: `{"titanOrderId":{order},"titanAccountId":{account},"email":"a@export.example"}`, events: "EMAIL_ACCOUNT_STATUS_UPDATED", want: done},
		step{call: create, send: ref, save: "next=jobId", want: `{"reqID":"R","jobId":"{next}"}`},
		step{
			call: fetch, after: 7 * 24 * time.Hour,
			want: `{"reqID":"R","jobId":"{job}","titanAccountId":{account},"status":"expired","fileName":"{account}_{job}.tar.gz","downloadUrl":null,"sizeInBytes":null,"createdAt":"2026-11-22","expiresAt":"2026-11-29"}`,
		},
		step{call: create, send: ref, after: 24 * 24 * time.Hour, status: 404, want: fails(404, "AccountNotFound", "", "No such email account")},
	)
}
