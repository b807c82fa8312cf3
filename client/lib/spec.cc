#include "client/lib/spec.h"

#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "client/lib/spec_reader.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "common/unicode.h"

namespace atelier {
namespace {

constexpr char kStandardInput[] = "-";
constexpr char kStdinName[] = "standard input";

}  // namespace

absl::StatusOr<JobDraft> ParseSpec(absl::string_view text,
                                   const std::string& file,
                                   const SpecLimits& limits,
                                   const std::string& folder) {
  if (static_cast<int64_t>(text.size()) > limits.max_file_bytes) {
    return InvalidArgument(file, ": ", text.size(), " bytes; at most ",
                           limits.max_file_bytes, " are allowed");
  }
  return SpecReader(file, text, limits, folder).Read();
}

absl::StatusOr<JobDraft> ReadSpec(const std::string& path,
                                  const SpecLimits& limits) {
  const bool is_stdin = path == kStandardInput;
  ASSIGN_OR_RETURN(
      const std::string text,
      is_stdin ? ReadDescriptor(STDIN_FILENO, kStdinName, limits.max_file_bytes)
               : ReadFile(path, limits.max_file_bytes));
  const std::filesystem::path file(is_stdin ? "stdin" : path);
  // What is beside a pipe is none of the job's business.
  std::error_code unknown;
  const std::string folder =
      std::filesystem::is_regular_file(file, unknown) && !is_stdin
          ? file.parent_path().string()
          : "";
  ASSIGN_OR_RETURN(JobDraft job, ParseSpec(text, is_stdin ? kStdinName : path,
                                           limits, folder));
  if (job.name.empty()) {
    job.name = ShortenedText(file.stem().string(), kMaxJobNameCharacters);
  }
  ResolvePaths(folder, job.base);
  if (!job.measure.weights_digest.empty()) {
    RenderDraft measured;
    measured.patch.weights_digest = job.measure.weights_digest;
    ResolvePaths(folder, measured);
    job.measure.weights_digest = *measured.patch.weights_digest;
  }
  for (AxisDraft& axis : job.axes) {
    for (AxisValueDraft& value : axis.values) ResolvePaths(folder, value.set);
  }
  return job;
}

absl::Status OverrideBase(const RenderDraft& flags, JobDraft& job) {
  for (const Parameter& parameter : AllParameters()) {
    if (!IsGiven(parameter, flags.patch)) continue;
    for (const AxisDraft& axis : job.axes) {
      for (const AxisValueDraft& value : axis.values) {
        if (!IsGiven(parameter, value.set.patch)) continue;
        return InvalidArgument(
            Flag(parameter), ": is what '", job.name, "' varies (axis ",
            axis.name, "); leave the flag out, or write a spec of your own");
      }
    }
  }
  job.base = Merge(std::move(job.base), flags);
  return absl::OkStatus();
}

}  // namespace atelier
