// A recorded render made a job again, and its result compared.
//
//   RerunInputs inputs(record, files);
//   RETURN_IF_ERROR(inputs.AddGiven("content", path));
//   inputs.LookAround(folder);
//   ASSIGN_OR_RETURN(PreparedJob job, inputs.Prepare());
#ifndef ATELIER_CLIENT_LIB_RERUN_H_
#define ATELIER_CLIENT_LIB_RERUN_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/input_files.h"
#include "client/lib/prepare.h"
#include "client/lib/recorded_render.h"

namespace atelier {

/// Finds the inputs of a render by their digests. Lifetime: of its arguments.
/// Thread-compatible.
class RerunInputs {
 public:
  RerunInputs(const RecordedRender& record, InputFiles& files,
              const PrepareLimits& limits = {});

  /// A file, or of "weights" also a network's name, that a person gives.
  /// Errors: InvalidArgument for one that is no input of the render.
  absl::Status AddGiven(absl::string_view parameter, const std::string& path);
  /// Looks for what is not found yet: networks that come with Atelier, files
  /// of the recorded names, then all files of the folder, up to a bound.
  void LookAround(const std::string& folder);
  /// What another job of the same coordinator says of its inputs.
  void AddDescriptions(const v1::JobSpec& spec);

  /// Digests of which no bytes are at hand.
  std::vector<std::string> Lacking() const;
  /// Of these the ones that nobody has described: no job can name them.
  bool HasUndescribed() const;
  /// Names inputs, their digests and what to do.
  absl::Status NotAtHand(const std::vector<std::string>& digests) const;

  /// A job of one task without its name. What lacks bytes is named by digest.
  /// REQUIRES: !HasUndescribed().
  /// Errors: InvalidArgument, also where this version would make another
  ///         render of it.
  absl::StatusOr<PreparedJob> Prepare() const;

 private:
  struct Input {
    std::string parameter;  // By the names of flags.
    FileKind kind;
    std::string name;  // Empty: not recorded.
    std::string path;  // Or a network's name; empty: not at hand.
  };

  bool IsDescribed(const std::string& digest) const;
  void TryNetwork(const std::string& name);
  absl::Status CheckIsTheSame(const v1::JobSpec& spec) const;

  const RecordedRender& record_;
  InputFiles& files_;
  const PrepareLimits limits_;
  std::map<std::string, Input> inputs_;  // By digest.
  std::map<std::string, v1::ImageDescription> images_;
  std::map<std::string, v1::NetworkDescription> networks_;
};

/// A result beside the one that was recorded.
struct RerunComparison {
  bool same_bytes = false;
  /// Relative, the largest of all terms and the total; absent where no losses
  /// are recorded.
  std::optional<double> losses_differ;
  /// "same bytes as out.png", or in what it differs.
  std::string text;

  /// Same bytes, or losses within kAllowedLossDifference.
  bool IsGood() const;
};

inline constexpr double kAllowedLossDifference = 1e-3;

RerunComparison CompareWithRecorded(const RecordedRender& record,
                                    const v1::TaskResult& result);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_RERUN_H_
