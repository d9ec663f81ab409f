package tree

import (
	"bytes"
	"slices"

	"go.yaml.in/yaml/v3"
	k8syaml "sigs.k8s.io/yaml"
)

// YAML returns a value, by its JSON form, as YAML that every reader loads.
func YAML(v any) ([]byte, error) {
	data, err := k8syaml.Marshal(v)
	if err != nil {
		return nil, err
	}
	return Quote(data), nil
}

// Quote puts = into quotes where it stands alone: readers of YAML 1.1, such as Ansible's, take it for the default value of a
// mapping and refuse the file.
func Quote(data []byte) []byte {
	if !bytes.Contains(data, []byte("=\n")) {
		return data
	}
	var root yaml.Node
	if yaml.Unmarshal(data, &root) != nil {
		return data
	}
	var alone []*yaml.Node
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode && n.Value == "=" && n.Style == 0 {
			alone = append(alone, n)
		}
		for _, c := range n.Content {
			walk(c)
		}
	}
	walk(&root)
	lines := bytes.SplitAfter(data, []byte("\n"))
	for _, n := range slices.Backward(alone) { // from the last, so that no place moves
		line := lines[n.Line-1]
		at := n.Column - 1
		for i := range string(line) { // columns are of runes
			if at--; at < 0 {
				at = i
				break
			}
		}
		lines[n.Line-1] = slices.Concat(line[:at], []byte(`"="`), line[at+1:])
	}
	return bytes.Join(lines, nil)
}
