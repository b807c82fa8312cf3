#include "common/rpc/grpc_status.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "common/quoted_text.h"
#include "common/retry_after.h"
#include "common/rpc/denial.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace atelier {
namespace {

std::string DetailsOf(const absl::Status& status, const std::string& message,
                      absl::Duration wait) {
  google::rpc::RetryInfo info;
  const int64_t seconds = absl::ToInt64Seconds(wait);
  info.mutable_retry_delay()->set_seconds(seconds);
  info.mutable_retry_delay()->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(wait - absl::Seconds(seconds))));
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(message);
  details.add_details()->PackFrom(info);
  return details.SerializeAsString();
}

// Whatever else is there is none of ours.
std::optional<absl::Duration> RetryDelayOf(const std::string& serialized) {
  google::rpc::Status details;
  if (serialized.empty() || !details.ParseFromString(serialized)) {
    return std::nullopt;
  }
  for (const google::protobuf::Any& detail : details.details()) {
    google::rpc::RetryInfo info;
    if (!detail.UnpackTo(&info)) continue;
    return absl::Seconds(info.retry_delay().seconds()) +
           absl::Nanoseconds(info.retry_delay().nanos());
  }
  return std::nullopt;
}

}  // namespace

absl::Status FromGrpc(const grpc::Status& status) {
  absl::Status from = FromServer(
      absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                   status.error_message()));
  if (from.ok()) return from;
  const std::optional<absl::Duration> wait =
      RetryDelayOf(status.error_details());
  return wait.has_value() ? WithRetryAfter(std::move(from), *wait) : from;
}

grpc::Status ToGrpc(const absl::Status& status) {
  const auto code = static_cast<grpc::StatusCode>(status.code());
  const std::string message = ClippedText(status.message(), kMaxErrorBytes);
  const std::optional<absl::Duration> wait = RetryAfterOf(status);
  if (!wait.has_value()) return grpc::Status(code, message);
  return grpc::Status(code, message, DetailsOf(status, message, *wait));
}

}  // namespace atelier
