// The decoder's side: reads pictures and weight files for its worker, in a
// process that has nothing to lose.
#ifndef ATELIER_WORKER_DECODER_DECODER_SERVICE_H_
#define ATELIER_WORKER_DECODER_DECODER_SERVICE_H_

#include "absl/status/status.h"
#include "worker/decoder/frame_channel.h"
#include "worker/decoder/tray.h"

namespace atelier {

/// Tells the worker that it is ready, and whether system calls are filtered,
/// then answers until the worker goes away.
/// Errors: Unavailable (it has), DataLoss (it asks for what is no request).
absl::Status ServeDecoder(FrameChannel& channel, Tray& tray,
                          const absl::Status& filtered);

}  // namespace atelier

#endif  // ATELIER_WORKER_DECODER_DECODER_SERVICE_H_
