package titan

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"posthouse/internal/core/notification"
	"posthouse/internal/core/selling"
)

func notificationFields() []Field {
	return []Field{
		{Name: "event", Kind: Enum, Required: true, Values: texts(notification.Events()...)},
		{Name: "data", Kind: Object, Required: true, Clearable: true, Note: "kept whole; see below for what of it is read"},
	}
}

// refundFields are the data of REFUND_ISSUED and each entry of REFUND_ISSUED_BULK.
func refundFields() []Field {
	return []Field{
		{Name: "paymentTxnId", Kind: Text, Required: true},
		{Name: "orderId", Kind: Text, Required: true},
		{Name: "domainName", Kind: Name, Required: true},
		{Name: "customerId", Kind: Text, Required: true},
		{Name: "refundAmount", Kind: Amount, Required: true},
		{Name: "refundTaxAmount", Kind: Amount, Required: true},
		{Name: "refundUSDAmount", Kind: Amount, Required: true},
		{Name: "currency", Kind: Text, Required: true},
	}
}

// creditFields are what is read of CREDIT_ISSUED; without creditAmount nothing is booked.
func creditFields() []Field {
	return []Field{
		{Name: "paymentTxnId", Kind: Text},
		{Name: "orderId", Kind: Text},
		{Name: "domainName", Kind: Name},
		{Name: "customerId", Kind: Text},
		{Name: "creditAmount", Kind: Amount},
		{Name: "creditTaxAmount", Kind: Amount, Also: []string{"refundTaxAmount"}},
		{Name: "creditUSDAmount", Kind: Amount, Also: []string{"refundUSDAmount"}},
		{Name: "currency", Kind: Text},
	}
}

// setUpFields name the order of MAIL_ORDER_SETUP_COMPLETED. Nothing else is
// asked of them: what does not fit names no order.
func setUpFields() []Field {
	return []Field{
		{Name: "titanOrderId", Kind: LooseID},
		{Name: "orderId", Kind: Text},
		{Name: "domainName", Kind: Name},
		{Name: "customerId", Kind: Text},
	}
}

// notify is operation 24.
func notify(ctx context.Context, c *call, in *record) (reply, error) {
	cmd := selling.ReportNotification{Event: notification.Event(in.text("event")), Data: in.raw("data")}
	var err error
	switch cmd.Event {
	case notification.RefundIssued:
		cmd.Money, err = refunds("data.", cmd.Data)
	case notification.CreditIssued:
		cmd.Money, err = credit(cmd.Data)
	case notification.RefundIssuedBulk:
		name, entries := bulkList(cmd.Data)
		if name == "" {
			return nil, missing("data.orders")
		}
		if cmd.Entries = len(entries); cmd.Entries <= notification.MaxBatch {
			for i, e := range entries {
				one, e := refunds(fmt.Sprintf("data.%s[%d].", shown(name), i), e)
				if e != nil {
					return nil, e
				}
				cmd.Money = append(cmd.Money, one...)
			}
		}
	case notification.PaymentDataBulk:
		_, entries := bulkList(cmd.Data)
		cmd.Entries = len(entries)
	case notification.MailOrderSetupComplete:
		cmd.SetUp = setUp(cmd.Data)
	}
	if err != nil {
		return nil, err
	}
	if err := c.door.core.ReportNotification(ctx, c.actor, cmd); err != nil {
		return nil, err
	}
	return &answered{}, nil
}

// readData reads the declared fields of an object inside the data.
func readData(path string, fields []Field, raw json.RawMessage) (*record, error) {
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || raw[0] != '{' {
		return nil, invalid(strings.TrimSuffix(path, "."), "an object")
	}
	sent, err := parseBody(raw, knownKeys(fields))
	if err != nil {
		return nil, err
	}
	return decodeIn(path, fields, sent)
}

func refunds(path string, raw json.RawMessage) ([]selling.ReportedMoney, error) {
	r, err := readData(path, refundFields(), raw)
	if err != nil {
		return nil, err
	}
	return []selling.ReportedMoney{{
		Kind: notification.Refund, TxnID: r.text("paymentTxnId"), Order: r.reported(), Currency: r.text("currency"),
		Amount: r.amount("refundAmount"), Tax: r.amount("refundTaxAmount"), USD: r.amount("refundUSDAmount"),
	}}, nil
}

func credit(raw json.RawMessage) ([]selling.ReportedMoney, error) {
	r, err := readData("data.", creditFields(), raw)
	if err != nil || !r.has("creditAmount") {
		return nil, err
	}
	return []selling.ReportedMoney{{
		Kind: notification.Credit, TxnID: r.text("paymentTxnId"), Order: r.reported(), Currency: r.text("currency"),
		Amount: r.amount("creditAmount"), Tax: r.amount("creditTaxAmount"), USD: r.amount("creditUSDAmount"),
	}}, nil
}

func setUp(raw json.RawMessage) *selling.ReportedOrder {
	r, err := readData("data.", setUpFields(), raw)
	if err != nil {
		return nil
	}
	o := r.reported()
	return &o
}

func (r *record) reported() selling.ReportedOrder {
	return selling.ReportedOrder{
		ID: r.id("titanOrderId"), PartnerOrderID: r.text("orderId"), Domain: r.text("domainName"), CustomerID: r.text("customerId"),
	}
}

// bulkList gives the entries of a bulk event: data.orders, else the first array
// in data (T-41), and its name, "" when there is none.
func bulkList(data json.RawMessage) (name string, entries []json.RawMessage) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if _, err := dec.Token(); err != nil {
		return "", nil
	}
	for dec.More() {
		tok, err := dec.Token()
		key, ok := tok.(string)
		if err != nil || !ok {
			return "", nil
		}
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			return "", nil
		}
		var list []json.RawMessage
		if v[0] != '[' || name != "" && key != "orders" || json.Unmarshal(v, &list) != nil {
			continue
		}
		name, entries = key, list
	}
	return name, entries
}
