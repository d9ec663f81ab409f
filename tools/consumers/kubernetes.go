package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// crd is what a definition asks of a version of its kind.
type crd struct {
	validator  validation.SchemaValidator
	structural *schema.Structural
	rules      *cel.Validator
}

// crds validates manifests as the API server does: their schema, the rules in CEL, and that no field is unknown. A kind
// without a definition is an error.
func crds(args []string) error {
	known, err := definitions(args[0])
	if err != nil {
		return err
	}
	if len(args) < 2 {
		return errNothing
	}
	var errs []error
	for _, path := range args[1:] {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var object map[string]any
		if err := yaml.UnmarshalStrict(data, &object); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", path, err))
			continue
		}
		id := fmt.Sprintf("%v %v", object["apiVersion"], object["kind"])
		d, ok := known[id]
		if !ok {
			errs = append(errs, fmt.Errorf("%s: there is no definition of %s", path, id))
			continue
		}
		for _, e := range validation.ValidateCustomResource(nil, object, d.validator) {
			errs = append(errs, fmt.Errorf("%s: %w", path, e))
		}
		if d.rules != nil {
			found, _ := d.rules.Validate(context.Background(), nil, d.structural, object, nil, math.MaxInt64)
			for _, e := range found {
				errs = append(errs, fmt.Errorf("%s: %w", path, e))
			}
		}
		unknown := pruning.PruneWithOptions(object, d.structural, true, schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
		for _, field := range unknown {
			errs = append(errs, fmt.Errorf("%s: the field %s is unknown", path, field))
		}
		fmt.Println(id)
	}
	return errors.Join(errs...)
}

// definitions reads the definitions of a folder, by version and kind.
func definitions(dir string) (map[string]crd, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	out := map[string]crd{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var external apiextensionsv1.CustomResourceDefinition
		if err := yaml.Unmarshal(data, &external); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, v := range external.Spec.Versions {
			if v.Schema == nil {
				continue
			}
			var props apiextensions.JSONSchemaProps
			if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(v.Schema.OpenAPIV3Schema, &props, nil); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			d := crd{}
			if d.validator, _, err = validation.NewSchemaValidator(&props); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			if d.structural, err = schema.NewStructural(&props); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			d.rules = cel.NewValidator(d.structural, true, math.MaxInt64)
			out[external.Spec.Group+"/"+v.Name+" "+external.Spec.Names.Kind] = d
		}
	}
	if len(out) == 0 {
		return nil, errNothing
	}
	return out, nil
}

// kustomize prints what kustomize builds of a folder.
func kustomize(args []string) error {
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), args[0])
	if err != nil {
		return err
	}
	data, err := built.AsYaml()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(data)
	return err
}
