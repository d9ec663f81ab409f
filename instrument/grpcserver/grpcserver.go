// Package grpcserver observes the calls that a gRPC server answers.
package grpcserver

import (
	"context"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Call is a call that was answered.
type Call struct {
	// Service and Method are the names without the package's path: Greeter and Hello of /demo.v1.Greeter/Hello.
	Service, Method string
	Full            string
	Code            codes.Code
	Took            time.Duration
	// Sent and Received count the messages of a stream; of a unary call each is 1, but for Sent where it failed.
	Sent, Received int
	Stream         bool
	// Panicked says that the handler did not return. The code is then Internal, and the panic is passed on.
	Panicked bool
}

// Observer is told of each call when it comes in, and by what it returns, when it was answered: once for each.
type Observer func(ctx context.Context, fullMethod string) (done func(Call))

// Unary returns the interceptor of unary calls.
func Unary(observe Observer) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
		done := observe(ctx, info.FullMethod)
		call := named(info.FullMethod)
		call.Received = 1
		start, returned := time.Now(), false
		defer func() { finish(done, call, start, err, returned) }()
		resp, err = handler(ctx, req)
		returned = true
		if err == nil {
			call.Sent = 1
		}
		return resp, err
	}
}

// Stream returns the interceptor of streams.
func Stream(observe Observer) grpc.StreamServerInterceptor {
	return func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
		done := observe(stream.Context(), info.FullMethod)
		call := named(info.FullMethod)
		call.Stream = true
		counted := &counted{ServerStream: stream}
		start, returned := time.Now(), false
		defer func() {
			call.Sent, call.Received = counted.sent, counted.received
			finish(done, call, start, err, returned)
		}()
		err = handler(srv, counted)
		returned = true
		return err
	}
}

func finish(done func(Call), call Call, start time.Time, err error, returned bool) {
	if done == nil {
		return
	}
	call.Took, call.Panicked = time.Since(start), !returned
	switch {
	case !returned:
		call.Code = codes.Internal
	case err != nil:
		call.Code = status.Code(err)
		if call.Code == codes.Unknown { // a context's error has a code of its own, as the server sends it
			call.Code = status.FromContextError(err).Code()
		}
	}
	done(call)
}

func named(full string) Call {
	c := Call{Full: full}
	path := strings.TrimPrefix(full, "/")
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		c.Service, c.Method = path[:i], path[i+1:]
	}
	if i := strings.LastIndexByte(c.Service, '.'); i >= 0 {
		c.Service = c.Service[i+1:]
	}
	return c
}

// counted counts the messages of a stream. A stream has one goroutine that sends and one that receives at most.
type counted struct {
	grpc.ServerStream
	sent, received int
}

func (s *counted) SendMsg(m any) error {
	err := s.ServerStream.SendMsg(m)
	if err == nil {
		s.sent++
	}
	return err
}

func (s *counted) RecvMsg(m any) error {
	err := s.ServerStream.RecvMsg(m)
	if err == nil {
		s.received++
	}
	return err
}
