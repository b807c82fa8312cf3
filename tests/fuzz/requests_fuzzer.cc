// Any bytes as a request of any method (request_input.h): read as a message of
// the wire, checked as its call checks it, and made into what the core takes. A
// new method is fuzzed without a line here.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#include "atelier/v1/access.pb.h"
#include "atelier/v1/jobs.pb.h"
#include "atelier/v1/render.pb.h"
#include "atelier/v1/workers.pb.h"
#include "common/rpc/render_conversion.h"
#include "coordinator/api/grpc/access_requests.h"
#include "coordinator/api/grpc/request_checks.h"
#include "coordinator/api/grpc/worker_conversion.h"
#include "coordinator/api/views/audit_requests.h"
#include "coordinator/api/views/job_conversion.h"
#include "coordinator/api/views/job_validation.h"
#include "tests/fuzz/request_input.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace atelier {
namespace {

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  __builtin_trap();
}

JobLimits SmallLimits() {
  JobLimits limits;
  limits.max_tasks_resolved = 100;
  limits.max_axis_values = 1000;
  return limits;
}

// What must be true of requests that were taken, besides.

void CheckTaken(const v1::SubmitJobRequest& request) {
  const auto job = ValidateJob(request.spec(), SmallLimits());
  Require(job.ok() && job->task_count >= 1, "a valid job has a task");
  Require(DecodeSpec(EncodeSpec(request.spec())).ok(),
          "a valid job is read again from its stored form");
}

void CheckTaken(const v1::SynchronizeRequest& request) {
  const auto parsed = FromProto(request);
  for (const std::string& complaint : parsed->complaints) {
    Require(!complaint.empty(), "a complaint says something");
  }
}

void CheckTaken(const v1::CreateTokenRequest& request) {
  const auto token = CheckedRequest(request);
  Require(token->max_slots >= 0, "slots are 0 or more");
  Require(token->expires_in > absl::ZeroDuration(), "a token lives");
}

void CheckTaken(const v1::SetQuotaRequest& request) {
  const auto quota = CheckedRequest(request);
  Require(!quota->user.empty(), "a quota is a user's");
  Require(quota->max_artifact_bytes.value_or(0) >= QuotaUpdate::kByDefault,
          "a quota is a bound, any or the default");
}

void CheckTaken(const v1::ListAuditRequest& request) {
  const auto query = CheckedRequest(request);
  Require(!request.has_since() || query->since >= absl::UnixEpoch(),
          "a time is from 1970 on");
}

template <typename Request>
void CheckTakenAs(const google::protobuf::Message& message) {
  const auto* const request = dynamic_cast<const Request*>(&message);
  if (request != nullptr) CheckTaken(*request);
}

void Check(const google::protobuf::Message& message) {
  if (const auto* spec = dynamic_cast<const v1::RenderSpec*>(&message)) {
    ResolvedFromProto(*spec).status().IgnoreError();
    return;
  }
  const absl::Status status = CheckAnyRequest(message, SmallLimits());
  if (!status.ok()) {
    Require(
        absl::IsInvalidArgument(status) || absl::IsResourceExhausted(status),
        "a check refuses what is malformed or too much");
    Require(!status.message().empty(), "a refusal says why");
    return;
  }
  CheckTakenAs<v1::SubmitJobRequest>(message);
  CheckTakenAs<v1::SynchronizeRequest>(message);
  CheckTakenAs<v1::CreateTokenRequest>(message);
  CheckTakenAs<v1::SetQuotaRequest>(message);
  CheckTakenAs<v1::ListAuditRequest>(message);
}

absl::string_view TextOf(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace
}  // namespace atelier

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto request = atelier::ParseRequest(atelier::TextOf(data, size));
  if (request != nullptr) atelier::Check(*request);
  return 0;
}

// Changes the message, seldom whose it is.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size,
                                          size_t max_size, unsigned int seed) {
  constexpr unsigned kOtherNameEvery = 16;
  const size_t named = atelier::NameBytes(atelier::TextOf(data, size));
  std::string name(atelier::TextOf(data, named));
  if (named == 0 || seed % kOtherNameEvery == 0) {
    const auto& names = atelier::InputNames();
    name = names[seed / kOtherNameEvery % names.size()] + "\n";
  }
  if (name.size() >= max_size) return LLVMFuzzerMutate(data, size, max_size);
  const size_t room = max_size - name.size();
  const size_t kept = std::min(size - named, room);
  uint8_t* const message = data + name.size();
  std::memmove(message, data + named, kept);
  std::memcpy(data, name.data(), name.size());
  return name.size() + LLVMFuzzerMutate(message, kept, room);
}
