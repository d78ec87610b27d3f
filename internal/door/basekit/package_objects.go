package basekit

import (
	"fmt"
	"strconv"

	"posthouse/internal/core/packages"
	"posthouse/internal/core/shop"
)

// unsetOrder is the displayOrder of a package that has none (4.5).
const unsetOrder = 999

// packageObject is a package of 4.5: its capabilities are integers.
func packageObject(_ *call, p *packages.PackageDetails) object {
	k := p.Package
	order := k.Details.DisplayOrder
	if order == 0 {
		order = unsetOrder
	}
	return object{
		"ref": k.ID, "name": k.Name, "active": yesNo(k.OnOffer()), "global": "N", "urlId": k.Details.URLID, "notifyMarketing": "N",
		"productType": k.ProductType(), "type": k.Type(), "contentType": k.ContentType(),
		"offerRebillMonths": 0, "offerRebillActive": "0", "trialDays": k.Details.TrialDays, "imageURL": k.Details.ImageURL,
		"requirePurchasedDomain": digit(k.Details.RequireDomain), "allowMultiplePurchase": digit(k.Details.AllowMultiplePurchase),
		"showInStore": digit(!k.Details.Hidden), "showInTemplatePicker": 0, "bannerHTML": k.Details.BannerHTML, "affiliateLink": k.Details.AffiliateLink,
		"displayOrder": order, "brandRef": k.PartnerID, "brandName": p.BrandName,
		"defaultCurrencyRef": p.Brand.Ref, "currencyCode": p.Currency.Code, "currencyName": p.Currency.Name, "currencyTitle": currencyTitle(p.Currency),
		"prices": priceObjects(p), "categories": []any{}, "capabilities": p.Capabilities,
		"templateGroupRef": nil, "templateGroup": object{"ref": nil, "name": ""},
	}
}

// priceObjects are the prices of 4.5, as texts with two decimals.
func priceObjects(p *packages.PackageDetails) []object {
	out := []object{}
	for _, price := range p.Prices {
		text := price.Amount.Cents()
		out = append(out, object{
			"ref": p.Package.ID*1000 + int64(price.Months), "price": text, "offerPrice": nil, "billingPeriodMonths": price.Months,
			"currency": currencyObject(p.Currency), "formattedPrice": p.Currency.Formatted(text),
		})
	}
	return out
}

func currencyObject(c shop.Currency) object {
	html := c.Code + " "
	if c.Symbol != "" {
		html = ""
		for _, r := range c.Symbol {
			html += "&#" + strconv.Itoa(int(r)) + ";"
		}
	}
	return object{
		"ref": c.Ref, "name": c.Name, "alphaCode": c.Code, "numCode": fmt.Sprintf("%03d", c.Ref), "htmlCode": html, "currencyRate": "1.00", "paypal": 0,
	}
}

func currencyTitle(c shop.Currency) string {
	if c.Symbol == "" {
		return c.Name
	}
	return c.Name + " (" + c.Symbol + ")"
}

// accountPackageObject is an account package of 4.5; null for none.
func accountPackageObject(c *call, a *packages.AccountPackage) any {
	if a == nil {
		return nil
	}
	s, zone := a.Subscription, c.zone()
	return object{
		"ref": s.ID, "startDateTime": date(&s.StartsAt, zone), "endDateTime": date(a.EndsAt, zone), "updated": date(&s.UpdatedAt, zone),
		"deleteOnExpiry": 0, "isFree": digit(a.Free), "billingPeriodMonths": s.Months, "activationCode": "", "package": packageObject(c, a.Package),
	}
}

func yesNo(on bool) string {
	if on {
		return "Y"
	}
	return "N"
}
