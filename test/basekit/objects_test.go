package basekit

import "strings"

// capabilityNames are those of section 4.2, all of which are sent.
var capabilityNames = strings.Fields(`liveSites allowUsers cdnEnabled cssEditing themeLevel freeDomains htmlEditing pagesLimited storageLimit templateTier domainMapping
	googleAnalytics ecommerceAllowed googleAdWordVoucher allowExternalRedirects allowTemplateSave mailboxes mobile siteLock mobileSites mobilePublishing restrictPagesOnPublish`)

func capabilities(kind string) string {
	return "{" + strings.Join(capabilityNames, ":"+kind+",") + ":" + kind + "}"
}

// objects are the contract's (section 4 and the tables), by name.
func objects() map[string]string {
	out := map[string]string{
		// 4.1; the optional row is left out.
		"accountHolder": `{ref:ref,brandRef:ref,suspended:f,newsletter:f,currencyRef:i,cpfCompany:f,storageBytesUsed:i,entryFlowComplete:f,
			beta:b,deleted:b,emailVerified:b,
			firstName:s,lastName:s,username:s,email:s,languageCode:s,company:s,accountStatus:s,
			phoneNumber:s?,address1:s?,address2:s?,city:s?,postcode:s?,country:s?,countryCode:s?,state:s?,cpfNumber:s?,externalSystemId:s?,
			accountPaymentMethodRef:i?,resellerRef:i?,subscriptionPackageRef:i?,campaignRef:i?,packageCampaignRef:i?,
			created:d,lastLogin:d?,capabilities:@capabilities,metadata:{*:s},enabledFeatureFlags:{},owner:@owner}`,
		"owner": `{type:s,ref:ref,displayName:s,email:s,loginURL:s,externalAccountURL:s,externalPaymentURL:s,externalPaymentCancellationURL:s,
			externalSubscriptionURL:s,domain:s,helpURL:s,helpGettingStartedURL:s,helpCommonMistakesURL:s,helpDocumentationURL:s,helpWhatsNewURL:s,helpOpenSourceUrl:s}`,
		"capabilities":        capabilities("s?"), // 4.2
		"packageCapabilities": capabilities("i"),
		// 4.3
		"accountDomain": `{ref:ref,domainName:s,domainRegistered:d,expiryDate:d?,active:f,autoRenew:f,accountHolder:@accountHolder,domainProduct:@domainProduct,
			dnsProvider:{ref:ref}}`,
		"accountDomainRow": `{ref:ref,name:s,domainRegistered:d,expiryDate:d?,renewalDate:d?,active:f,autoRenew:f,isFree:b,domainProduct:@domainProduct,
			accountPackage:@accountPackage?}`,
		"domainProduct": "{ref:ref,name:s,tld:s}",
		// 4.4
		"mailbox":       "{user:s,status:s}",
		"domainMailbox": "{user:s,status:s,accountDomainRef:ref,domainName:s}",
		// 4.5
		"package": `{ref:ref,name:s,active:yn,global:yn,urlId:s,notifyMarketing:yn,productType:s,type:s,contentType:s,offerRebillMonths:i,offerRebillActive:s,trialDays:i,
			imageURL:s,requirePurchasedDomain:f,allowMultiplePurchase:f,showInStore:f,showInTemplatePicker:f,bannerHTML:s,affiliateLink:s,displayOrder:i,
			brandRef:ref,brandName:s,defaultCurrencyRef:i?,currencyCode:s,currencyName:s,currencyTitle:s,prices:[@price],categories:[],
			capabilities:@packageCapabilities,templateGroupRef:i?,templateGroup:{ref:i?,name:s}?}`,
		"price":          `{price:money,offerPrice:money?,billingPeriodMonths:i,ref:i,currency:@currency,formattedPrice:s}`,
		"currency":       `{name:s,alphaCode:s,numCode:id,htmlCode:s,currencyRate:s,paypal:f,ref:ref}`,
		"accountPackage": `{ref:ref,startDateTime:d,endDateTime:d?,updated:d,deleteOnExpiry:f,isFree:f,billingPeriodMonths:i,activationCode:s?,package:@package}`,
		// sections 5.13, 6, 7, 8, 9
		"profile": "{ref:ref,fields:[{name:s,value:s}]}",
		"note":    "{ref:ref,note:s,author:s,created:d}",
		"invoice": `{ref:ref,description:s,status:s,date:d,paidDate:d?,currencyRef:ref,currencyCode:s,netAmount:money,discountAmount:money,taxAmount:money,
			totalAmount:money,dueAmount:money,accountDomainRef:i?}`,
		"billingCycle": `{ref:ref,primary:f,packageRef:ref,billingPeriodMonths:i,startDateTime:d,endDateTime:d?,price:money,currencyRef:ref,currencyCode:s,
			amountDue:money,openInvoices:[@invoice]}`,
		"brand": `{ref:ref,name:s,displayName:s,domain:s,email:s,supportEmail:s,defaultPackageRef:i?,preferredPackageRef:i?,logoImageURL:s,faviconURL:s,helpURL:s,
			capabilities:@packageCapabilities,active:f,defaultCurrencyRef:ref,currencies~:[@currency]}`,
		"domainTld": "{tld:s,packageRef:i?}",
		"language":  "{ref:ref,code:s,name:s}",
		"reseller": `{ref:ref,parentResellerRef:i?,brandRef:ref,resellerName:s,displayName:s,accountCreateLimit:i?,defaultCurrencyRef:i?,defaultLanguageRef:i?,enabled:f,
			created:d,updated:d,loginURL:s,externalAccountURL:s,externalPaymentURL:s,externalPaymentCancellationURL:s,externalSubscriptionURL:s,resellerHelpURL:s,
			resellerSupportEmail:s}`,
		"order":       `{ref:ref,state:s,paymentStatus:s,completionStatus:s,accountHolderRef:ref,discountCode:s,created:d,updated:d,items:[@orderItem]}`,
		"orderItem":   `{ref:ref,status:s,packageRef:ref,billingPeriodMonths:i,domainName:s?,registrationDuration:i,isFree:f,price:money,accountDomainRef:i?,failureMessage:s?}`,
		"mailService": "{ref:ref,accountDomainRef:ref,domain:s,state:s,completionStatus:s,failureState:s?,failureMessage:s?,active:id}",
		"site":        "{ref:ref,primaryDomain:{ref:ref,domainName:s}}",
	}
	out["holderWithSites"] = strings.TrimSuffix(out["accountHolder"], "}") + ",sites:[@site]}"
	return out
}
