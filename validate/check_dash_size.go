package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
)

var dashSize = &Check{
	ID: "dash/size", Severity: diag.Warning, Title: "A ConfigMap that cannot be applied",
	Why:    "kubectl apply keeps a copy of the object in an annotation, which may have 256 KiB, and etcd refuses objects above 1 MiB. Larger ones have to be split, or applied with --server-side.",
	Source: "https://kubernetes.io/docs/concepts/configuration/configmap/#motivation",
	Set: func(s *Set, report Report) {
		for _, d := range s.Documents {
			for _, m := range d.ConfigMaps {
				const annotation = 256 << 10
				if m.Size > annotation {
					report(diag.Finding{At: m.Name.At(), Subject: m.Name.Value, Message: fmt.Sprintf("the ConfigMap %s holds %d KiB", m.Name.Value, m.Size>>10), Why: "kubectl apply fails above 256 KiB", Mend: "split it, or apply it with --server-side"})
				}
			}
		}
	},
}
