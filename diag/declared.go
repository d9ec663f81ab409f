package diag

import (
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Declaration is something that a program declares and that has to be listed elsewhere to have an effect: an alert in a group, a
// group in a project.
type Declaration struct {
	Name  string
	Value any // what the constructor returned
	Site  Site
}

// mostDeclared bounds what is remembered: a long run that declares by the million, such as a test with made-up projects, is not
// what anyone wants to be told of.
const mostDeclared = 1 << 14

var declarations struct {
	sync.Mutex
	all []Declaration
}

// Declare remembers a declaration and returns its value, for constructors.
func Declare[T any](name string, value T, s Site) T {
	declarations.Lock()
	defer declarations.Unlock()
	if len(declarations.all) < mostDeclared {
		declarations.all = append(declarations.all, Declaration{name, value, s})
	}
	return value
}

// Declarations returns what the program has declared so far.
func Declarations() []Declaration {
	declarations.Lock()
	defer declarations.Unlock()
	return slices.Clone(declarations.all)
}

// Package returns the import path of the package that the call stands in, "" where there is none; that of a program is main.
func (s Site) Package() string {
	if s.caller == 0 {
		return ""
	}
	function := frameOf(s.caller).Function
	dir := strings.LastIndexByte(function, '/') + 1
	last, _, _ := strings.Cut(function[dir:], ".")
	if plain, err := url.PathUnescape(last); err == nil { // dots of the last element are written %2e
		last = plain
	}
	return function[:dir] + last
}
