#include "client/lib/job_report.h"

#include <utility>

#include "absl/status/status.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/client.h"
#include "common/digest.h"

namespace atelier {
namespace {

// Of a folder of photographs each is an input, and each is downloaded whole.
constexpr size_t kMaxShownInputs = 100;

}  // namespace

JobReport::JobReport(Client& client, const v1::Job& job, int64_t max_bytes)
    : client_(client),
      job_(job),
      pictures_(job.task_count(), kMaxShownInputs, max_bytes) {}

void JobReport::AddTask(const v1::Task& task, absl::string_view file) {
  // One that does not fit stays a link.
  pictures_.AddTask(task.index(), file).IgnoreError();
  const v1::RenderSpec& render = task.render();
  AddInput(render.content_digest(), task.index());
  AddInput(render.init_digest(), task.index());
  for (const auto* digests :
       {&render.style_digests(), &render.style_mask_digests(),
        &render.style_region_digests()}) {
    for (const std::string& digest : *digests) AddInput(digest, task.index());
  }
}

void JobReport::AddInput(const std::string& digest, int64_t task_index) {
  if (!IsHexDigest(digest) || inputs_.size() >= kMaxShownInputs) return;
  inputs_.emplace(digest, task_index);
}

absl::StatusOr<ReportJob> JobReport::Finish(std::string document) {
  for (const auto& [digest, task_index] : inputs_) {
    const absl::StatusOr<std::string> file =
        client_.Download(digest, {job_.job_id(), task_index});
    if (absl::IsCancelled(file.status())) return file.status();
    if (!file.ok()) continue;
    // What is no picture after all is one more gap.
    pictures_.AddInput(digest, *file).IgnoreError();
  }
  return ReportJob{/*folder=*/"", std::move(document), pictures_.Json()};
}

}  // namespace atelier
