#include "worker/engine/version.h"

namespace atelier::engine {

int EngineVersion() { return 9; }

}  // namespace atelier::engine
