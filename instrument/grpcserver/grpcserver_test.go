package grpcserver_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/obsgen/obsgen/instrument/grpcserver"
)

// service answers by the text that it is sent: ok, fail, slow or panic.
var service = grpc.ServiceDesc{
	ServiceName: "demo.v1.Greeter",
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{{MethodName: "Hello", Handler: func(srv any, ctx context.Context, dec func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
		in := &wrapperspb.StringValue{}
		if err := dec(in); err != nil {
			return nil, err
		}
		return intercept(ctx, in, &grpc.UnaryServerInfo{FullMethod: "/demo.v1.Greeter/Hello"}, func(ctx context.Context, req any) (any, error) {
			switch req.(*wrapperspb.StringValue).Value {
			case "fail":
				return nil, status.Error(codes.NotFound, "nobody")
			case "plain":
				return nil, errors.New("plain")
			case "late":
				return nil, context.DeadlineExceeded
			case "panic":
				panic("boom")
			}
			return req, nil
		})
	}}},
	Streams: []grpc.StreamDesc{{StreamName: "Chat", ServerStreams: true, ClientStreams: true, Handler: func(srv any, stream grpc.ServerStream) error {
		for {
			m := &wrapperspb.StringValue{}
			if err := stream.RecvMsg(m); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
			for range 2 {
				if err := stream.SendMsg(m); err != nil {
					return err
				}
			}
		}
	}}},
}

func TestCalls(t *testing.T) {
	var mu sync.Mutex
	var calls []grpcserver.Call
	begun := 0
	observe := func(context.Context, string) func(grpcserver.Call) {
		mu.Lock()
		defer mu.Unlock()
		begun++
		return func(c grpcserver.Call) {
			mu.Lock()
			defer mu.Unlock()
			calls = append(calls, c)
		}
	}
	// What passes a panic on ends the program; one outside of the interceptor turns it into an error, as servers do.
	recovering := func(ctx context.Context, req any, info *grpc.UnaryServerInfo, h grpc.UnaryHandler) (resp any, err error) {
		defer func() {
			if p := recover(); p != nil {
				err = status.Errorf(codes.Internal, "%v", p)
			}
		}()
		return h(ctx, req)
	}
	server := grpc.NewServer(grpc.ChainUnaryInterceptor(recovering, grpcserver.Unary(observe)), grpc.StreamInterceptor(grpcserver.Stream(observe)))
	server.RegisterService(&service, struct{}{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	defer server.Stop()
	client, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, text := range []string{"ok", "fail", "plain", "late", "panic"} {
		_ = client.Invoke(t.Context(), "/demo.v1.Greeter/Hello", wrapperspb.String(text), &wrapperspb.StringValue{})
	}
	stream, err := client.NewStream(t.Context(), &service.Streams[0], "/demo.v1.Greeter/Chat")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := stream.SendMsg(wrapperspb.String("x")); err != nil {
			t.Fatal(err)
		}
	}
	_ = stream.CloseSend()
	for stream.RecvMsg(&wrapperspb.StringValue{}) == nil {
	}
	for range 100 {
		mu.Lock()
		n := len(calls)
		mu.Unlock()
		if n == 6 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	mu.Lock()
	defer mu.Unlock()
	want := []grpcserver.Call{
		{Method: "Hello", Code: codes.OK, Sent: 1, Received: 1}, {Method: "Hello", Code: codes.NotFound, Received: 1}, {Method: "Hello", Code: codes.Unknown, Received: 1},
		{Method: "Hello", Code: codes.DeadlineExceeded, Received: 1}, {Method: "Hello", Code: codes.Internal, Received: 1, Panicked: true},
		{Method: "Chat", Code: codes.OK, Sent: 6, Received: 3, Stream: true},
	}
	if len(calls) != len(want) || begun != len(want) {
		t.Fatalf("%d calls, %d begun", len(calls), begun)
	}
	for i, w := range want {
		g := calls[i]
		if g.Took <= 0 || g.Service != "Greeter" {
			t.Errorf("%+v", g)
		}
		w.Took, w.Service, w.Full = g.Took, "Greeter", "/demo.v1.Greeter/"+w.Method
		if g != w {
			t.Errorf("%+v, want %+v", g, w)
		}
	}
}
