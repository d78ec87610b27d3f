package main

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"posthouse/internal/core/tenancy"
)

type clockCmd struct {
	Show    clockShowCmd    `cmd:"" help:"Show what time it is for a partner."`
	Advance clockAdvanceCmd `cmd:"" help:"Move a sandbox partner's clock forward; all that falls due on the way happens, in order."`
}

type clockShowCmd struct {
	Partner int64 `arg:"" help:"Partner id."`
	JSON    bool  `help:"Print JSON."`
}

func (k *clockShowCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		s, err := p.core.PartnerClock(ctx, operator(), k.Partner)
		if err != nil {
			return err
		}
		if k.JSON {
			return printJSON(out, viewClock(s))
		}
		return printClock(out, s)
	})
}

func printClock(out *output, s *tenancy.ClockState) error {
	fmt.Fprintf(out, "partner    %d\nnow        %s\n", s.PartnerID, s.Now.Format(time.RFC3339))
	if s.Target != nil {
		fmt.Fprintf(out, "on its way %s, %d items of the calendar until there\n", s.Target.Format(time.RFC3339), s.Remaining)
	}
	if !s.Sandbox {
		fmt.Fprintln(out, "           the platform's clock: the partner is no sandbox")
	}
	return nil
}

// clockView is a clock as scripts see it.
type clockView struct {
	PartnerID int64      `json:"partnerId"`
	Sandbox   bool       `json:"sandbox"`
	Now       time.Time  `json:"now"`
	Target    *time.Time `json:"target,omitempty"`
	Remaining int        `json:"remaining"`
}

func viewClock(s *tenancy.ClockState) clockView {
	return clockView{PartnerID: s.PartnerID, Sandbox: s.Sandbox, Now: s.Now, Target: s.Target, Remaining: s.Remaining}
}

type clockAdvanceCmd struct {
	Partner int64  `arg:"" help:"Partner id."`
	By      span   `help:"How far: 37d, 2w, 36h, 90m." placeholder:"SPAN" xor:"target" required:""`
	To      moment `help:"Where to, in the partner's time: 2026-12-30 or 2026-12-30T08:00:00Z." placeholder:"TIME" xor:"target" required:""`
	NoWait  bool   `help:"Leave the request to the server and return."`
	JSON    bool   `help:"Print JSON."`
}

const (
	clockPoll = 100 * time.Millisecond
	// clockUntaken is how long a request may wait for a server before that is told.
	clockUntaken = 5 * time.Second
)

func (k *clockAdvanceCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		s, err := p.core.AdvanceClock(ctx, operator(), tenancy.AdvanceClock{PartnerID: k.Partner, By: time.Duration(k.By), To: time.Time(k.To)})
		if err != nil {
			return err
		}
		if !k.NoWait {
			if s, err = waitForClock(ctx, p, out, s); err != nil {
				return err
			}
		}
		if k.JSON {
			return printJSON(out, viewClock(s))
		}
		return printClock(out, s)
	})
}

// waitForClock shows how the clock moves until it is there.
func waitForClock(ctx context.Context, p *platform, out *output, s *tenancy.ClockState) (*tenancy.ClockState, error) {
	moved, shown := p.clock.Now(), ""
	for s.Target != nil {
		if line := fmt.Sprintf("%s, %d until %s", s.Now.Format(time.DateOnly), s.Remaining, s.Target.Format(time.DateOnly)); line != shown {
			fmt.Fprintln(out.errs, line)
			shown = line
		}
		if s.Taken {
			moved = p.clock.Now()
		}
		if p.clock.Now().Sub(moved) > clockUntaken {
			return nil, fmt.Errorf("no server has moved the clock for %s: is `posthouse serve` running on this store? The request stays, and is carried out when one does", clockUntaken)
		}
		t := p.clock.NewTimer(clockPoll)
		select {
		case <-t.C():
		case <-ctx.Done():
			t.Stop()
			return nil, ctx.Err()
		}
		var err error
		if s, err = p.core.PartnerClock(ctx, operator(), s.PartnerID); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// span is a time.Duration that knows days and weeks: 1w2d3h.
type span time.Duration

var spanForm = regexp.MustCompile(`^(?:(\d{1,4})w)?(?:(\d{1,5})d)?(.*)$`)

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *span) UnmarshalText(text []byte) error {
	m := spanForm.FindStringSubmatch(string(text))
	if m == nil || len(text) == 0 {
		return fmt.Errorf("%q is no span: write 37d, 2w or 36h", text)
	}
	var d time.Duration
	for i, unit := range map[int]time.Duration{1: 7 * 24 * time.Hour, 2: 24 * time.Hour} {
		if m[i] == "" {
			continue
		}
		n, err := strconv.Atoi(m[i])
		if err != nil {
			return err
		}
		d += time.Duration(n) * unit
	}
	if m[3] != "" {
		rest, err := time.ParseDuration(m[3])
		if err != nil {
			return fmt.Errorf("%q is no span: write 37d, 2w or 36h", text)
		}
		d += rest
	}
	if d <= 0 {
		return fmt.Errorf("%q is not forward", text)
	}
	*s = span(d)
	return nil
}

// moment is a day or a time.
type moment time.Time

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *moment) UnmarshalText(text []byte) error {
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, string(text)); err == nil {
			*m = moment(t)
			return nil
		}
	}
	return fmt.Errorf("%q is no time: write 2026-12-30 or 2026-12-30T08:00:00Z", text)
}
