package provision

import (
	"posthouse/internal/core/audit"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/shop"
)

// APICaller is an authenticated API user of the BaseKit dialect. Actor is ready
// for commands but for the request id.
type APICaller struct {
	Actor   audit.Actor
	User    *partner.APIUser
	Partner *partner.Partner
	Shop    *shop.Settings // of the brand
}
