package main

import (
	"context"
	"fmt"

	"posthouse/internal/mailstore"
	"posthouse/internal/store"
)

type verifyCmd struct {
	JSON bool `help:"Print JSON."`
}

// findingsShown bounds what is printed; all are counted.
const findingsShown = 1000

func (k *verifyCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		var found []string
		find := func(f fmt.Stringer) {
			if len(found) < findingsShown {
				found = append(found, f.String())
			}
			if !k.JSON {
				fmt.Fprintln(out.errs, f)
			}
		}
		report, err := p.mail.Verify(ctx, func(f mailstore.Finding) { find(f) })
		if err != nil {
			return err
		}
		purged, err := p.rows.VerifyPurged(ctx, func(l store.Left) {
			report.Findings++
			find(l)
		})
		if err != nil {
			return err
		}
		booked, err := p.rows.VerifyLedger(ctx, func(u store.Unbalanced) {
			report.Findings++
			find(u)
		})
		if err != nil {
			return err
		}
		if k.JSON {
			if err := printJSON(out, map[string]any{"report": report, "purged": purged, "transactions": booked, "findings": found}); err != nil {
				return err
			}
		} else if _, err := fmt.Fprintf(out, "verify: %d accounts, %d folders, %d messages in them, %d stored (%s read, %s wait for compaction), %d purged, %d transactions, %d findings\n",
			report.Accounts, report.Folders, report.Entries, report.Messages, size(report.Bytes), size(report.Unreferenced), purged, booked, report.Findings); err != nil {
			return err
		}
		if report.Findings > 0 {
			return fmt.Errorf("verify: %d findings", report.Findings)
		}
		return nil
	})
}
