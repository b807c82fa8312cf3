#include "worker/engine/torch_call.h"

#include <c10/util/Exception.h>

#include <new>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace atelier::engine {
namespace {

// A CUDA device that is full has a type of its own; the CPU's allocator only
// its words, which differ between versions.
bool IsOutOfMemory(const std::exception& thrown, absl::string_view text) {
  return dynamic_cast<const c10::OutOfMemoryError*>(&thrown) != nullptr ||
         dynamic_cast<const std::bad_alloc*>(&thrown) != nullptr ||
         absl::StrContains(text, "can't allocate memory") ||
         absl::StrContains(text, "not enough memory");
}

std::string FirstLine(absl::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

}  // namespace

absl::Status StatusOfException(absl::string_view what,
                               const std::exception& thrown) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&thrown);
  const std::string text =
      FirstLine(torch_error != nullptr ? torch_error->what_without_backtrace()
                                       : thrown.what());
  const absl::StatusCode code = IsOutOfMemory(thrown, text)
                                    ? absl::StatusCode::kResourceExhausted
                                    : absl::StatusCode::kInternal;
  return absl::Status(code, absl::StrCat(what, ": ", text));
}

}  // namespace atelier::engine
