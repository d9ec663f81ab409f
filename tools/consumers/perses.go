package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/perses/perses/go-sdk/common"
	v1 "github.com/perses/perses/pkg/model/api/v1"
	"sigs.k8s.io/yaml"
)

// perses decodes manifests as Perses does, and the formats and thresholds within the specs of plugins as its SDK does. It
// prints each kind.
func perses(args []string) error {
	var errs []error
	for _, path := range args {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if data, err = yaml.YAMLToJSONStrict(data); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", path, err))
			continue
		}
		var of struct{ Kind string }
		if err := json.Unmarshal(data, &of); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", path, err))
			continue
		}
		entity, err := v1.GetStruct(v1.Kind(of.Kind))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", path, err))
			continue
		}
		if err := json.Unmarshal(data, entity); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", path, err))
		}
		var any any
		if err := json.Unmarshal(data, &any); err != nil {
			return err
		}
		errs = append(errs, formats(path, any)...)
		fmt.Println(of.Kind)
	}
	return errors.Join(errs...)
}

// formats decodes what is called format wherever it stands.
func formats(at string, v any) (errs []error) {
	switch v := v.(type) {
	case map[string]any:
		for key, x := range v {
			if key == "format" || key == "countFormat" || key == "yAxisFormat" {
				data, err := json.Marshal(x)
				if err == nil {
					err = json.Unmarshal(data, &common.Format{})
				}
				if err != nil {
					errs = append(errs, fmt.Errorf("%s: %s: %w", at, key, err))
				}
			}
			errs = append(errs, formats(at, x)...)
		}
	case []any:
		for _, x := range v {
			errs = append(errs, formats(at, x)...)
		}
	}
	return errs
}
