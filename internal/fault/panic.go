package fault

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Contain runs fn and turns a panic into an internal fault, so that what is
// wrong with one request, message or step ends neither the others nor the process.
func Contain(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = Panicked(p)
		}
	}()
	return fn()
}

// Panicked is Contain for who has to recover by itself: the fault of what
// recover gave. It is called by the deferred function, since the stack is taken here.
func Panicked(p any) error {
	return Wrap(&panicked{value: p, stack: debug.Stack()})
}

// panicked is a panic as an error for the log. Its value is shown only if the
// runtime made it: another may hold what a caller has sent.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string {
	what := fmt.Sprintf("%T", p.value)
	if err, ok := p.value.(runtime.Error); ok {
		what = err.Error()
	}
	return "panic: " + what + "\n" + string(p.stack)
}
