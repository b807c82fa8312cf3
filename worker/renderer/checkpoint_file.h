// Checkpoints as bytes, to be kept and sent.
//
// A checkpoint is a safetensors file: little-endian whatever the machine, and
// read by the tools there are. Its metadata:
//   atelier_checkpoint  "1": the version of this layout
//   render              what it is of: Resumption::key
//   sha256              of all else: for each entry of metadata but this one,
//                       then for each tensor, by name: what WriteCheckpoint
//                       hashes, in its order
// Its tensors: `position` I64 (iteration, restarts, exploded, the best point's
// iteration and scale), `scale_ends` I64, `best_losses` F64 (content, style,
// total variation, total), `window` F64, `image` and `best` F32, and
// `optimizer/NNN/NAME`, F32 or F64, numbered in the optimizer's order.
#ifndef ATELIER_WORKER_RENDERER_CHECKPOINT_FILE_H_
#define ATELIER_WORKER_RENDERER_CHECKPOINT_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/engine/checkpoint.h"

namespace atelier {

/// Same arguments, same bytes. May throw what Torch throws.
std::string WriteCheckpoint(const engine::Checkpoint& checkpoint,
                            absl::string_view render);

/// The tensors are copies of `bytes`. May throw what Torch throws.
/// Errors: DataLoss (not such a file, or not as it was written: names the
///         field), FailedPrecondition (another version of the layout, or not of
///         `render`; names both).
absl::StatusOr<engine::Checkpoint> ReadCheckpoint(absl::string_view bytes,
                                                  absl::string_view render);

}  // namespace atelier

#endif  // ATELIER_WORKER_RENDERER_CHECKPOINT_FILE_H_
