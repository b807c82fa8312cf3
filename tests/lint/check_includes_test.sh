#!/usr/bin/env bash
# The include check refuses what the design forbids and accepts what it allows.
set -euo pipefail
check=$(realpath "$(dirname "$0")/../../.ci/check-includes")
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

# expect pass|fail FILE HEADER
expect() {
  rm -rf "${tree:?}"/*
  mkdir -p "$tree/$(dirname "$2")" "$tree"/{common,coordinator,worker,client,monitoring,deploy}
  printf '#include "%s"\n' "$3" >"$tree/$2"
  if "$check" "$tree" 2>"$tree/message"; then verdict=pass; else verdict=fail; fi
  [ "$verdict" = "$1" ] || { echo "$2 including $3: $verdict, expected $1"; cat "$tree/message"; exit 1; }
  [ "$verdict" = pass ] || grep -q "^$2:1: .* may not include $3" "$tree/message" ||
    { echo "no file and line in: $(cat "$tree/message")"; exit 1; }
}

expect pass coordinator/state/a.cc common/clock.h
expect pass coordinator/store/sqlite/a.cc coordinator/state/job.h
expect pass coordinator/store/sqlite/a.cc soci/soci.h
expect pass coordinator/api/grpc/a.cc atelier/v1/jobs.pb.h
expect pass worker/main.cc worker/renderer/torch_renderer.h
expect fail coordinator/state/a.cc coordinator/store/store.h
expect fail coordinator/state/a.cc soci/soci.h
expect fail coordinator/state/a.cc atelier/v1/jobs.pb.h
expect fail coordinator/api/http/a.cc coordinator/api/grpc/server.h
expect pass coordinator/api/http/a.cc coordinator/api/views/job_views.h
expect pass coordinator/api/http/a.cc boost/beast/http.hpp
expect fail coordinator/api/grpc/a.cc boost/beast/http.hpp
expect fail coordinator/api/views/a.cc grpcpp/grpcpp.h
expect fail coordinator/api/views/a.cc coordinator/api/http/router.h
expect fail common/clock.cc coordinator/state/job.h
expect fail common/render/a.cc common/image/image.h
expect fail client/lib/a.cc worker/engine/network.h
expect fail worker/agent/a.cc coordinator/state/job.h
# The coordinator reads no picture and no weights; a worker does so apart.
expect fail coordinator/api/grpc/a.cc common/image/image.h
expect fail coordinator/blobs/a.cc common/weights/weight_file.h
expect fail worker/agent/a.cc worker/decoder/decoder.h
expect fail worker/decoder/a.cc torch/torch.h
expect pass worker/decoder/a.cc seccomp.h
expect pass worker/main.cc worker/decoder/decoder.h
expect fail worker/agent/a.cc torch/torch.h
expect fail worker/engine/a.cc grpcpp/grpcpp.h
expect fail worker/engine/a.cc worker/engine/experimental/batch_render.h
expect pass worker/engine/stepper.cc worker/engine/experimental/block_lbfgs.h
expect pass worker/engine/a_test.cc worker/engine/experimental/block_lbfgs.h
expect fail client/elsewhere/a.cc common/clock.h
echo "24 cases as expected"
