package server

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"text/template"
)

var (
	firstNames = strings.Fields("Ada Bjarne Chen Dilnoza Edsger Fatima Grace Hiroshi Ines Jomo Katherine Linus Margaret Noor Olga Pilar")
	lastNames  = strings.Fields("Okafor Silva Tanaka Weber Novak Haddad Lindqvist Moreau Patel Reyes Santos Ueda")
	words      = strings.Fields("amber brisk cedar delta ember fjord grove harbor indigo juniper karst lumen meadow nectar onyx prairie")
)

func pick(list []string) string { return list[rand.IntN(len(list))] }

// fakes are the functions of bodies: made-up data.
var fakes = template.FuncMap{
	"name":   person,
	"email":  func() string { return strings.ToLower(strings.ReplaceAll(person(), " ", ".")) + "@example.com" },
	"word":   func() string { return pick(words) },
	"oneof":  func(of ...string) string { return pick(of) },
	"number": func(from, to int) int { return from + rand.IntN(max(1, to-from+1)) },
	"token":  func(n int) string { return strings.ToUpper(random(bounded(n))[:bounded(n)]) },
	"times":  func(n int) []struct{} { return make([]struct{}, bounded(n)) },
	"uuid":   uuid,
}

// bounded keeps a number that a body asks for between 0 and 10000, so that a slip cannot take the memory.
func bounded(n int) int { return min(max(n, 0), 10_000) }

func person() string { return pick(firstNames) + " " + pick(lastNames) }

// asked returns what a body may say of the request: the values of its path, and those of its query, fit for a string of JSON.
func asked(r *http.Request, path string) map[string]string {
	out := map[string]string{}
	for k := range r.URL.Query() {
		out[k] = quoted(r.URL.Query().Get(k))
	}
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			name = strings.TrimSuffix(strings.TrimSuffix(name, "}"), "...")
			out[name] = quoted(r.PathValue(name))
		}
	}
	return out
}

// quoted returns a text as a string of JSON has it between its quotes.
func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always has a form in JSON
	return string(b[1 : len(b)-1])
}

// random returns so many random bytes in hexadecimal.
func random(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return hex.EncodeToString(b)
}

func uuid() string {
	s := random(16)
	return fmt.Sprintf("%s-%s-4%s-a%s-%s", s[:8], s[8:12], s[13:16], s[17:20], s[20:])
}
