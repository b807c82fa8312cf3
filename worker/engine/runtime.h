// Torch's process-wide settings, and what its arithmetic depends on.
#ifndef ATELIER_WORKER_ENGINE_RUNTIME_H_
#define ATELIER_WORKER_ENGINE_RUNTIME_H_

#include <string>

namespace atelier::engine {

/// Makes Torch deterministic, keeps it at full float32 precision and at
/// `threads` threads, BLAS included. Torch counts threads per calling thread:
/// call it on the thread that renders, before it does, as often as you like.
/// REQUIRES: threads at least 1.
void ConfigureTorch(int threads);

/// The matrix library that Torch calls.
struct Blas {
  std::string version;    ///< "OpenBLAS 0.3.21 ... SkylakeX", or "unknown".
  bool optimized = true;  ///< False: renders may take many times as long.
};
Blas FindBlas();

/// Version, compiler and kind of build of the engine: "0.1.0 GNU 12.2.0 ...".
std::string EngineBuild();

/// Torch's version and the libraries it was built with, on one line.
std::string TorchBuild();

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_RUNTIME_H_
