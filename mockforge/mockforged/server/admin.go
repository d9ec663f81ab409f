package server

import (
	"io"
	"net/http"
)

// mostCaptured is the size of what is taken at once of what the server captured.
const mostCaptured = 1 << 14

// admin answers those who run the server, and what needs no port of its own.
func (s *Server) admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /mode", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(s.chaos.mode.Load().name + "\n")) })
	mux.HandleFunc("PUT /mode/{name}", func(w http.ResponseWriter, r *http.Request) {
		if err := s.chaos.set(r.PathValue("name")); err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /orchestrations/{name}", s.orchestrate)
	mux.HandleFunc("PUT /plugins/{name}", s.plugins.change)
	mux.HandleFunc("DELETE /plugins/{name}", s.plugins.change)
	mux.HandleFunc("POST /plugins/{name}/values", s.plugins.write)
	mux.HandleFunc("POST /captures", func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, mostCaptured)); err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /mail", s.mail.list)
	mux.HandleFunc("POST /kafka/topics/{topic}", s.kafka.produce)
	mux.HandleFunc("GET /kafka/topics/{topic}/groups/{group}", s.kafka.consume)
	mux.HandleFunc("PUT /amqp/exchanges/{exchange}/queues/{queue}", s.amqp.bind)
	mux.HandleFunc("POST /amqp/exchanges/{exchange}", s.amqp.publish)
	mux.HandleFunc("GET /amqp/queues/{queue}", s.amqp.get)
	return mux
}
