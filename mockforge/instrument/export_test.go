package instrument

// Means returns how many moving averages there are.
func Means(q *Requests) (n int) {
	q.means.Range(func(any, any) bool { n++; return true })
	return n
}

// Left returns how many clients are remembered to have left.
func Left(w *WebSocket) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.left)
}
