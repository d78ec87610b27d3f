package native

import (
	"context"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/core/partner"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/fault"
)

type clockView struct {
	Now       time.Time  `json:"now" doc:"What time it is for you"`
	Sandbox   bool       `json:"sandbox" doc:"The clock is your own and can be moved"`
	Target    *time.Time `json:"target,omitempty" nullable:"false" doc:"Where the clock is on its way to; absent: it stands where it should"`
	Remaining int        `json:"remaining" doc:"How much falls due until there, at most 100000"`
}

type clockOutput struct {
	Status     int
	Location   string `header:"Location"`
	Preference string `header:"Preference-Applied"`
	Body       clockView
}

func viewClock(s *tenancy.ClockState) *clockOutput {
	return &clockOutput{Status: http.StatusOK, Body: clockView{Now: s.Now, Sandbox: s.Sandbox, Target: s.Target, Remaining: s.Remaining}}
}

type advanceInput struct {
	Prefer string `header:"Prefer" maxLength:"100" doc:"wait, or wait=SECONDS: answer when the clock has arrived, after at most 30 s"`
	Body   struct {
		By string     `json:"by,omitempty" maxLength:"40" doc:"How far: days, hours, minutes, seconds" example:"37d12h"`
		To *time.Time `json:"to,omitempty" doc:"Or to which time"`
	}
}

func (d *Door) serveClock() {
	later := exampleTime.AddDate(0, 0, 37)
	moving := clockView{Now: exampleTime, Sandbox: true, Target: &later, Remaining: 4}
	serve(d, operation{
		id: "getClock", method: http.MethodGet, path: "/v1/clock", tag: "Sandbox", scope: partner.ScopeClockRead, summary: "What time it is for you",
		response: moving,
	}, func(ctx context.Context, c *call, _ *struct{}) (*clockOutput, error) {
		s, err := d.core.PartnerClock(ctx, c.actor, c.actor.PartnerID)
		if err != nil {
			return nil, err
		}
		return viewClock(s), nil
	})
	serve(d, operation{
		id: "advanceClock", method: http.MethodPost, path: "/v1/clock/advance", tag: "Sandbox", scope: partner.ScopeClockWrite, sandbox: true,
		summary: "Move your clock forward", status: http.StatusAccepted, also: http.StatusOK,
		doc: "Everything that falls due on the way happens in order, webhooks included. The answer comes at once, with where the clock is " +
			"going: ask /v1/clock until target is absent. With Prefer: wait it comes when the clock has arrived, with 200, or after 30 s " +
			"at the latest, with 202. A request while the clock is on its way counts from where it is going.",
		request: map[string]any{"by": "37d"}, response: moving,
	}, d.advance)
}

func (d *Door) advance(ctx context.Context, c *call, in *advanceInput) (*clockOutput, error) {
	cmd := tenancy.AdvanceClock{PartnerID: c.actor.PartnerID}
	if in.Body.By != "" {
		by, ok := span(in.Body.By)
		if !ok {
			return nil, errSpan
		}
		cmd.By = by
	}
	if in.Body.To != nil {
		cmd.To = *in.Body.To
	}
	wait := waitOf(in.Prefer)
	s, err := d.core.AdvanceClock(ctx, c.actor, cmd)
	if err != nil {
		return nil, err
	}
	if wait > 0 {
		if s, err = d.arrived(ctx, c, s, wait); err != nil {
			return nil, err
		}
	}
	out := viewClock(s)
	if s.Target != nil {
		out.Status, out.Location = http.StatusAccepted, "/v1/clock"
	}
	if wait > 0 {
		out.Preference = "wait=" + strconv.Itoa(int(wait/time.Second))
	}
	return out, nil
}

// look is how often a waiting request looks at the clock.
const look = 25 * time.Millisecond

// arrived waits for a clock; it is no error if it does not arrive.
func (d *Door) arrived(ctx context.Context, c *call, s *tenancy.ClockState, wait time.Duration) (*tenancy.ClockState, error) {
	end := d.serving.Clock.NewTimer(wait)
	defer end.Stop()
	for s.Target != nil {
		t := d.serving.Clock.NewTimer(look)
		select {
		case <-ctx.Done():
			t.Stop()
			return s, nil
		case <-end.C():
			t.Stop()
			return s, nil
		case <-t.C():
		}
		next, err := d.core.PartnerClock(ctx, c.actor, c.actor.PartnerID)
		if err != nil {
			return nil, err
		}
		s = next
	}
	return s, nil
}

// maxWait bounds Prefer: wait.
const maxWait = 30 * time.Second

// waitOf reads RFC 7240's wait; 0 when it isn't asked for.
func waitOf(prefer string) time.Duration {
	for p := range strings.SplitSeq(prefer, ",") {
		name, value, given := strings.Cut(strings.TrimSpace(p), "=")
		if !strings.EqualFold(strings.TrimSpace(name), "wait") {
			continue
		}
		if !given {
			return maxWait
		}
		n, err := strconv.Atoi(strings.Trim(strings.TrimSpace(value), `"`))
		if err != nil || n < 0 {
			return 0
		}
		return min(time.Duration(min(n, 3600))*time.Second, maxWait)
	}
	return 0
}

var (
	spanForm = regexp.MustCompile(`^(?:([0-9]{1,5})d)?(?:([0-9]{1,6})h)?(?:([0-9]{1,7})m)?(?:([0-9]{1,9})s)?$`)
	errSpan  = fault.New(fault.Invalid, "by is not a span such as 37d, 12h or 1d30m").WithReason("INVALID_FIELD")
)

// span reads days, hours, minutes and seconds.
func span(s string) (time.Duration, bool) {
	m := spanForm.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	var total float64
	for i, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second} {
		n, _ := strconv.Atoi("0" + m[i+1]) // at most nine digits
		total += float64(n) * float64(unit)
	}
	return time.Duration(total), total > 0 && total < math.MaxInt64
}
