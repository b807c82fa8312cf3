// Finished reports on disk until the coordinator has answered them, so that a
// restart of the worker loses none.
#ifndef ATELIER_WORKER_AGENT_OUTBOX_H_
#define ATELIER_WORKER_AGENT_OUTBOX_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "atelier/v1/workers.pb.h"

namespace atelier {

/// One file a report, named by its token. Several workers may share a folder:
/// a report that two of them send is committed once.
/// Thread-safe for different tokens.
class Outbox {
 public:
  /// Makes the folder. Errors: as the file system says.
  static absl::StatusOr<Outbox> Open(std::string folder);

  /// Returns once the report is on disk.
  absl::Status Put(const v1::AttemptReport& report) const;
  /// One that is not there is fine.
  absl::Status Remove(const v1::AttemptToken& token) const;
  /// Those of an earlier process. Files that are no reports are removed; one
  /// that cannot be read stays.
  absl::StatusOr<std::vector<v1::AttemptReport>> Load() const;

 private:
  explicit Outbox(std::string folder) : folder_(std::move(folder)) {}
  std::string PathOf(const v1::AttemptToken& token) const;

  std::string folder_;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_OUTBOX_H_
