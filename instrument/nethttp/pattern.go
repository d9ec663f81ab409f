package nethttp

import "context"

// patternHolder takes the template from a router that has requests of its own.
type patternHolder struct{ pattern string }

type holderKey struct{}

func withHolder(ctx context.Context, h *patternHolder) context.Context {
	return context.WithValue(ctx, holderKey{}, h)
}

// SetPattern tells the middleware the template that the request of a context matched. It does nothing where the
// middleware is not around it.
func SetPattern(ctx context.Context, pattern string) {
	if h, ok := ctx.Value(holderKey{}).(*patternHolder); ok {
		h.pattern = pattern
	}
}
