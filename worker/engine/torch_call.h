// Where Torch's exceptions end and absl::Status begins.
#ifndef ATELIER_WORKER_ENGINE_TORCH_CALL_H_
#define ATELIER_WORKER_ENGINE_TORCH_CALL_H_

#include <exception>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace atelier::engine {

/// ResourceExhausted for memory that could not be had (Torch's message gives
/// the bytes), Internal for anything else; one line.
absl::Status StatusOfException(absl::string_view what,
                               const std::exception& thrown);

/// Runs `call`, which returns a Status or StatusOr; what it throws becomes
/// "what: ...".
template <typename F>
auto CallTorch(absl::string_view what, F&& call) -> decltype(call()) {
  try {
    return call();
  } catch (const std::exception& thrown) {
    return StatusOfException(what, thrown);
  }
}

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_TORCH_CALL_H_
