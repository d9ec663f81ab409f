package validate_test

import (
	"testing"

	"github.com/obsgen/obsgen/source"
	"github.com/obsgen/obsgen/validate"
)

// FuzzLint checks files of whatever content: nothing may panic, and every finding stands somewhere in the file.
func FuzzLint(f *testing.F) {
	for _, c := range validate.All() {
		for _, text := range []string{c.Example.Wrong, c.Example.Right} {
			if text != "" {
				name, content := file(c.Example.Of, text)
				f.Add(name, content)
			}
		}
	}
	f.Fuzz(func(t *testing.T, name, content string) {
		if len(content) > 1<<16 {
			t.Skip()
		}
		for _, x := range lintAsked([2]string{name, content}) {
			if x.At.Line < 0 || x.At.Col < 0 || x.Message == "" || validate.Find(x.ID) == nil {
				t.Errorf("%+v", x)
			}
		}
	})
}

// FuzzExpression checks expressions that stand in no file, as explain does.
func FuzzExpression(f *testing.F) {
	for _, c := range validate.All() {
		if c.Example.Of == validate.PromQL {
			f.Add(c.Example.Wrong)
			f.Add(c.Example.Right)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		set := validate.NewSet([]*source.Document{}, optionsOfExamples)
		validate.Expression(text, set.Env, optionsOfExamples)
	})
}
