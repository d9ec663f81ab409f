#!/usr/bin/env bash
# A load test in a pipeline without a Prometheus: the service runs under load, is scraped before and after, and obsgen gate
# holds the difference against the thresholds of the alerts. It writes report.md.
#
#   LOAD=60 METRICS=localhost:9090 FLAGS= examples/ci/load-test.sh
set -euo pipefail
load=${LOAD:-60}                    # seconds
metrics=${METRICS:-localhost:9090}  # where the service serves its metrics
read -ra flags <<<"${FLAGS:-}"      # further ones of the service

bin=$(mktemp -d)
trap 'kill "${service:-0}" 2>/dev/null || true; rm -rf "$bin"' EXIT
go build -o "$bin" ./cmd/obsgen ./mockforge/mockforged
"$bin/mockforged" --load --calm --metrics "$metrics" "${flags[@]}" &
service=$!

scrape() { curl --silent --fail --retry 20 --retry-connrefused --retry-delay 1 "http://$metrics/metrics" >"$1"; }
sleep 3 # what is counted has begun
scrape "$bin/before.txt"
sleep "$load"
scrape "$bin/after.txt"
# How busy the processors are is that of the build machine, not of the service.
"$bin/obsgen" gate --scrapes "$bin/before.txt,$bin/after.txt" --elapsed "${load}s" --severity critical \
  --skip MockForgeCriticalCPUUsage --report report.md
