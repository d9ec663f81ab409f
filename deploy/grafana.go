package deploy

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/obsgen/obsgen/diff"
	"github.com/obsgen/obsgen/source"
)

// Dashboard is one to be deployed: its JSON in the classic model, and the title and uid of its folder.
type Dashboard struct {
	UID, Title, Folder, FolderUID string
	JSON                          []byte
}

const jsonType = "application/json"

// message begins the message of each version of a dashboard that obsgen saves; the digest of what it saved follows.
const message = "obsgen deploy "

// tag marks the dashboards of a project.
func tag(project string) string { return "obsgen:" + project }

// digest returns a short digest of a dashboard.
func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:6])
}

// object is a dashboard as JSON has it.
type object = map[string]any

// remote is a dashboard as Grafana has it: see
// https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/#get-dashboard-by-uid.
type remote struct {
	Dashboard json.RawMessage `json:"dashboard"`
	Meta      struct {
		FolderUID   string `json:"folderUid"`
		Provisioned bool   `json:"provisioned"`
	} `json:"meta"`
}

// Grafana plans what is to be done for a project's dashboards to be in a Grafana as they are declared. It reads only.
func Grafana(ctx context.Context, s *Server, project string, dashboards []Dashboard) ([]Action, error) {
	var out []Action
	folders := map[string]bool{}
	for _, d := range dashboards {
		if d.FolderUID == "" || folders[d.FolderUID] {
			continue
		}
		folders[d.FolderUID] = true
		a, err := folder(ctx, s, d)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	for _, d := range dashboards {
		a, err := dashboard(ctx, s, project, d)
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", d.UID, err)
		}
		out = append(out, a)
	}
	left, err := leftOver(ctx, s, project, dashboards)
	if err != nil {
		return nil, err
	}
	return append(out, left...), nil
}

// folder plans a folder. One that is there is used as it is.
func folder(ctx context.Context, s *Server, d Dashboard) (Action, error) {
	a := Action{What: Unchanged, Object: "folder " + d.Folder}
	_, err := s.do(ctx, http.MethodGet, "/api/folders/"+url.PathEscape(d.FolderUID), "", nil)
	if status(err) == http.StatusNotFound {
		a.What = Create
		a.apply = func(ctx context.Context) error {
			body, err := json.Marshal(object{"uid": d.FolderUID, "title": d.Folder})
			if err != nil {
				return err
			}
			_, err = s.do(ctx, http.MethodPost, "/api/folders", jsonType, body)
			return err
		}
		return a, nil
	}
	return a, err
}

func dashboard(ctx context.Context, s *Server, project string, d Dashboard) (Action, error) {
	a := Action{What: Unchanged, Object: "dashboard " + d.Title}
	want, err := marked(d.JSON, project)
	if err != nil {
		return a, err
	}
	a.apply = func(ctx context.Context) error { return save(ctx, s, d, want) }
	data, err := s.do(ctx, http.MethodGet, "/api/dashboards/uid/"+url.PathEscape(d.UID), "", nil)
	if status(err) == http.StatusNotFound {
		a.What = Create
		return a, nil
	}
	if err != nil {
		return a, err
	}
	var have remote
	if err := json.Unmarshal(data, &have); err != nil {
		return a, fmt.Errorf("the server's answer: %w", err)
	}
	var is object
	if err := json.Unmarshal(have.Dashboard, &is); err != nil {
		return a, fmt.Errorf("the server's answer: %w", err)
	}
	if !slices.Contains(tags(is), tag(project)) {
		a.What, a.Details = Foreign, []string{"it has not the tag " + tag(project)}
		if have.Meta.Provisioned {
			a.Details = append(a.Details, "Grafana provisions it from a file, and refuses to save it otherwise")
		}
		return a, nil
	}
	moved := d.FolderUID != "" && have.Meta.FolderUID != d.FolderUID
	if reflect.DeepEqual(bare(is), bare(want)) && !moved {
		a.apply = nil
		return a, nil
	}
	a.What = Update
	if moved {
		a.Details = append(a.Details, "it is in the folder "+cmp.Or(have.Meta.FolderUID, "General"))
	}
	by, err := byHand(ctx, s, d.UID)
	if err != nil {
		return a, err
	}
	if by != "" {
		a.What = Drifted
		a.Details = append(a.Details, by)
	}
	a.Details = append(a.Details, changes(d.UID, have.Dashboard, d.JSON, a.What == Drifted)...)
	return a, nil
}

// marked returns a dashboard with the tag of its project.
func marked(data []byte, project string) (object, error) {
	var d object
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, err
	}
	ts := []any{}
	for _, t := range tags(d) {
		ts = append(ts, t)
	}
	d["tags"] = append(ts, tag(project))
	return d, nil
}

func tags(d object) []string {
	var out []string
	list, _ := d["tags"].([]any)
	for _, t := range list {
		if s, ok := t.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// bare returns a dashboard without what Grafana adds to it.
func bare(d object) object {
	out := object{}
	for k, v := range d {
		if k != "id" && k != "version" {
			out[k] = v
		}
	}
	return out
}

// save writes a dashboard: see https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/#create--update-dashboard.
func save(ctx context.Context, s *Server, d Dashboard, want object) error {
	body, err := json.Marshal(object{"dashboard": want, "folderUid": d.FolderUID, "overwrite": true, "message": message + digest(d.JSON)})
	if err != nil {
		return err
	}
	_, err = s.do(ctx, http.MethodPost, "/api/dashboards/db", jsonType, body)
	return err
}

// version is an entry of a dashboard's history: see
// https://grafana.com/docs/grafana/latest/developers/http_api/dashboard_versions/.
type version struct {
	Message   string `json:"message"`
	CreatedBy string `json:"createdBy"`
	Created   string `json:"created"`
}

// byHand says who saved the newest version of a dashboard, and returns "" where that was obsgen.
func byHand(ctx context.Context, s *Server, uid string) (string, error) {
	data, err := s.do(ctx, http.MethodGet, "/api/dashboards/uid/"+url.PathEscape(uid)+"/versions?limit=1", "", nil)
	if err != nil {
		return "", err
	}
	var versions []version
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) { // since Grafana 11
		var page struct {
			Versions []version `json:"versions"`
		}
		err = json.Unmarshal(data, &page)
		versions = page.Versions
	} else {
		err = json.Unmarshal(data, &versions)
	}
	if err != nil {
		return "", fmt.Errorf("the server's answer: %w", err)
	}
	if len(versions) == 0 || strings.HasPrefix(versions[0].Message, message) {
		return "", nil
	}
	v := versions[0]
	text := "changed by " + cmp.Or(v.CreatedBy, "someone")
	if v.Created != "" {
		text += " at " + v.Created
	}
	if v.Message != "" {
		text += ": " + v.Message
	}
	return text, nil
}

// changes says what is otherwise in Grafana; of a change by hand, what was changed.
func changes(uid string, have, want []byte, drifted bool) []string {
	read := func(data []byte) diff.Side {
		return diff.Side{Docs: []*source.Document{source.Read(uid+".json", data)}}
	}
	before, after := read(have), read(want)
	if drifted {
		before, after = after, before
	}
	var out []string
	for _, c := range diff.Compare(before, after, nil).Changes {
		out = append(out, c.Kind+" "+c.Name+": "+c.What)
	}
	return out
}

// leftOver finds the dashboards of a project that it declares no more.
func leftOver(ctx context.Context, s *Server, project string, dashboards []Dashboard) ([]Action, error) {
	data, err := s.do(ctx, http.MethodGet, "/api/search?type=dash-db&limit=5000&tag="+url.QueryEscape(tag(project)), "", nil)
	if err != nil {
		return nil, err
	}
	var found []struct{ UID, Title string }
	if err := json.Unmarshal(data, &found); err != nil {
		return nil, fmt.Errorf("the server's answer: %w", err)
	}
	var out []Action
	for _, f := range found {
		if slices.ContainsFunc(dashboards, func(d Dashboard) bool { return d.UID == f.UID }) {
			continue
		}
		out = append(out, Action{What: Left, Object: "dashboard " + f.Title, remove: func(ctx context.Context) error {
			_, err := s.do(ctx, http.MethodDelete, "/api/dashboards/uid/"+url.PathEscape(f.UID), "", nil)
			return err
		}})
	}
	return out, nil
}
