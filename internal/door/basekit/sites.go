package basekit

import (
	"context"
	"net/http"

	"posthouse/internal/core/audit"
	mailorder "posthouse/internal/core/order"
	"posthouse/internal/core/retail"
)

// siteCore is section 9: a site is the view of an account domain, with its ref (B-18).
type siteCore interface {
	CreateSite(ctx context.Context, actor audit.Actor, cmd retail.CreateSite) (*mailorder.Order, error)
	Sites(ctx context.Context, actor audit.Actor, customerID int64, offset, limit int) ([]*mailorder.Order, error)
	Site(ctx context.Context, actor audit.Actor, ref int64) (*mailorder.Order, error)
}

// Lists of sites.
const (
	usualSites = 10
	mostSites  = 500
)

func siteOperations() []*operation {
	return []*operation{
		{method: http.MethodPost, path: "/sites", section: "9", status: http.StatusCreated, serve: createSite, params: []param{
			{name: "brandRef", kind: "integer"}, {name: "accountHolderRef", kind: "integer", required: true}, {name: "domain", kind: "string", required: true},
		}},
		{method: http.MethodGet, path: "/users/:ref/sites", section: "9", serve: listSites, params: []param{{name: "limit", kind: "integer"}, {name: "offset", kind: "integer"}}},
		{method: http.MethodGet, path: "/sites/:ref", section: "9", serve: getSite},
		{method: http.MethodDelete, path: "/sites/:ref", section: "9", status: http.StatusNoContent, serve: deleteSite},
	}
}

func createSite(ctx context.Context, c *call, in *input) (any, error) {
	if err := in.ownBrand(); err != nil {
		return nil, err
	}
	in.need("accountHolderRef")
	in.need("domain")
	cmd := retail.CreateSite{CustomerID: in.ref("accountHolderRef"), Domain: in.text("domain")}
	if err := in.fault(); err != nil {
		return nil, err
	}
	o, err := c.door.core.CreateSite(ctx, c.actor, cmd)
	if err != nil {
		return nil, refused(err, faultsOfDomain("domain"), faultsOfHolder)
	}
	return object{"site": siteObject(o)}, nil
}

func listSites(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	limit, offset := in.page(usualSites, mostSites)
	if err := in.fault(); err != nil {
		return nil, err
	}
	all, err := c.door.core.Sites(ctx, c.actor, ref, offset, limit)
	if err != nil {
		return nil, err
	}
	out := make([]object, 0, len(all))
	for _, o := range all {
		out = append(out, siteObject(o))
	}
	return object{"sites": out}, nil
}

func getSite(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	o, err := c.door.core.Site(ctx, c.actor, ref)
	if err != nil {
		return nil, err
	}
	return object{"site": siteObject(o)}, nil
}

func deleteSite(ctx context.Context, c *call, in *input) (any, error) {
	ref, err := in.pathRef("ref")
	if err != nil {
		return nil, err
	}
	return none{}, c.door.core.DeleteAccountDomain(ctx, c.actor, 0, ref)
}

func siteObject(o *mailorder.Order) object {
	return object{"ref": o.ID, "primaryDomain": object{"ref": o.ID, "domainName": o.Domain}}
}
