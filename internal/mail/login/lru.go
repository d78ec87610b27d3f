package login

import "container/list"

// lru is a map of bounded size that forgets what was touched longest ago. Its
// user locks.
type lru[K comparable, V any] struct {
	max   int
	order *list.List // front = touched last
	items map[K]*list.Element
}

type lruItem[K comparable, V any] struct {
	key   K
	value V
}

func newLRU[K comparable, V any](max int) *lru[K, V] {
	return &lru[K, V]{max: max, order: list.New(), items: make(map[K]*list.Element)}
}

// get gives the value in place, so that it can be changed, or nil.
func (l *lru[K, V]) get(k K) *V {
	e, ok := l.items[k]
	if !ok {
		return nil
	}
	l.order.MoveToFront(e)
	return &e.Value.(*lruItem[K, V]).value
}

func (l *lru[K, V]) put(k K, v V) *V {
	if p := l.get(k); p != nil {
		*p = v
		return p
	}
	if l.order.Len() >= l.max {
		oldest := l.order.Back()
		l.order.Remove(oldest)
		delete(l.items, oldest.Value.(*lruItem[K, V]).key)
	}
	it := &lruItem[K, V]{key: k, value: v}
	l.items[k] = l.order.PushFront(it)
	return &it.value
}

func (l *lru[K, V]) drop(k K) {
	if e, ok := l.items[k]; ok {
		l.order.Remove(e)
		delete(l.items, k)
	}
}

func (l *lru[K, V]) len() int { return l.order.Len() }
