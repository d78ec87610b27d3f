package basekit

import (
	"os"
	"testing"

	"posthouse/test/harness/harnesstest"
)

func TestMain(m *testing.M) { os.Exit(harnesstest.Main(m)) }
