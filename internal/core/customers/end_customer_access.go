package customers

import (
	"posthouse/internal/core/customer"
	"posthouse/internal/core/work"
)

// EndCustomerAccess ends sessions and every link that leads to one.
func EndCustomerAccess(u *work.Unit, c *customer.Customer) error {
	if err := endCustomerSessions(u, c); err != nil {
		return err
	}
	if err := u.Tx.DropHolderTokens(u.Ctx, c.ID, ""); err != nil {
		return err
	}
	return u.Tx.DropPasswordToken(u.Ctx, 0, c.ID)
}
