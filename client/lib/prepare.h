// From a job draft to what the coordinator takes: files become digests, and
// everything that can be checked here is, before anything is started or sent.
//
//   ASSIGN_OR_RETURN(PreparedJob job, Prepare(draft));
//   for (const std::string& line : job.warnings) ...
//   ASSIGN_OR_RETURN(v1::Job accepted, client.Submit(job));
#ifndef ATELIER_CLIENT_LIB_PREPARE_H_
#define ATELIER_CLIENT_LIB_PREPARE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/input_files.h"
#include "client/lib/spec.h"
#include "common/image/image.h"
#include "common/render/resolve.h"

namespace atelier {

/// Bytes that the coordinator may lack: in a file, or in memory where they
/// come from no file.
struct PreparedInput {
  std::string digest;
  std::string path;
  std::shared_ptr<const std::string> bytes;  ///< Null: read `path`.
};

struct PreparedJob {
  v1::JobSpec spec;
  std::vector<PreparedInput> inputs;  ///< One for each distinct digest.
  std::vector<std::string> warnings;  ///< One line each, for people.
};

struct PrepareLimits {
  DecodeLimits images;
  RenderLimits renders;
  int64_t max_weight_bytes = int64_t{4} << 30;
  /// Larger jobs are checked value by value; the coordinator checks the rest.
  int64_t max_points_checked = 4096;
};

/// Reads, hashes and decodes every file of the draft once, and resolves its
/// points against the networks they name. Drafts that may name the same pipes
/// share `files`.
/// Errors: InvalidArgument only, in one line: the parameter or file, what was
///         given, what is allowed, and at which point of the job.
absl::StatusOr<PreparedJob> Prepare(const JobDraft& draft, InputFiles& files,
                                    const PrepareLimits& limits = {});
absl::StatusOr<PreparedJob> Prepare(const JobDraft& draft,
                                    const PrepareLimits& limits = {});

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_PREPARE_H_
