#include "worker/engine/version.h"

namespace atelier::engine {

int EngineVersion() { return 7; }

}  // namespace atelier::engine
