package catalog

// LabelSet is the labels of a metric, as a tuple whose type names each label's tag: a recorder given
// the wrong values, too few of them or in another order does not compile.
type LabelSet interface {
	// Defs returns the labels in the order of the tuple.
	Defs() []*LabelDef
}

// Key is one value for each label of the set S, in its order: what names a series to the code that writes it. The values
// were given with their types, so that no other order and no other label's value compiles. It is made where it is used: the
// compiler then keeps the values on the stack.
type Key[S LabelSet] struct{ values *[6]string }

// Values returns the values in the order of the set; those beyond it are empty. The zero Key has none.
func (k Key[S]) Values() *[6]string {
	if k.values == nil {
		return &[6]string{}
	}
	return k.values
}

// None is the label set of a metric without labels.
type None struct{}

// Defs returns no labels.
func (None) Defs() []*LabelDef { return nil }

// Of returns the key of the one series.
func (None) Of() Key[None] { return Key[None]{&[6]string{}} }

// Labels1 is a set of one label.
type Labels1[A any] struct{ a Label[A] }

// By1 makes a set of one label.
func By1[A any](a Label[A]) Labels1[A] { return Labels1[A]{a} }

// Defs returns the labels in the order of the tuple.
func (s Labels1[A]) Defs() []*LabelDef { return []*LabelDef{s.a.LabelDef} }

// Of returns the key of a series.
func (Labels1[A]) Of(a Value[A]) Key[Labels1[A]] {
	return Key[Labels1[A]]{&[6]string{a.text}}
}

// Labels2 is a set of two labels.
type Labels2[A, B any] struct {
	a Label[A]
	b Label[B]
}

// By2 makes a set of two labels.
func By2[A, B any](a Label[A], b Label[B]) Labels2[A, B] { return Labels2[A, B]{a, b} }

// Defs returns the labels in the order of the tuple.
func (s Labels2[A, B]) Defs() []*LabelDef { return []*LabelDef{s.a.LabelDef, s.b.LabelDef} }

// Of returns the key of a series.
func (Labels2[A, B]) Of(a Value[A], b Value[B]) Key[Labels2[A, B]] {
	return Key[Labels2[A, B]]{&[6]string{a.text, b.text}}
}

// Labels3 is a set of three labels.
type Labels3[A, B, C any] struct {
	Labels2[A, B]
	c Label[C]
}

// By3 makes a set of three labels.
func By3[A, B, C any](a Label[A], b Label[B], c Label[C]) Labels3[A, B, C] {
	return Labels3[A, B, C]{By2(a, b), c}
}

// Defs returns the labels in the order of the tuple.
func (s Labels3[A, B, C]) Defs() []*LabelDef { return append(s.Labels2.Defs(), s.c.LabelDef) }

// Of returns the key of a series.
func (Labels3[A, B, C]) Of(a Value[A], b Value[B], c Value[C]) Key[Labels3[A, B, C]] {
	return Key[Labels3[A, B, C]]{&[6]string{a.text, b.text, c.text}}
}

// Labels4 is a set of four labels.
type Labels4[A, B, C, D any] struct {
	Labels3[A, B, C]
	d Label[D]
}

// By4 makes a set of four labels.
func By4[A, B, C, D any](a Label[A], b Label[B], c Label[C], d Label[D]) Labels4[A, B, C, D] {
	return Labels4[A, B, C, D]{By3(a, b, c), d}
}

// Defs returns the labels in the order of the tuple.
func (s Labels4[A, B, C, D]) Defs() []*LabelDef { return append(s.Labels3.Defs(), s.d.LabelDef) }

// Of returns the key of a series.
func (Labels4[A, B, C, D]) Of(a Value[A], b Value[B], c Value[C], d Value[D]) Key[Labels4[A, B, C, D]] {
	return Key[Labels4[A, B, C, D]]{&[6]string{a.text, b.text, c.text, d.text}}
}

// Labels5 is a set of five labels.
type Labels5[A, B, C, D, E any] struct {
	Labels4[A, B, C, D]
	e Label[E]
}

// By5 makes a set of five labels.
func By5[A, B, C, D, E any](a Label[A], b Label[B], c Label[C], d Label[D], e Label[E]) Labels5[A, B, C, D, E] {
	return Labels5[A, B, C, D, E]{By4(a, b, c, d), e}
}

// Defs returns the labels in the order of the tuple.
func (s Labels5[A, B, C, D, E]) Defs() []*LabelDef { return append(s.Labels4.Defs(), s.e.LabelDef) }

// Of returns the key of a series.
func (Labels5[A, B, C, D, E]) Of(a Value[A], b Value[B], c Value[C], d Value[D], e Value[E]) Key[Labels5[A, B, C, D, E]] {
	return Key[Labels5[A, B, C, D, E]]{&[6]string{a.text, b.text, c.text, d.text, e.text}}
}

// Labels6 is a set of six labels.
type Labels6[A, B, C, D, E, F any] struct {
	Labels5[A, B, C, D, E]
	f Label[F]
}

// By6 makes a set of six labels.
func By6[A, B, C, D, E, F any](a Label[A], b Label[B], c Label[C], d Label[D], e Label[E], f Label[F]) Labels6[A, B, C, D, E, F] {
	return Labels6[A, B, C, D, E, F]{By5(a, b, c, d, e), f}
}

// Defs returns the labels in the order of the tuple.
func (s Labels6[A, B, C, D, E, F]) Defs() []*LabelDef { return append(s.Labels5.Defs(), s.f.LabelDef) }

// Of returns the key of a series.
func (Labels6[A, B, C, D, E, F]) Of(a Value[A], b Value[B], c Value[C], d Value[D], e Value[E], f Value[F]) Key[Labels6[A, B, C, D, E, F]] {
	return Key[Labels6[A, B, C, D, E, F]]{&[6]string{a.text, b.text, c.text, d.text, e.text, f.text}}
}
