// Any bytes as a request of gRPC. The first says whose: the rest is read as a
// message of the wire, checked, and made into what the core takes.
#include <cstddef>
#include <cstdint>
#include <string>

#include "atelier/v1/access.pb.h"
#include "atelier/v1/artifacts.pb.h"
#include "atelier/v1/jobs.pb.h"
#include "atelier/v1/workers.pb.h"
#include "common/rpc/render_conversion.h"
#include "coordinator/api/grpc/access_requests.h"
#include "coordinator/api/grpc/validation.h"
#include "coordinator/api/grpc/worker_conversion.h"
#include "coordinator/api/views/job_conversion.h"
#include "coordinator/api/views/paging.h"
#include "coordinator/api/views/text_rules.h"

namespace atelier {
namespace {

void Submit(const v1::SubmitJobRequest& request) {
  CheckUniqueId("request_id", request.request_id()).IgnoreError();
  JobLimits limits;
  limits.max_tasks_resolved = 100;
  limits.max_axis_values = 1000;
  const auto job = ValidateJob(request.spec(), limits);
  if (!job.ok()) return;
  if (job->task_count < 1) __builtin_trap();
  // What is accepted is stored, and has to be read again.
  if (!DecodeSpec(EncodeSpec(request.spec())).ok()) __builtin_trap();
}

void Synchronize(const v1::SynchronizeRequest& request) {
  const auto parsed = FromProto(request);
  if (!parsed.ok()) return;
  for (const std::string& complaint : parsed->complaints) {
    if (complaint.empty()) __builtin_trap();
  }
}

void CreateToken(const v1::CreateTokenRequest& request) {
  const auto checked = CheckedRequest(request);
  if (!checked.ok()) return;
  if (checked->max_slots < 0) __builtin_trap();
  if (checked->expires_in <= absl::ZeroDuration()) __builtin_trap();
}

void SetQuota(const v1::SetQuotaRequest& request) {
  const auto checked = CheckedRequest(request);
  if (!checked.ok()) return;
  if (checked->user.empty()) __builtin_trap();
  if (checked->max_artifact_bytes.value_or(0) < QuotaUpdate::kByDefault) {
    __builtin_trap();
  }
}

void ListAudit(const v1::ListAuditRequest& request) {
  const auto checked = CheckedRequest(request);
  if (!checked.ok()) return;
  if (request.has_since() && checked->since < absl::UnixEpoch()) {
    __builtin_trap();
  }
}

void Download(const v1::DownloadRequest& request) {
  CheckDigest("digest", request.digest()).IgnoreError();
  CheckPrintable("job_id", request.job_id(), 0, 64).IgnoreError();
  AttemptTokenFromProto(request.attempt(), "attempt").status().IgnoreError();
}

template <typename Message, typename CheckFn>
void With(absl::string_view bytes, CheckFn check) {
  Message message;
  if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    check(message);
  }
}

void Check(absl::string_view bytes) {
  const unsigned which = static_cast<unsigned char>(bytes[0]) % 11;
  bytes.remove_prefix(1);
  switch (which) {
    case 0:
      return With<v1::SubmitJobRequest>(bytes, Submit);
    case 1:
      return With<v1::SynchronizeRequest>(bytes, Synchronize);
    case 2:
      return With<v1::RenderSpec>(bytes, [](const v1::RenderSpec& spec) {
        ResolvedFromProto(spec).status().IgnoreError();
      });
    case 3:
      return With<v1::ListTasksRequest>(
          bytes, [](const v1::ListTasksRequest& request) {
            PageSize(request.page_size()).status().IgnoreError();
            PageStart(request.page_token()).status().IgnoreError();
          });
    case 4:
      return With<v1::UploadRequest>(bytes, [](const v1::UploadRequest& one) {
        CheckDigest("digest", one.digest()).IgnoreError();
      });
    case 5:
      return With<v1::DrainWorkerRequest>(
          bytes, [](const v1::DrainWorkerRequest& request) {
            CheckWorkerName("name", request.name()).IgnoreError();
          });
    case 6:
      return With<v1::CreateTokenRequest>(bytes, CreateToken);
    case 7:
      return With<v1::RevokeTokenRequest>(
          bytes, [](const v1::RevokeTokenRequest& request) {
            CheckRequest(request).IgnoreError();
          });
    case 8:
      return With<v1::SetQuotaRequest>(bytes, SetQuota);
    case 9:
      return With<v1::ListAuditRequest>(bytes, ListAudit);
    default:
      return With<v1::DownloadRequest>(bytes, Download);
  }
}

}  // namespace
}  // namespace atelier

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  atelier::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
