package fault

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestWrapKeepsAFaultAndHidesTheRest(t *testing.T) {
	own := New(Conflict, "The seat is taken").WithReason("ACCOUNT_LIMIT_REACHED")
	through := fmt.Errorf("creating: %w", own)
	if Wrap(through) != through || Of(through) != own || !Is(through, Conflict) || Is(through, Invalid) {
		t.Error("a fault in the chain was not kept")
	}
	foreign := errors.New("dial tcp: password=hunter2")
	f := Of(Wrap(foreign))
	if f.Code != Internal || !f.Temporary || strings.Contains(f.Text, "hunter2") || !errors.Is(f, foreign) {
		t.Errorf("a foreign error became %+v", f)
	}
	if !strings.Contains(f.Error(), "hunter2") {
		t.Error("the log does not see the cause")
	}
	if Wrap(nil) != nil || Of(nil) != nil {
		t.Error("nil became an error")
	}
	if Of(io.EOF).Code != Internal {
		t.Error("Of a foreign error is not internal")
	}
}

func TestWithReasonCopies(t *testing.T) {
	base := Newf(Invalid, "%d is too many", 7)
	if with := base.WithReason("X"); base.Reason != "" || with.Reason != "X" || with.Text != "7 is too many" {
		t.Errorf("%+v, %+v", base, with)
	}
	if u := Unavail("The disk is full", io.ErrShortWrite); !u.Temporary || u.Code != Unavailable || !errors.Is(u, io.ErrShortWrite) {
		t.Errorf("%+v", u)
	}
}
