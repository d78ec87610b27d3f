package storetest

import (
	"encoding/json"
	"fmt"
)

// show prints a value with its pointers followed.
func show(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%+v", v)
	}
	return fmt.Sprintf("%T %s", v, text)
}
