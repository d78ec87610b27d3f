package titan

// pending is what has no scenario yet.
var pending = map[string]bool{
	"40": true, "41": true,
}
