package instrument

// Means returns how many moving averages there are.
func Means(q *Requests) (n int) {
	q.means.Range(func(any, any) bool { n++; return true })
	return n
}
