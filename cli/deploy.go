package cli

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"github.com/obsgen/obsgen/deploy"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/internal/client"
	"github.com/obsgen/obsgen/internal/file"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/render/grafana"
)

type deployFlags struct {
	url       string
	headers   []string
	token     string
	profile   string
	apply     bool
	check     bool
	options   deploy.Options
	namespace string
	tenant    string
	cortex    bool
	parts     []string
}

func newDeploy(env *Env) *cobra.Command {
	var f deployFlags
	cmd := &cobra.Command{
		Use:   "deploy grafana|ruler|kubernetes",
		Short: "Bring dashboards, rules or manifests to a server",
		Long: `Deploy brings dashboards and their folders to a Grafana, rules to the ruler of a Mimir or a Cortex, or manifests to a
Kubernetes cluster, each by its API. It prints what it would do; with --apply it does it.

It touches only what is its own: dashboards with the project's tag, rules in the project's namespace, objects with its label.
What someone changed by hand since is shown, with who did, and stays unless --overwrite says otherwise; what is there and was
never deployed stays unless --adopt does; what is declared no more stays unless --prune does.`,
		Example:   "  obsgen deploy grafana --url http://localhost:3000 --token-file token\n  obsgen deploy ruler --url http://localhost:9009 --tenant team --apply",
		ValidArgs: []string{"grafana", "ruler", "kubernetes"},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains([]string{"grafana", "ruler", "kubernetes"}, args[0]) {
				return misuse("deploy takes one of grafana, ruler, kubernetes")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), env, args[0]) },
	}
	cmd.Flags().StringVar(&f.url, "url", "", "address of the server")
	cmd.Flags().StringArrayVar(&f.headers, "header", nil, "a header of each request: 'NAME: VALUE'; $NAME is taken from the environment")
	cmd.Flags().StringVar(&f.token, "token-file", "", "file with the token that each request carries")
	cmd.Flags().StringVar(&f.profile, "profile", "", "the environment that is deployed (default the first)")
	cmd.Flags().BoolVar(&f.apply, "apply", false, "do it, and do not only say what would be done")
	cmd.Flags().BoolVar(&f.check, "check", false, "exit 1 where the server is not as declared")
	cmd.Flags().BoolVar(&f.options.Overwrite, "overwrite", false, "replace what was changed by hand")
	cmd.Flags().BoolVar(&f.options.Adopt, "adopt", false, "take over what is there and was not deployed by obsgen")
	cmd.Flags().BoolVar(&f.options.Prune, "prune", false, "delete what was deployed and is declared no more")
	cmd.Flags().StringVar(&f.namespace, "namespace", "", "ruler: the namespace of the rules (default the project's name); kubernetes: that of manifests without one")
	cmd.Flags().StringVar(&f.tenant, "tenant", "", "ruler: the tenant")
	cmd.Flags().BoolVar(&f.cortex, "cortex", false, "ruler: it is a Cortex, and not a Mimir")
	cmd.Flags().StringSliceVar(&f.parts, "parts", []string{"rules", "scrape", "dashboards", "alertmanager"}, "kubernetes: the folders of out/kubernetes that are applied")
	return cmd
}

func (f *deployFlags) run(ctx context.Context, env *Env, to string) error {
	if f.url == "" {
		return misuse("say where to: --url ADDRESS")
	}
	if f.apply && f.check {
		return misuse("--apply changes the server and --check only looks: name one")
	}
	header, err := headers(f.headers)
	if err != nil {
		return err
	}
	if f.token != "" {
		token, err := file.Read(env.path(f.token))
		if err != nil {
			return misuse("%v", err)
		}
		header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	}
	if f.tenant != "" {
		header.Set("X-Scope-OrgID", f.tenant)
	}
	server, err := deploy.NewServer(f.url, header)
	if err != nil {
		return misuse("%v", err)
	}
	p, err := env.plan(f.profile)
	if err != nil {
		return err
	}
	if err := faultless(env, p); err != nil {
		return err
	}
	actions, err := f.actions(ctx, server, p, to)
	if err != nil {
		return misuse("looking at %s: %v", client.Redacted(f.url), err)
	}
	return f.carryOut(ctx, env, actions)
}

// headers reads headers as flags have them.
func headers(list []string) (http.Header, error) {
	out := http.Header{}
	for _, h := range list {
		name, value, ok := strings.Cut(h, ":")
		if !ok {
			return nil, misuse("--header is NAME: VALUE, and one has no colon") // it may be a secret
		}
		out.Add(strings.TrimSpace(name), os.ExpandEnv(strings.TrimSpace(value)))
	}
	return out, nil
}

// faultless returns an error where a plan has faults: nothing faulty is deployed.
func faultless(env *Env, p *plan.Plan) error {
	found := findings([]*plan.Plan{p})
	if worst, any := diag.Worst(found); any && worst == diag.Error {
		if err := writeText(env, env.Stderr, found); err != nil {
			return err
		}
		return &ExitError{Code: ExitFindings, Message: fmt.Sprintf("nothing deployed: %s", countOf(found))}
	}
	return nil
}

// actions plans what is to be done.
func (f *deployFlags) actions(ctx context.Context, server *deploy.Server, p *plan.Plan, to string) ([]deploy.Action, error) {
	switch to {
	case "grafana":
		var boards []deploy.Dashboard
		for _, b := range p.Boards {
			data, err := grafana.Classic(p, b)
			if err != nil {
				return nil, err
			}
			d := deploy.Dashboard{UID: b.UID, Title: b.Title, Folder: b.Folder, JSON: data}
			if b.Folder != "" {
				d.FolderUID = grafana.FolderUID(b.Folder)
			}
			boards = append(boards, d)
		}
		return deploy.Grafana(ctx, server, p.Name, boards)
	case "ruler":
		files, err := renderOnly(p, project.Prometheus)
		if err != nil {
			return nil, err
		}
		var groups []deploy.Group
		for _, file := range files {
			if !strings.HasPrefix(file.Path, "prometheus/rules/") {
				continue
			}
			var all struct {
				Groups []map[string]any `json:"groups"`
			}
			if err := yaml.Unmarshal(file.Data, &all); err != nil {
				return nil, err
			}
			for _, g := range all.Groups {
				data, err := yaml.Marshal(g)
				if err != nil {
					return nil, err
				}
				groups = append(groups, deploy.Group{Name: fmt.Sprint(g["name"]), YAML: data})
			}
		}
		api := deploy.MimirRules
		if f.cortex {
			api = deploy.CortexRules
		}
		namespace := f.namespace
		if namespace == "" {
			namespace = p.Name
		}
		return deploy.Ruler(ctx, server, api, namespace, groups)
	}
	files, err := renderOnly(p, project.Kubernetes)
	if err != nil {
		return nil, err
	}
	var manifests [][]byte
	for _, file := range files {
		folder := path.Base(path.Dir(file.Path))
		if slices.Contains(f.parts, folder) && path.Base(file.Path) != "kustomization.yaml" {
			manifests = append(manifests, file.Data)
		}
	}
	if len(manifests) == 0 {
		return nil, fmt.Errorf("there are no manifests in %s", strings.Join(f.parts, ", "))
	}
	return deploy.Kubernetes(ctx, server, f.namespace, manifests)
}

// carryOut prints the plan, and with --apply does what it says.
func (f *deployFlags) carryOut(ctx context.Context, env *Env, actions []deploy.Action) error {
	same, does, stays := 0, 0, 0
	for _, a := range actions {
		if a.What == deploy.Unchanged {
			same++
			continue
		}
		ok, why := f.options.Does(a)
		line := fmt.Sprintf("%-8s %s", a.What, diag.Printable(a.Object)) // the server has named what was left there
		if ok {
			does++
		} else {
			stays++
			line += " (it stays: " + why + ")"
		}
		fmt.Fprintln(env.Stdout, line)
		for _, d := range a.Details {
			fmt.Fprintf(env.Stdout, "         %s\n", diag.Printable(d))
		}
	}
	if !f.apply {
		fmt.Fprintf(env.Stdout, "%d to be done, %d that stay, %d as declared\n", does, stays, same)
		if f.check && does+stays > 0 {
			return &ExitError{Code: ExitFindings, Message: "the server is not as declared"}
		}
		if does > 0 {
			fmt.Fprintln(env.Stderr, "nothing was changed: --apply does it")
		}
		return nil
	}
	done := 0
	if err := deploy.Apply(ctx, actions, f.options, func(deploy.Action) { done++ }); err != nil {
		return misuse("%d of %d done, then %s", done, does, diag.Printable(err.Error()))
	}
	fmt.Fprintf(env.Stdout, "%d done, %d as declared\n", done, same)
	if stays > 0 {
		return &ExitError{Code: ExitFindings, Message: several(stays, "object") + " not as declared, left as found"}
	}
	return nil
}
