#include "client/lib/spec.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/lib/spec_reader.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace atelier {

absl::StatusOr<JobDraft> ParseSpec(absl::string_view text,
                                   const std::string& file,
                                   const SpecLimits& limits) {
  if (static_cast<int64_t>(text.size()) > limits.max_file_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": ", text.size(), " bytes; at most ",
                     limits.max_file_bytes, " are allowed"));
  }
  return SpecReader(file, limits).Read(std::string(text));
}

absl::StatusOr<JobDraft> ReadSpec(const std::string& path,
                                  const SpecLimits& limits) {
  ASSIGN_OR_RETURN(const std::string text,
                   ReadFile(path, limits.max_file_bytes));
  ASSIGN_OR_RETURN(JobDraft job, ParseSpec(text, path, limits));
  const std::filesystem::path file(path);
  if (job.name.empty()) job.name = file.stem().string();
  const std::string folder = file.parent_path().string();
  ResolvePaths(folder, job.base);
  for (AxisDraft& axis : job.axes) {
    for (AxisValueDraft& value : axis.values) ResolvePaths(folder, value.set);
  }
  return job;
}

absl::Status OverrideBase(const RenderDraft& flags, JobDraft& job) {
  for (const Parameter& parameter : AllParameters()) {
    if (!parameter.given(flags)) continue;
    for (const AxisDraft& axis : job.axes) {
      for (const AxisValueDraft& value : axis.values) {
        if (!parameter.given(value.set)) continue;
        return absl::InvalidArgumentError(absl::StrCat(
            Flag(parameter), ": is what '", job.name, "' varies (axis ",
            axis.name, "); leave the flag out, or write a spec of your own"));
      }
    }
  }
  job.base = Merge(std::move(job.base), flags);
  return absl::OkStatus();
}

}  // namespace atelier
