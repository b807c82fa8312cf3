// In place of worker/engine/version.cc: the worker of a later release.
#include "worker/engine/version.h"

namespace atelier::engine {

int EngineVersion() { return 1000; }

}  // namespace atelier::engine
