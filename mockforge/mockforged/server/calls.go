package server

import (
	"fmt"
	"math/rand/v2"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/obsgen/obsgen/instrument/grpcserver"
	"github.com/obsgen/obsgen/mockforge/metrics"
)

// calls returns the server of gRPC: the methods of the definition, and the health service.
func (s *Server) calls() *grpc.Server {
	observe := s.recorder.Requests.Calls()
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(grpcserver.Unary(s.objectives.calls), grpcserver.Unary(observe)),
		grpc.ChainStreamInterceptor(grpcserver.Stream(s.objectives.calls), grpcserver.Stream(observe)),
		grpc.UnknownServiceHandler(s.call),
	)
	state := health.NewServer()
	healthpb.RegisterHealthServer(server, state)
	s.beside(func() {
		<-s.ctx.Done()
		state.Shutdown()
	})
	return server
}

// call answers a call by its method's name: messages are of google.protobuf.Struct, in both directions.
func (s *Server) call(_ any, stream grpc.ServerStream) error {
	name, _ := grpc.MethodFromServerStream(stream)
	for _, c := range s.config.Calls {
		if c.Method == name {
			return s.play(c, stream)
		}
	}
	return status.Errorf(codes.Unimplemented, "there is no method %s", name)
}

func (s *Server) play(c *call, stream grpc.ServerStream) error {
	var asked structpb.Struct
	if err := stream.RecvMsg(&asked); err != nil {
		return status.Errorf(codes.InvalidArgument, "the message is no google.protobuf.Struct: %v", err)
	}
	answer, err := structpb.NewStruct(c.Answer)
	if err != nil {
		return status.Errorf(codes.Internal, "the answer of %s: %v", c.Method, err)
	}
	for range max(1, c.Messages) {
		if !s.chaos.wait(stream.Context(), c.draw()) {
			return status.FromContextError(stream.Context().Err()).Err()
		}
		if s.chaos.draws(metrics.FaultHTTPError) {
			s.recorder.Chaos.Fault(metrics.FaultHTTPError, c.Method)
			return status.Error(codes.Unavailable, "injected")
		}
		p := rand.Float64()
		for _, f := range c.Failures {
			if p -= f.Share; p < 0 {
				return status.Error(f.Code, fmt.Sprintf("%s fails now and then", c.Method))
			}
		}
		if err := stream.SendMsg(answer); err != nil {
			return err
		}
	}
	return nil
}
