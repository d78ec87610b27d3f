package internal

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"testing"
)

// clockUses finds calls of time.Now, Since, Until, After, Tick, Sleep,
// NewTimer, NewTicker and AfterFunc in a file.
func clockUses(t *testing.T, path string) []string {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	banned := map[string]bool{
		"Now": true, "Since": true, "Until": true, "After": true, "Tick": true, "Sleep": true,
		"NewTimer": true, "NewTicker": true, "AfterFunc": true,
	}
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if id, ok := sel.X.(*ast.Ident); ok && id.Name == "time" && id.Obj == nil && banned[sel.Sel.Name] {
			out = append(out, fmt.Sprintf("line %d: time.%s", fset.Position(sel.Pos()).Line, sel.Sel.Name))
		}
		return true
	})
	return out
}
