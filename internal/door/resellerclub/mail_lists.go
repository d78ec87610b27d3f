package resellerclub

import (
	"context"

	"posthouse/internal/core/work"
)

// mailingListOperations are row 22: there are no mailing lists.
func mailingListOperations() []*operation {
	list, subscribers := may("list-address"), may("subscribers")
	return []*operation{
		mailOperation("mail/mailinglists", get, "C", noMailingLists),
		mailOperation("mail/mailinglist/subscribers", get, "C", noMailingLists, list),
		mailOperation("mail/mailinglist/add", post, "C", noMailingLists, list, subscribers),
		mailOperation("mail/mailinglist/update", post, "C", noMailingLists, list),
		mailOperation("mail/mailinglist/add-subscribers", post, "C", noMailingLists, list, subscribers),
		mailOperation("mail/mailinglist/delete-subscribers", post, "C", noMailingLists, list, subscribers),
		mailOperation("mail/mailinglist/delete", post, "C", noMailingLists, may("list-address-prefixes")),
		mailOperation("mail/mailinglist/add-moderators", post, "C", noMailingLists, list),
		mailOperation("mail/mailinglist/delete-moderators", post, "C", noMailingLists, list),
	}
}

// noMailingLists refuses, once the order is one of the caller's.
var noMailingLists = ofOrder(func(ctx context.Context, c *call, ref work.OrderRef) (any, error) {
	if _, err := c.door.core.FetchOrder(ctx, c.actor, ref); err != nil {
		return nil, err
	}
	return nil, failure("feature_not_available", "Mailing lists are not available")
})
