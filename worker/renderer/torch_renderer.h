// Renders with Torch: what the agent's Renderer seam is in production.
#ifndef ATELIER_WORKER_RENDERER_TORCH_RENDERER_H_
#define ATELIER_WORKER_RENDERER_TORCH_RENDERER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/agent/renderer.h"

namespace atelier {

/// What others in this process keep while nothing else needs the room.
struct SpareMemory {
  std::function<int64_t()> bytes;
  std::function<void()> drop;  ///< All of it.
};

struct TorchRendererOptions {
  std::string device = "cpu";    ///< "cpu" or "cuda:N".
  int threads = 0;               ///< 0: as many as this process has cores.
  std::string backend = "auto";  ///< As engine::ChooseBackend.
  /// Most renders that step together. A GPU then always computes as many (where
  /// they fit), however few there are, so that how one is rounded does not
  /// depend on the others; this is part of the profile. A CPU takes turns.
  int batch = 1;
  /// What a render may bring the process's resident memory to or, on a GPU,
  /// take of the device's; 0: all that is there. A render that needs more
  /// computes blocks again to need less, or is refused.
  int64_t memory_limit_bytes = 0;
  /// Most bytes of content features and style Grams kept on the device between
  /// renders; 0 keeps none. They count against the limit until a render needs
  /// the room.
  int64_t target_cache_bytes = 0;
  /// Counts likewise, on a CPU. Unset: there is none.
  SpareMemory spare = {};
};

/// What a worker tells the coordinator of its machine.
struct DeviceReport {
  std::string device;        ///< "cpu" or "cuda:N", as asked for.
  std::string model;         ///< "AMD EPYC 7B13", "NVIDIA H100 80GB HBM3".
  int64_t memory_bytes = 0;  ///< The device's own or, if less, the limit.
  int threads = 0;           ///< Resolved: never 0.
  /// What the arithmetic depends on, one "name: value" a line: engine build,
  /// backend, instruction set or GPU model, threads, Torch and BLAS versions.
  /// Its SHA-256 is the worker's profile. Equal text, equal bytes.
  std::string profile_text;
  /// Lines for the log where this machine is set up to be slow: a BLAS that is
  /// not optimized, a backend that can't be had.
  std::vector<std::string> warnings;
};

/// A Renderer that keeps the networks of its last weights on the device, and
/// the report of that device. `threads` becomes the process's setting, as Torch
/// has only one.
struct TorchRendererSetup {
  std::unique_ptr<Renderer> renderer;
  DeviceReport device;
  /// What is left for reading pictures. Lifetime: the renderer's.
  PictureMemory memory;
  /// Bytes that this process holds now or, on a GPU, that Torch holds of its
  /// memory. Thread-safe.
  std::function<int64_t()> memory_in_use;
};

/// Errors: InvalidArgument (not the name of a device or backend, or one that
///         this machine or build lacks; names those there are; a memory limit
///         that leaves no room).
absl::StatusOr<TorchRendererSetup> MakeTorchRenderer(
    const TorchRendererOptions& options);

}  // namespace atelier

#endif  // ATELIER_WORKER_RENDERER_TORCH_RENDERER_H_
