package shop

import (
	"slices"
	"strings"
)

// Currency is one of ISO 4217; its Ref is the numeric code.
type Currency struct {
	Ref    int64
	Code   string
	Name   string
	Symbol string // "" = prices are written with the code
}

// currencies are code, numeric code and name; symbols stand apart.
const currencies = `AED 784 UAE dirham
AFN 971 Afghani
ALL 008 Lek
AMD 051 Armenian dram
ANG 532 Netherlands Antillean guilder
AOA 973 Kwanza
ARS 032 Argentine peso
AUD 036 Australian dollar
AWG 533 Aruban florin
AZN 944 Azerbaijan manat
BAM 977 Convertible mark
BBD 052 Barbados dollar
BDT 050 Taka
BGN 975 Bulgarian lev
BHD 048 Bahraini dinar
BIF 108 Burundi franc
BMD 060 Bermudian dollar
BND 096 Brunei dollar
BOB 068 Boliviano
BRL 986 Brazilian real
BSD 044 Bahamian dollar
BTN 064 Ngultrum
BWP 072 Pula
BYN 933 Belarusian ruble
BZD 084 Belize dollar
CAD 124 Canadian dollar
CDF 976 Congolese franc
CHF 756 Swiss franc
CLP 152 Chilean peso
CNY 156 Yuan renminbi
COP 170 Colombian peso
CRC 188 Costa Rican colon
CUP 192 Cuban peso
CVE 132 Cabo Verde escudo
CZK 203 Czech koruna
DJF 262 Djibouti franc
DKK 208 Danish krone
DOP 214 Dominican peso
DZD 012 Algerian dinar
EGP 818 Egyptian pound
ERN 232 Nakfa
ETB 230 Ethiopian birr
EUR 978 Euro
FJD 242 Fiji dollar
FKP 238 Falkland Islands pound
GBP 826 Pound sterling
GEL 981 Lari
GHS 936 Ghana cedi
GIP 292 Gibraltar pound
GMD 270 Dalasi
GNF 324 Guinean franc
GTQ 320 Quetzal
GYD 328 Guyana dollar
HKD 344 Hong Kong dollar
HNL 340 Lempira
HTG 332 Gourde
HUF 348 Forint
IDR 360 Rupiah
ILS 376 New Israeli sheqel
INR 356 Indian rupee
IQD 368 Iraqi dinar
IRR 364 Iranian rial
ISK 352 Iceland krona
JMD 388 Jamaican dollar
JOD 400 Jordanian dinar
JPY 392 Yen
KES 404 Kenyan shilling
KGS 417 Som
KHR 116 Riel
KMF 174 Comorian franc
KPW 408 North Korean won
KRW 410 Won
KWD 414 Kuwaiti dinar
KYD 136 Cayman Islands dollar
KZT 398 Tenge
LAK 418 Lao kip
LBP 422 Lebanese pound
LKR 144 Sri Lanka rupee
LRD 430 Liberian dollar
LSL 426 Loti
LYD 434 Libyan dinar
MAD 504 Moroccan dirham
MDL 498 Moldovan leu
MGA 969 Malagasy ariary
MKD 807 Denar
MMK 104 Kyat
MNT 496 Tugrik
MOP 446 Pataca
MRU 929 Ouguiya
MUR 480 Mauritius rupee
MVR 462 Rufiyaa
MWK 454 Malawi kwacha
MXN 484 Mexican peso
MYR 458 Malaysian ringgit
MZN 943 Mozambique metical
NAD 516 Namibia dollar
NGN 566 Naira
NIO 558 Cordoba oro
NOK 578 Norwegian krone
NPR 524 Nepalese rupee
NZD 554 New Zealand dollar
OMR 512 Rial omani
PAB 590 Balboa
PEN 604 Sol
PGK 598 Kina
PHP 608 Philippine peso
PKR 586 Pakistan rupee
PLN 985 Zloty
PYG 600 Guarani
QAR 634 Qatari rial
RON 946 Romanian leu
RSD 941 Serbian dinar
RUB 643 Russian ruble
RWF 646 Rwanda franc
SAR 682 Saudi riyal
SBD 090 Solomon Islands dollar
SCR 690 Seychelles rupee
SDG 938 Sudanese pound
SEK 752 Swedish krona
SGD 702 Singapore dollar
SHP 654 Saint Helena pound
SLE 925 Leone
SOS 706 Somali shilling
SRD 968 Surinam dollar
SSP 728 South Sudanese pound
STN 930 Dobra
SVC 222 El Salvador colon
SYP 760 Syrian pound
SZL 748 Lilangeni
THB 764 Baht
TJS 972 Somoni
TMT 934 Turkmenistan new manat
TND 788 Tunisian dinar
TOP 776 Pa'anga
TRY 949 Turkish lira
TTD 780 Trinidad and Tobago dollar
TWD 901 New Taiwan dollar
TZS 834 Tanzanian shilling
UAH 980 Hryvnia
UGX 800 Uganda shilling
USD 840 US dollar
UYU 858 Uruguayan peso
UZS 860 Uzbekistan sum
VES 928 Bolivar soberano
VND 704 Dong
VUV 548 Vatu
WST 882 Tala
XAF 950 CFA franc BEAC
XCD 951 East Caribbean dollar
XOF 952 CFA franc BCEAO
XPF 953 CFP franc
YER 886 Yemeni rial
ZAR 710 Rand
ZMW 967 Zambian kwacha`

var symbols = map[string]string{
	"AUD": "A$", "BRL": "R$", "CAD": "C$", "CNY": "¥", "EUR": "€", "GBP": "£", "HKD": "HK$", "ILS": "₪", "INR": "₹", "JPY": "¥", "KRW": "₩", "MXN": "MX$", "NGN": "₦",
	"NZD": "NZ$", "PHP": "₱", "RUB": "₽", "SGD": "S$", "THB": "฿", "TRY": "₺", "UAH": "₴", "USD": "$", "VND": "₫",
}

// Currencies gives all, by code.
func Currencies() []Currency {
	var out []Currency
	for line := range strings.SplitSeq(currencies, "\n") {
		c := Currency{Code: line[:3], Name: line[8:], Symbol: symbols[line[:3]]}
		for _, d := range line[4:7] {
			c.Ref = c.Ref*10 + int64(d-'0')
		}
		out = append(out, c)
	}
	return out
}

// FindCurrency gives the one with that code. One that ISO 4217 has withdrawn has
// no ref.
func FindCurrency(code string) Currency {
	all := Currencies()
	if i := slices.IndexFunc(all, func(c Currency) bool { return c.Code == code }); i >= 0 {
		return all[i]
	}
	return Currency{Code: code, Name: code}
}

// CurrencyByRef gives the one with that numeric code.
func CurrencyByRef(ref int64) (Currency, bool) {
	all := Currencies()
	if i := slices.IndexFunc(all, func(c Currency) bool { return c.Ref == ref }); i >= 0 {
		return all[i], true
	}
	return Currency{}, false
}

// Formatted is how a price is written.
func (c Currency) Formatted(price string) string {
	if c.Symbol == "" {
		return c.Code + " " + price
	}
	return c.Symbol + price
}
