package titan

import "posthouse/internal/core/event"

func exportScenarios() []Scenario {
	const at = "@shop-{tag}.example"
	const fetch = "GET fetchLegalExportDump?titanOrderId={o}&titanAccountId={a}&jobId="
	return []Scenario{
		{
			Name: "A mailbox is exported, a deleted one too",
			Steps: []Step{
				made("o", "shop", "pro", ""),
				mailbox("a", "kim", ""),
				{Call: "POST createLegalExportDump", Body: `{"titanOrderId":{o},"titanAccountId":"{a}"}`, Save: "job=jobId", Want: `{"jobId":"#has:job-"}`},
				{Call: fetch + "{job}", Wait: true, Want: `{"reqID":"#s","jobId":"{job}","titanAccountId":{a},"status":"completed","fileName":"{a}_{job}.tar.gz","downloadUrl":"#has:://","sizeInBytes":"#n","createdAt":"#s","expiresAt":"#s"}`},
				{Call: fetch + "job-900001", Status: 400, Want: `{"code":"BAD_REQUEST","attrs":{"reason":"JOB_NOT_FOUND"}}`},
				{Call: "POST deleteEmailAccount", Body: `{"titanOrderId":{o},"titanAccountId":{a},"email":"kim` + at + `"}`},
				{Call: "POST createLegalExportDump", Body: `{"titanOrderId":{o},"titanAccountId":{a}}`, Save: "job=jobId"},
				{Call: fetch + "{job}", Wait: true, Want: `{"status":"completed"}`},
				{Call: "POST createLegalExportDump", Advance: 31 * day, Body: `{"titanOrderId":{o},"titanAccountId":{a}}`, Status: 404, Want: `{"code":"AccountNotFound"}`},
			},
			Events: map[event.Type]int{event.MailOrderCreated: 1, event.EmailAccountCreated: 1, event.EmailAccountStatusUpdated: 1, event.EmailAccountPurged: 1},
		},
	}
}
