// From a weight file to what the engine takes.
#ifndef ATELIER_WORKER_WEIGHTS_NETWORK_WEIGHTS_H_
#define ATELIER_WORKER_WEIGHTS_NETWORK_WEIGHTS_H_

#include "common/weights/weight_file.h"
#include "worker/engine/network.h"

namespace atelier {

/// Views into `file`, which must outlive the result.
engine::NetworkWeights ViewWeights(const WeightFile& file);

}  // namespace atelier

#endif  // ATELIER_WORKER_WEIGHTS_NETWORK_WEIGHTS_H_
