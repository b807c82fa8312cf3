#include "worker/engine/stepper_state.h"

#include <c10/core/ScalarType.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace atelier::engine {
namespace {

std::string Describe(absl::string_view name, at::ScalarType type,
                     at::IntArrayRef shape) {
  return absl::StrCat(name, " of ", c10::toString(type), " [",
                      absl::StrJoin(shape, ", "), "]");
}

}  // namespace

absl::Status StateReader::Take(absl::string_view name, at::ScalarType type,
                               at::IntArrayRef shape, at::Tensor* out) {
  const std::string expected = Describe(name, type, shape);
  if (AtEnd()) {
    return absl::FailedPreconditionError(
        absl::StrCat("checkpoint: ends where there should be ", expected));
  }
  const auto& [given, tensor] = state_[next_];
  if (!tensor.defined()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "checkpoint: ", given, " is missing; expected ", expected));
  }
  if (given != name || tensor.scalar_type() != type ||
      tensor.sizes() != shape) {
    return absl::FailedPreconditionError(
        absl::StrCat("checkpoint: has ",
                     Describe(given, tensor.scalar_type(), tensor.sizes()),
                     " where there should be ", expected));
  }
  ++next_;
  *out = tensor;
  return absl::OkStatus();
}

absl::Status StateReader::ExpectEnd() const {
  if (AtEnd()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "checkpoint: has ", state_[next_].name, " where it should end"));
}

}  // namespace atelier::engine
