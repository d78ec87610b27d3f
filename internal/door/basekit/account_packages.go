package basekit

import (
	"context"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/order"
	"posthouse/internal/core/packages"
	"posthouse/internal/core/retail"
)

// accountPackageCore is what section 7 and 5.14 have of account packages.
type accountPackageCore interface {
	AccountPackages(ctx context.Context, actor audit.Actor, customerID int64, f packages.AccountPackageFilter) ([]*packages.AccountPackage, error)
	AccountPackage(ctx context.Context, actor audit.Actor, customerID, id int64) (*packages.AccountPackage, error)
	AssignPackage(ctx context.Context, actor audit.Actor, cmd retail.AssignPackage) (*retail.AssignedPackage, error)
	RemoveAccountPackage(ctx context.Context, actor audit.Actor, customerID, id int64) error
}

// accountPackageOperations are the rows of account packages of section 7.
func accountPackageOperations() []*operation {
	return []*operation{
		{method: "GET", path: "/users/:ref/account-packages", section: "7", serve: listAccountPackages, params: []param{
			{"billingCycle", "flag", false}, {"contentType", "string", false}, {"boltOnCancelData", "flag", false},
		}},
		{method: "POST", path: "/users/:ref/account-packages", section: "7", serve: addAccountPackage, params: []param{
			{"packageRef", "integer", true}, {"billingFrequency", "integer", true}, {"addToBC", "flag", false}, {"metricsSource", "string", false},
			{"metricsPath", "string", false},
		}},
		{method: "GET", path: "/users/:ref/account-packages/:accountPackageRef", section: "7", serve: getAccountPackage},
		{method: "DELETE", path: "/users/:ref/account-packages/:accountPackageRef", section: "7", status: 204, serve: deleteAccountPackage},
	}
}

func listAccountPackages(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	f := packages.AccountPackageFilter{ContentType: in.text("contentType")}
	if on := in.flag("billingCycle"); on != nil {
		f.Billed = *on
	}
	in.flag("boltOnCancelData") // there are no bolt-ons
	if err := in.fault(); err != nil {
		return nil, err
	}
	list, err := c.door.core.AccountPackages(ctx, c.actor, ref, f)
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, a := range list {
		out = append(out, accountPackageObject(c, a))
	}
	return object{"accountPackages": out}, nil
}

// addAccountPackage answers what the holder may do then, as texts (4.2).
func addAccountPackage(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	in.need("packageRef")
	cmd := retail.AssignPackage{CustomerID: ref, PackageID: in.ref("packageRef"), Months: in.whole("billingFrequency")}
	if _, sent := in.sent["billingFrequency"]; !sent {
		in.fail("billingFrequency", ruleRequired, "billingFrequency is required; it may be null")
	}
	if cmd.Months != nil && *cmd.Months == 0 {
		cmd.Months = nil
	}
	if on := in.flag("addToBC"); on != nil {
		cmd.Billed = *on
	}
	if err := in.fault(); err != nil {
		return nil, err
	}
	a, err := c.door.core.AssignPackage(ctx, c.actor, cmd)
	if err != nil {
		return nil, refused(err, faultsOfAssignment)
	}
	return object{"capabilities": a.Capabilities.Strings()}, nil
}

// faultsOfAssignment is why a package is not assigned.
var faultsOfAssignment = map[string]said{
	packages.ReasonNoPackage:  {"packageRef", ruleInvalid},
	retail.ReasonPackageKind:  {"packageRef", ruleInvalid},
	packages.ReasonPackageOff: {"packageRef", ruleNotAllow},
	order.ReasonAccountsInUse: {"packageRef", ruleLimit},
	packages.ReasonPeriod:     {"billingFrequency", ruleInvalid},
	retail.ReasonNoPeriod:     {"billingFrequency", ruleRequired},
}

// accountPackageInPath gives both refs.
func (in *input) accountPackageInPath() (user, accountPackage int64, err error) {
	if user, err = in.pathRef("ref"); err == nil {
		accountPackage, err = in.pathRef("accountPackageRef")
	}
	return user, accountPackage, err
}

func getAccountPackage(ctx context.Context, c *call, in *input) (any, error) {
	user, ref, err := in.accountPackageInPath()
	if err != nil {
		return nil, err
	}
	a, err := c.door.core.AccountPackage(ctx, c.actor, user, ref)
	if err != nil {
		return nil, err
	}
	return object{"accountPackage": accountPackageObject(c, a)}, nil
}

func deleteAccountPackage(ctx context.Context, c *call, in *input) (any, error) {
	user, ref, err := in.accountPackageInPath()
	if err != nil {
		return nil, err
	}
	return none{}, c.door.core.RemoveAccountPackage(ctx, c.actor, user, ref)
}
