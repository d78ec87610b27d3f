package resellerclub

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"posthouse/internal/core/customers"
)

var customerPasswordParams = []param{customerID1, {"new-passwd", "String", true}}

func customerChangePassword(ctx context.Context, c *call, p *params) (any, error) {
	id, password := p.customerID(), p.text("new-passwd")
	if err := p.fault(); err != nil {
		return nil, err
	}
	err := c.door.core.ChangeCustomerPassword(ctx, c.actor, id, password)
	var w *wireFault
	if errors.As(customerFault(err), &w) {
		return nil, &wireFault{status: w.status, text: "{new-passwd=new-passwd is invalid}", cause: err}
	}
	if err != nil {
		return nil, err
	}
	return true, nil
}

func customerForgotPassword(ctx context.Context, c *call, p *params) (any, error) {
	name := p.username()
	if err := p.fault(); err != nil {
		return nil, err
	}
	if err := c.door.core.ForgotCustomerPassword(ctx, c.actor, name); err != nil {
		return nil, err
	}
	return true, nil
}

func customerTempPassword(ctx context.Context, c *call, p *params) (any, error) {
	id := p.customerID()
	if err := p.fault(); err != nil {
		return nil, err
	}
	raw, err := c.door.core.TempCustomerPassword(ctx, c.actor, id)
	if err != nil {
		return nil, err
	}
	return raw, nil
}

func customerGenerateToken(ctx context.Context, c *call, p *params) (any, error) {
	cmd := customers.GenerateCustomerToken{
		AuthenticateCustomer: customers.AuthenticateCustomer{Username: p.username(), Password: p.text("passwd")}, IP: p.text("ip"),
	}
	if err := p.fault(); err != nil {
		return nil, err
	}
	raw, err := c.door.core.GenerateCustomerToken(ctx, c.actor, cmd)
	if err != nil {
		return nil, customerFault(err)
	}
	return raw, nil
}

func customerGenerateLogin(ctx context.Context, c *call, p *params) (any, error) {
	cmd := customers.GenerateCustomerLogin{CustomerID: p.customerID(), IP: p.text("ip")}
	if err := p.fault(); err != nil {
		return nil, err
	}
	raw, err := c.door.core.GenerateCustomerLogin(ctx, c.actor, cmd)
	if err != nil {
		return nil, customerFault(err)
	}
	return raw, nil
}

// customerToken answers a ticket's customer with what row 11 has besides.
func customerToken(look bool) func(context.Context, *call, *params) (any, error) {
	return func(ctx context.Context, c *call, p *params) (any, error) {
		token := p.text("token")
		if err := p.fault(); err != nil {
			return nil, err
		}
		d, err := c.door.core.AuthenticateCustomerToken(ctx, c.actor, token, look)
		if err != nil {
			return nil, customerFault(err)
		}
		o := customerObject(d)
		o.set("salesrepresentative", "")
		o.set("sellingcurrencysymbol", d.Seller.SellingCurrency)
		o.set("accountingcurrencysymbol", d.Seller.AccountingCurrency)
		o.set("conversionrate", d.Seller.ConversionRate)
		o.set("minreceiptrequire", "0.0")
		o.set("fundthreshold", "0.0")
		return o, nil
	}
}

func customerAuthenticate(ctx context.Context, c *call, p *params) (any, error) {
	cmd := customers.AuthenticateCustomer{Username: p.username(), Password: p.text("passwd")}
	if err := p.fault(); err != nil {
		return nil, err
	}
	d, err := c.door.core.AuthenticateCustomer(ctx, c.actor, cmd)
	var refused *customers.RefusedLogin
	if errors.As(err, &refused) {
		text := refused.Error()
		return nil, &wireFault{status: http.StatusUnauthorized, text: text, cause: err, more: object{
			{"maxAttempts", strconv.Itoa(customers.MaxLoginAttempts)}, {"remainingLoginAttempts", strconv.Itoa(refused.Remaining)},
		}}
	}
	if err != nil {
		return nil, err
	}
	return customerObject(d), nil
}

func customerSuspend(ctx context.Context, c *call, p *params) (any, error) {
	id, reason := p.customerID(), p.optText("reason")
	if err := p.fault(); err != nil {
		return nil, err
	}
	if err := c.door.core.SuspendCustomer(ctx, c.actor, id, reason); err != nil {
		return nil, customerFault(err)
	}
	return true, nil
}

func customerUnsuspend(ctx context.Context, c *call, p *params) (any, error) {
	id := p.customerID()
	if err := p.fault(); err != nil {
		return nil, err
	}
	if err := c.door.core.UnsuspendCustomer(ctx, c.actor, id); err != nil {
		return nil, err
	}
	return true, nil
}

func customerDelete(ctx context.Context, c *call, p *params) (any, error) {
	id := p.customerID()
	if err := p.fault(); err != nil {
		return nil, err
	}
	if err := c.door.core.DeleteCustomer(ctx, c.actor, id); err != nil {
		return nil, err
	}
	return true, nil
}
