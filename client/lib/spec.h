// Jobs as people write them: YAML (or JSON) files, see docs/spec.md.
//
//   ASSIGN_OR_RETURN(JobDraft job, ReadSpec("sweep.yaml"));
//   RETURN_IF_ERROR(OverrideBase(flags, job));
#ifndef ATELIER_CLIENT_LIB_SPEC_H_
#define ATELIER_CLIENT_LIB_SPEC_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/lib/parameters.h"
#include "client/lib/study_notes.h"
#include "common/render/measure.h"
#include "common/sweep/kept_points.h"

namespace atelier {

/// How axes make tasks.
enum class Sweep {
  kGrid,    ///< Every combination; the last axis changes fastest.
  kZip,     ///< The i-th values of all axes together.
  kRandom,  ///< A sample of the grid.
};

/// One value of an axis: a label, and what it sets over the base.
struct AxisValueDraft {
  std::string label;
  RenderDraft set;
};

struct AxisDraft {
  std::string name;
  std::vector<AxisValueDraft> values;
};

/// A job before its files are looked at.
struct JobDraft {
  std::string name;
  std::string study;  ///< The one it belongs to; empty for others.
  RenderDraft base;
  std::vector<AxisDraft> axes;
  Sweep sweep = Sweep::kGrid;
  int64_t sample_count = 0;  ///< With Sweep::kRandom.
  uint64_t sample_seed = 0;
  std::vector<LeaveOut> exclude;  ///< Values by their places in their axes.
  int sheet_columns = 0;          ///< 0: one row.
  // When and where it runs: as in jobs.proto.
  std::string user;
  int priority = 0;
  int max_running = 0;
  std::vector<std::string> worker_tags;
  int64_t worker_memory_bytes = 0;
  bool no_cache = false;
  std::string profile;
  /// By what results are measured. Its weights are a name or a path.
  MeasureChoice measure;
  /// What its results are looked at for.
  StudyNotes notes;
};

/// Of a job's name.
inline constexpr size_t kMaxJobNameCharacters = 128;

/// Bounds on what a spec may hold. The coordinator has its own.
struct SpecLimits {
  int64_t max_file_bytes = 16 << 20;
  int max_axes = 8;
  int max_axis_values = 100'000;
};

/// Reads `text`; `file` is its name in messages. Relative paths in it stay as
/// they are; patterns of files are looked up in `folder`, or the current one
/// where it is empty. JSON is read as the YAML it is.
/// Errors: InvalidArgument ("file:line:column: field: what was given; what is
///         allowed").
absl::StatusOr<JobDraft> ParseSpec(absl::string_view text,
                                   const std::string& file,
                                   const SpecLimits& limits = {},
                                   const std::string& folder = "");

/// Reads a file, or standard input where the path is "-". Relative paths in it
/// are relative to its folder; of a pipe, to the current one. The name defaults
/// to the file's, as text and shortened to kMaxJobNameCharacters.
/// Errors: as ParseSpec; the file cannot be read, or is larger than allowed.
absl::StatusOr<JobDraft> ReadSpec(const std::string& path,
                                  const SpecLimits& limits = {});

/// Puts parameters given as flags over the base of the job, and so into all of
/// its points.
/// Errors: InvalidArgument for a parameter that an axis sets (names both).
absl::Status OverrideBase(const RenderDraft& flags, JobDraft& job);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_SPEC_H_
