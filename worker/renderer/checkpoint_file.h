// Checkpoints as bytes, to be kept and sent.
//
// A checkpoint is a safetensors file: little-endian whatever the machine, and
// read by the tools there are. Its metadata:
//   atelier_checkpoint  "1": the version of this layout
//   render              what it is of: Resumption::key
//   terms               the terms of the loss: "content,style"; these where it
//                       is missing: "content,style,total_variation"
//   sha256              of all else: for each entry of metadata but this one,
//                       then for each tensor, by name: what WriteCheckpoint
//                       hashes, in its order
// Its tensors: `position` I64 (iteration, restarts, exploded, the best point's
// iteration and scale), `scale_ends` I64, `best_losses` F64 (of the
// terms, then the total), `window` F64, `image` and `best`
// F32, and `optimizer/NNN/NAME`, of any of these or BF16, numbered in the
// optimizer's order.
#ifndef ATELIER_WORKER_RENDERER_CHECKPOINT_FILE_H_
#define ATELIER_WORKER_RENDERER_CHECKPOINT_FILE_H_

#include <cstdint>
#include <istream>
#include <ostream>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/engine/checkpoint.h"

namespace atelier {

/// Of the file, but for its header.
int64_t CheckpointBytes(const engine::Checkpoint& checkpoint);

/// Same arguments, same bytes. Takes the memory of one tensor at most, and on a
/// CPU none. May throw what Torch throws.
void WriteCheckpoint(const engine::Checkpoint& checkpoint,
                     absl::string_view render, std::ostream& out);

/// From a stream that can seek, to tensors on the CPU. May throw what Torch
/// throws.
/// Errors: DataLoss (not such a file, or not as it was written: names the
///         field), FailedPrecondition (another version of the layout, or not of
///         `render`; names both).
absl::StatusOr<engine::Checkpoint> ReadCheckpoint(std::istream& in,
                                                  absl::string_view render);

}  // namespace atelier

#endif  // ATELIER_WORKER_RENDERER_CHECKPOINT_FILE_H_
