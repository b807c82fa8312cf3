#include "client/lib/job_report.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/client.h"
#include "common/digest.h"

namespace atelier {
namespace {

// Of a folder of photographs each is an input, and each is downloaded whole.
constexpr int kMaxShownInputs = 100;

// The fewer there are, the larger is each. A spec that describes none may still
// have some.
int MostInputs(const v1::JobSpec& spec) {
  const int images = spec.images_size();
  return images == 0 ? kMaxShownInputs : std::min(images, kMaxShownInputs);
}

}  // namespace

JobReport::JobReport(Client& client, const v1::Job& job, int64_t max_bytes)
    : client_(client),
      job_(job),
      most_inputs_(MostInputs(job.spec())),
      pictures_(job.task_count(), most_inputs_, max_bytes) {}

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
  const auto inputs = static_cast<int64_t>(inputs_.size());
  if (!IsHexDigest(digest) || inputs >= most_inputs_) return;
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
