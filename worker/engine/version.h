// What the arithmetic is. Free of Torch.
#ifndef ATELIER_WORKER_ENGINE_VERSION_H_
#define ATELIER_WORKER_ENGINE_VERSION_H_

namespace atelier::engine {

/// Raise it with every change after which some render gives other bytes on the
/// machine it ran on before. Results and checkpoints carry it, and none is
/// taken for another version's. What differs from machine to machine is the
/// profile's.
int EngineVersion();

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_VERSION_H_
