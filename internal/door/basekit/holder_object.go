package basekit

import (
	"cmp"
	"net/url"
	"strings"

	"posthouse/internal/core/holders"
)

// defaultLanguage is that of holders who have none.
const defaultLanguage = "en"

// accountHolderObject is 4.1, in the types that strict clients need (3.3).
func accountHolderObject(c *call, h *holders.HolderDetails) object {
	first, last := h.Names()
	phone := h.Contact.Phone
	if phone != "" && h.Contact.PhoneCC != "" {
		phone = "+" + h.Contact.PhoneCC + "." + phone
	}
	metadata := object{}
	for k, v := range h.Holder.Metadata {
		metadata[k] = v
	}
	spoken, _, _ := strings.Cut(h.Locale, "-")
	zone := c.zone()
	return object{
		"ref": h.ID, "brandRef": h.PartnerID, "suspended": digit(h.Suspended), "newsletter": digit(h.Holder.Newsletter), "currencyRef": h.CurrencyRef,
		"cpfCompany": digit(h.Holder.CPFCompany), "storageBytesUsed": h.StorageUsed, "entryFlowComplete": digit(h.Holder.EntryComplete),
		"beta": h.Holder.Beta, "deleted": h.Removed(), "emailVerified": h.EmailVerified(),
		"firstName": first, "lastName": last, "username": h.ShownUsername(), "email": h.Email, "company": h.Company, "accountStatus": "allowed",
		"languageCode": cmp.Or(h.Contact.Language, spoken, defaultLanguage),
		"phoneNumber":  textOrNull(phone), "address1": textOrNull(h.Contact.Address1), "address2": textOrNull(h.Contact.Address2), "city": textOrNull(h.City),
		"postcode": textOrNull(h.Contact.Zip), "country": textOrNull(cmp.Or(h.Country, h.Holder.CountryName)), "countryCode": textOrNull(h.Country),
		"state": textOrNull(h.State), "cpfNumber": textOrNull(h.Holder.CPFNumber), "externalSystemId": textOrNull(h.Holder.ExternalID),
		"accountPaymentMethodRef": refOrNull(h.Holder.PaymentMethodRef), "resellerRef": refOrNull(h.ResellerRef), "subscriptionPackageRef": refOrNull(h.PackageID),
		"campaignRef": refOrNull(h.Holder.CampaignRef), "packageCampaignRef": nil,
		"created": date(&h.CreatedAt, zone), "lastLogin": date(h.Holder.LastLogin, zone),
		"capabilities": h.Capabilities.Strings(), "metadata": metadata, "enabledFeatureFlags": object{}, "owner": ownerObject(h),
	}
}

// ownerObject is the brand; a text that nobody has set is empty.
func ownerObject(h *holders.HolderDetails) object {
	b := h.Owner
	domain := ""
	if at, err := url.Parse(b.PanelURL); err == nil {
		domain = at.Hostname()
	}
	return object{
		"type": "brand", "ref": h.PartnerID, "displayName": b.Name, "email": cmp.Or(b.ContactEmail, b.SenderEmail), "loginURL": b.PanelURL, "domain": cmp.Or(b.Settings.Domain, domain),
		"externalAccountURL": "", "externalPaymentURL": "", "externalPaymentCancellationURL": "", "externalSubscriptionURL": "",
		"helpURL": b.SupportURL, "helpGettingStartedURL": b.SupportURL, "helpCommonMistakesURL": b.SupportURL, "helpDocumentationURL": b.SupportURL,
		"helpWhatsNewURL": b.SupportURL, "helpOpenSourceUrl": "",
	}
}

// digit writes a flag as 0 or 1.
func digit(on bool) int {
	if on {
		return 1
	}
	return 0
}

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func refOrNull(ref int64) any {
	if ref == 0 {
		return nil
	}
	return ref
}
