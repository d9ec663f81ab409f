// Package load drives a server with traffic as people make it: less at night than at noon, in bursts, with mistakes, and
// over every protocol. It comes over the network, as that of any client.
package load

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/emersion/go-smtp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/obsgen/obsgen/mockforge/mockforged/server"
)

// Options are how much traffic there is.
type Options struct {
	// Day is how long a day takes. It begins at 8 in the morning.
	Day time.Duration
	// Rate is the number of actions per second at the busiest time, outside bursts.
	Rate float64
	// Seed is where the random numbers begin.
	Seed uint64
	// Calm leaves out what makes the server fail on purpose: incidents, orchestrations, and calls that are mistaken.
	Calm bool
	// Incidents are what goes wrong; nil is the usual: one of each kind within the first half minute, then some a day.
	Incidents []Incident
}

// Incident is a mode of failure, for a while.
type Incident struct {
	At, For time.Duration
	Mode    string
}

// first are the incidents that a demonstration shows at once.
var first = []Incident{
	{6 * time.Second, 5 * time.Second, "degraded"}, {13 * time.Second, 4 * time.Second, "error"}, {19 * time.Second, 9 * time.Second, "chaos"},
}

// Shape returns how much of the busiest traffic there is at a time of day, from 0 to 1: little at night, most before noon
// and in the afternoon.
func Shape(hour float64) float64 {
	hump := func(at, width float64) float64 {
		d := math.Abs(hour - at)
		d = min(d, 24-d)
		return math.Exp(-d * d / (2 * width * width))
	}
	return min(1, 0.15+0.8*hump(10.5, 2)+0.85*hump(15, 2.5)+0.3*hump(20.5, 1.5))
}

// driver is what drives a server.
type driver struct {
	at     server.Addresses
	rnd    *rand.Rand // of the goroutine that plans
	client *http.Client
	calls  *grpc.ClientConn
	wg     sync.WaitGroup
	busy   chan struct{}
	calm   bool
}

// mostAtOnce bounds the actions that go on at the same time. Beyond it actions are left out, as a load balancer would.
const mostAtOnce = 256

// Run drives a server until ctx is done. It returns an error only where it cannot begin: what fails later is the traffic
// that it is there to make.
func Run(ctx context.Context, at server.Addresses, o Options) error {
	at = at.Reachable()
	calls, err := grpc.NewClient(at.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("connecting over gRPC: %w", err)
	}
	defer func() { _ = calls.Close() }()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	defer transport.CloseIdleConnections()
	d := &driver{
		at: at, rnd: rand.New(rand.NewPCG(o.Seed, 0)), calls: calls, busy: make(chan struct{}, mostAtOnce), calm: o.Calm,
		client: &http.Client{Transport: transport, Timeout: 10 * time.Second},
	}
	if o.Calm {
		o.Incidents = []Incident{}
	}
	if o.Incidents == nil {
		o.Incidents = slices.Clone(first)
		for day := range 1000 {
			for _, mode := range []string{"degraded", "error", "chaos", "degraded"} {
				at := time.Duration((float64(day) + 0.2 + 0.8*d.rnd.Float64()) * float64(o.Day))
				o.Incidents = append(o.Incidents, Incident{at, o.Day / 60, mode})
			}
		}
	}
	d.wg.Go(func() { d.incidents(ctx, o.Incidents) })
	d.wg.Go(func() { d.subscribe(ctx) })
	d.prepare(ctx)
	start, burst := time.Now(), time.Time{}
	for {
		at := time.Since(start)
		rate := o.Rate * Shape(math.Mod(8+24*at.Seconds()/o.Day.Seconds(), 24))
		if time.Now().Before(burst) {
			rate *= 5
		} else if d.rnd.Float64() < 1/(rate*o.Day.Seconds()/20) { // twenty bursts a day
			burst = time.Now().Add(min(5*time.Second, o.Day/60))
		}
		if !server.Sleep(ctx, time.Duration(d.rnd.ExpFloat64()/rate*float64(time.Second))) {
			break
		}
		d.act(ctx)
	}
	d.wg.Wait()
	return nil
}

// act begins an action.
func (d *driver) act(ctx context.Context) {
	n := d.rnd.IntN(total)
	for _, a := range actions {
		if n -= a.weight; n < 0 {
			if d.calm && a.fails {
				return
			}
			r := rand.New(rand.NewPCG(d.rnd.Uint64(), 0))
			select {
			case d.busy <- struct{}{}:
				d.wg.Go(func() {
					defer func() { <-d.busy }()
					a.do(d, ctx, r)
				})
			default:
			}
			return
		}
	}
}

// actions are what clients do, and how often beside each other.
var actions = []struct {
	weight int
	do     func(*driver, context.Context, *rand.Rand)
	fails  bool // it makes the server fail
}{
	{60, (*driver).browse, false},
	{12, (*driver).buy, false},
	{6, (*driver).report, false},
	{10, (*driver).workspace, false},
	{10, (*driver).graphQL, false},
	{14, (*driver).call, false},
	{4, (*driver).socket, false},
	{5, (*driver).mail, false},
	{8, (*driver).publish, false},
	{6, (*driver).stream, false},
	{6, (*driver).queue, false},
	{6, (*driver).trade, false},
	{1, (*driver).orchestrate, true},
}

var total = func() (n int) {
	for _, a := range actions {
		n += a.weight
	}
	return n
}()

// ask sends a request over HTTP and reads the answer to its end.
func (d *driver) ask(ctx context.Context, verb, url, body string, header ...string) int {
	req, err := http.NewRequestWithContext(ctx, verb, "http://"+url, strings.NewReader(body))
	if err != nil {
		return 0
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return 0
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

func choose(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }

func id(r *rand.Rand) string {
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", r.Uint32(), r.Uint32()&0xffff, r.Uint32()&0xfff, r.Uint32()&0xfff, r.Uint64()&0xffffffffffff)
}

// browse reads, as most clients do most of the time.
func (d *driver) browse(ctx context.Context, r *rand.Rand) {
	d.ask(ctx, http.MethodGet, d.at.HTTP+choose(r,
		"/api/users", "/api/users/"+id(r), "/api/users/"+id(r), "/api/products", "/api/products", "/api/products/SKU-"+fmt.Sprint(r.IntN(40)),
		"/api/search?q="+choose(r, "lamp", "chair", "desk"), "/api/search?q=sofa", "/api/search?q=rug", "/api/orders/"+id(r), "/api/airports",
		"/playground/examples", "/docs/readme", "/contracts/orders", "/scenarios", "/api/nothing/here", "/favicon.ico",
	), "")
	if r.IntN(80) == 0 {
		d.probe(ctx)
	}
	if r.IntN(40) == 0 { // a page that asks for many things at once
		d.rush(ctx, 12)
	}
}

// rush asks for many things at once.
func (d *driver) rush(ctx context.Context, n int) {
	var at sync.WaitGroup
	for range n {
		at.Go(func() { d.ask(ctx, http.MethodGet, d.at.HTTP+"/api/search?q=all", "") })
	}
	at.Wait()
}

// probe asks for what is far too long, as one who looks for holes does.
func (d *driver) probe(ctx context.Context) {
	d.ask(ctx, http.MethodGet, d.at.HTTP+"/api/orders/"+strings.Repeat("A", 20_000), "")
}

// buy writes.
func (d *driver) buy(ctx context.Context, r *rand.Rand) {
	body := fmt.Sprintf(`{"sku":"SKU-%d","count":%d,"note":%q}`, r.IntN(40), 1+r.IntN(5), strings.Repeat("x", r.IntN(2000)))
	switch r.IntN(4) {
	case 0:
		d.ask(ctx, http.MethodPost, d.at.HTTP+"/api/users", `{"name":"New"}`)
	case 1:
		d.ask(ctx, http.MethodDelete, d.at.HTTP+"/api/users/"+id(r), "")
	default:
		if d.ask(ctx, http.MethodPost, d.at.HTTP+"/api/orders", body) < 400 {
			d.ask(ctx, http.MethodPost, d.at.HTTP+"/api/payments", body)
		}
	}
}

// report asks for what is slow, and sometimes goes away before the answer.
func (d *driver) report(ctx context.Context, r *rand.Rand) {
	if r.IntN(10) == 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 200*time.Millisecond)
		defer cancel()
	}
	d.ask(ctx, http.MethodGet, d.at.HTTP+"/api/reports/2026-"+fmt.Sprintf("%02d", 1+r.IntN(12)), "")
	d.ask(ctx, http.MethodPost, d.at.HTTP+"/ai/complete", `{"prompt":"a mock of an airport"}`)
}

// workspace uses the mocks of a workspace.
func (d *driver) workspace(ctx context.Context, r *rand.Rand) {
	d.ask(ctx, choose(r, http.MethodGet, http.MethodGet, http.MethodPost), d.at.HTTP+"/workspaces/"+choose(r, "acme", "acme", "globex", "initech", "nobody")+choose(r, "/api/users", "/api/orders", "/api/missing"), "")
}

// mistaken are operations that fail, or are none.
var mistaken = []string{`{"query":"{ broken }"}`, `{"query":"{ nosuchfield }"}`, `no JSON`}

// graphQL sends an operation, now and then a mistaken one.
func (d *driver) graphQL(ctx context.Context, r *rand.Rand) {
	if !d.calm && r.IntN(20) == 0 {
		d.operate(ctx, choose(r, mistaken...))
		return
	}
	d.operate(ctx, choose(r,
		`{"query":"{ user(id: \"1\") { name email } }"}`, `{"query":"{ products(first: 5) { sku price name } }"}`,
		`{"query":"{ products { sku } user(id: \"2\") { id } }"}`, `{"query":"{ products { sku price } }"}`, `{"query":"query { products(first: 20) { name } }"}`,
	))
}

func (d *driver) operate(ctx context.Context, body string) {
	d.ask(ctx, http.MethodPost, d.at.HTTP+"/graphql", body, "Content-Type", "application/json")
}

// call calls over gRPC.
func (d *driver) call(ctx context.Context, r *rand.Rand) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	in, _ := structpb.NewStruct(map[string]any{"name": "load"}) // strings always fit
	switch r.IntN(8) {
	case 0:
		_, _ = healthpb.NewHealthClient(d.calls).Check(ctx, &healthpb.HealthCheckRequest{})
	case 1:
		stream, err := d.calls.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, "/demo.v1.Inventory/Watch")
		if err != nil || stream.SendMsg(in) != nil || stream.CloseSend() != nil {
			return
		}
		for stream.RecvMsg(&structpb.Struct{}) == nil {
		}
	default:
		method := choose(r, "/demo.v1.Greeter/Hello", "/demo.v1.Greeter/Hello", "/demo.v1.Inventory/Reserve", "/demo.v1.Inventory/Reserve", "/mock.v1.Contracts/Validate")
		if !d.calm && r.IntN(100) == 0 {
			method = "/demo.v1.Nothing/Here"
		}
		_ = d.calls.Invoke(ctx, method, in, &structpb.Struct{})
	}
}

// socket holds a WebSocket connection for a while and ends it in one of the ways that there are.
func (d *driver) socket(ctx context.Context, r *rand.Rand) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var raw net.Conn
	dialer := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		var err error
		raw, err = (&net.Dialer{}).DialContext(ctx, network, address)
		return raw, err
	}}}
	path := choose(r, "/echo", "/echo", "/echo", "/feed", "/feed", "/proxy")
	c, _, err := websocket.Dial(ctx, fmt.Sprintf("ws://%s%s?client=browser-%d", d.at.WebSocket, path, r.IntN(30)), &websocket.DialOptions{HTTPClient: dialer})
	if err != nil {
		return
	}
	defer func() { _ = c.CloseNow() }()
	if path == "/feed" {
		for {
			if _, _, err := c.Read(ctx); err != nil {
				return
			}
		}
	}
	for range 1 + r.IntN(12) {
		text := bytes.Repeat([]byte("m"), 1+int(math.Exp(1+6*r.Float64())))
		if c.Write(ctx, websocket.MessageText, text) != nil {
			return
		}
		if _, _, err := c.Read(ctx); err != nil {
			return
		}
		server.Sleep(ctx, time.Duration(r.IntN(400))*time.Millisecond)
	}
	switch r.IntN(6) {
	case 0:
		_ = raw.Close() // as a telephone in a tunnel
	case 1:
		if c.Write(ctx, websocket.MessageText, []byte("fail")) == nil {
			_, _, _ = c.Read(ctx)
		}
	case 2:
		_ = c.Close(4000+websocket.StatusCode(r.IntN(20)), "as the application wants")
	default:
		_ = c.Close(websocket.StatusNormalClosure, "")
	}
}

// mail sends a mail, sometimes to nobody.
func (d *driver) mail(ctx context.Context, r *rand.Rand) {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", d.at.SMTP)
	if err != nil {
		return
	}
	c := smtp.NewClient(conn)
	defer func() { _ = c.Close() }()
	to := choose(r, "ada@example.com", "chen@example.com", "grace@example.com", "ines@example.com", "nobody@bounce.example.com", "linus@busy.example.com")
	if c.Hello("load") != nil || c.Mail("load@example.com", nil) != nil {
		return
	}
	if c.Rcpt(to, nil) == nil {
		if w, err := c.Data(); err == nil {
			_, _ = fmt.Fprintf(w, "Subject: load\r\n\r\n%s\r\n", strings.Repeat("text ", 1+r.IntN(300)))
			_ = w.Close()
		}
	}
	_ = c.Quit()
}

func (d *driver) mqtt(name string) (mqtt.Client, error) {
	o := mqtt.NewClientOptions().AddBroker("tcp://" + d.at.MQTT).SetClientID(name).SetConnectTimeout(5 * time.Second).SetAutoReconnect(false)
	c := mqtt.NewClient(o)
	t := c.Connect()
	if !t.WaitTimeout(5 * time.Second) {
		return nil, errors.New("the broker does not answer")
	}
	return c, t.Error()
}

// subscribe listens to what is published, until ctx is done.
func (d *driver) subscribe(ctx context.Context) {
	c, err := d.mqtt("dashboard")
	if err != nil {
		return
	}
	c.Subscribe("sensors/#", 1, func(mqtt.Client, mqtt.Message) {}).WaitTimeout(5 * time.Second)
	<-ctx.Done()
	c.Disconnect(250)
}

// publish publishes over MQTT, sometimes where it may not.
func (d *driver) publish(_ context.Context, r *rand.Rand) {
	c, err := d.mqtt(fmt.Sprintf("sensor-%d", r.Uint32()))
	if err != nil {
		return
	}
	defer c.Disconnect(100)
	topic := choose(r, "sensors/hall/temperature", "sensors/roof/wind", "sensors/lab/humidity", "sensors/hall/door", "restricted/keys")
	for range 1 + r.IntN(4) {
		c.Publish(topic, byte(r.IntN(2)), r.IntN(3) == 0, fmt.Sprint(r.IntN(100))).WaitTimeout(time.Second)
	}
}

// stream produces and consumes records.
func (d *driver) stream(ctx context.Context, r *rand.Rand) {
	topic := d.at.Admin + "/kafka/topics/" + choose(r, "orders", "payments", "clicks")
	if r.IntN(12) == 0 {
		d.ask(ctx, http.MethodPost, topic, `{"records":[]}`)
		return
	}
	if r.IntN(2) == 0 {
		d.ask(ctx, http.MethodGet, topic+"/groups/"+choose(r, "billing", "search"), "")
		return
	}
	d.ask(ctx, http.MethodPost, topic, fmt.Sprintf(`{"records":[{"key":"%d","value":"a"},{"key":"%d","value":"b"}]}`, r.IntN(50), r.IntN(50)))
}

// queue publishes and consumes messages.
func (d *driver) queue(ctx context.Context, r *rand.Rand) {
	switch r.IntN(8) {
	case 0:
		d.ask(ctx, http.MethodPost, d.at.Admin+"/amqp/exchanges/unknown", "x")
	case 1, 2, 3:
		d.ask(ctx, http.MethodGet, d.at.Admin+"/amqp/queues/"+choose(r, "mail", "audit"), "")
	case 4:
		d.ask(ctx, http.MethodGet, d.at.Admin+"/amqp/queues/mail?requeue=yes", "")
	default:
		d.ask(ctx, http.MethodPost, d.at.Admin+"/amqp/exchanges/events", "an event")
	}
}

// trade uses the marketplace.
func (d *driver) trade(ctx context.Context, r *rand.Rand) {
	kind := choose(r, "plugins", "templates", "scenarios")
	switch r.IntN(5) {
	case 0:
		var header []string
		if r.IntN(6) > 0 {
			header = []string{"Authorization", "Bearer load"}
		}
		d.ask(ctx, http.MethodPost, d.at.HTTP+"/marketplace/"+kind, fmt.Sprintf(`{"name":"item-%d","version":%q}`, r.IntN(60), choose(r, "1.0.0", "1.1.0", "2.0.0", "latest")), header...)
	case 1, 2:
		d.ask(ctx, http.MethodGet, d.at.HTTP+"/marketplace/"+kind+"/"+choose(r, "pseudonymize", "crud-api", "black-friday", "item-1"), "")
	default:
		d.ask(ctx, http.MethodGet, d.at.HTTP+"/marketplace/"+kind+"?q="+choose(r, "a", "auth", "item"), "")
	}
}

// orchestrate plays an orchestration.
func (d *driver) orchestrate(ctx context.Context, r *rand.Rand) {
	d.ask(ctx, http.MethodPost, d.at.Admin+"/orchestrations/"+choose(r, "game-day", "network-cut"), "")
}

// prepare makes what other actions use, and does once what is rare, so that it is seen soon.
func (d *driver) prepare(ctx context.Context) {
	for _, queue := range []string{"mail", "audit"} {
		d.ask(ctx, http.MethodPut, d.at.Admin+"/amqp/exchanges/events/queues/"+queue, "")
	}
	if !d.calm {
		d.ask(ctx, http.MethodPost, d.at.Admin+"/orchestrations/game-day", "")
		for _, body := range mistaken {
			d.operate(ctx, body)
		}
	}
	d.rush(ctx, 60)
	d.probe(ctx)
}

// incidents sets the modes of failure, each for its while.
func (d *driver) incidents(ctx context.Context, incidents []Incident) {
	incidents = slices.Clone(incidents)
	slices.SortStableFunc(incidents, func(a, b Incident) int { return cmp.Compare(a.At, b.At) })
	start := time.Now()
	for _, i := range incidents {
		if !server.Sleep(ctx, i.At-time.Since(start)) {
			return
		}
		d.ask(ctx, http.MethodPut, d.at.Admin+"/mode/"+i.Mode, "")
		whole := server.Sleep(ctx, i.For)
		d.ask(context.WithoutCancel(ctx), http.MethodPut, d.at.Admin+"/mode/healthy", "")
		if !whole {
			return
		}
	}
}
