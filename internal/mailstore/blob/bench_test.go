package blob

import "testing"

func BenchmarkPut(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(map[int]string{1: "1", 16: "16", 64: "64"}[callers], func(b *testing.B) {
			l := open(b, LocalConfig{})
			text := letters(4096, true)
			b.SetParallelism(max(1, callers/2))
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := put(l, text); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
