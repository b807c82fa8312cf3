#include "worker/engine/version.h"

namespace atelier::engine {

int EngineVersion() { return 8; }

}  // namespace atelier::engine
