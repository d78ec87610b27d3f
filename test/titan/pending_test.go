package titan

// pending is what has no scenario yet.
var pending = map[string]bool{
	"R1": true, "R2": true, "R3": true, "R4": true, "16": true, "40": true, "41": true,
}
