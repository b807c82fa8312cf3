// What spares tasks a worker: results of the same render, looked up in good
// time.
//
// Nothing is looked up here. A render of which nothing is known is asked for,
// together with those whose turn comes next; whoever owns the index reads what
// is asked() from the store, and gives it TakeAnswers. More may be asked for
// meanwhile.
#ifndef ATELIER_COORDINATOR_STATE_REUSE_INDEX_H_
#define ATELIER_COORDINATOR_STATE_REUSE_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "common/render/resolve.h"
#include "coordinator/state/decisions.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/job.h"
#include "coordinator/state/job_spec.h"
#include "coordinator/state/known_results.h"
#include "coordinator/state/lookahead.h"
#include "coordinator/state/records.h"

namespace atelier {

/// Thread-compatible.
class ReuseIndex {
 public:
  explicit ReuseIndex(const RenderLimits& limits) : limits_(limits) {}

  /// The job's next tasks may have results.
  void AddFresh(const JobId& job) { fresh_jobs_.insert(job); }
  void RemoveFresh(const JobId& job) { fresh_jobs_.erase(job); }
  /// Those that were added, one after another.
  std::optional<JobId> NextFresh(const JobId& after = JobId()) const;

  /// As MakeTask, unless Ask has made it already.
  absl::StatusOr<TaskRender> Materialize(const JobSpec& spec,
                                         const TaskId& task);

  /// The results of a render, at most one for an arithmetic; null: nothing is
  /// known, Ask. Lifetime: until the next change.
  const std::vector<TaskResult>* Find(const RenderKey& key) const {
    return known_.Find(key);
  }
  /// Asks for this render, and for those of the job's next tasks.
  void Ask(const RenderKey& key, const Job& job);
  /// Asks, once in a while, for those that come half a window later: they are
  /// read while what is known is given out.
  void NoteGranted(const Job& job, int64_t index);
  /// Renders, all of whose results are to be read whose picture is there.
  const std::set<RenderKey>& asked() const { return asked_; }
  /// Whether Ask was called since the last answers: somebody waits for more.
  bool is_awaited() const { return is_awaited_; }
  /// What was read for these: all that was asked() at some time since the last
  /// answers.
  void TakeAnswers(const std::set<RenderKey>& asked,
                   std::vector<StoredResult> results);
  /// A result that was decided on.
  void Add(const RenderKey& key, TaskResult result) {
    known_.Add(key, std::move(result));
  }
  /// Some picture is gone: what is known, or is being read, may name it.
  /// REQUIRES: all that was added is in the store.
  void ForgetResults();

  /// What was made for the job's tasks; its spec may go.
  void ForgetJob(const JobId& job) { lookahead_.Forget(job); }
  /// Forgets results, as their pictures may go. While some are asked for, only
  /// if there are more than kMost: whoever asked has not had a look at the
  /// others yet, and nothing that was added may be taken for missing.
  /// REQUIRES: all that was added is in the store before it is read again.
  void Trim();
  static constexpr size_t kMost = 4096;
  void Clear() { *this = ReuseIndex(limits_); }

  /// Renders that were made before their turn: bounded.
  size_t lookahead_size() const { return lookahead_.size(); }

 private:
  void AskAhead(const Job& job);

  RenderLimits limits_;
  KnownResults known_;
  std::set<RenderKey> asked_;
  bool is_awaited_ = false;
  bool answers_are_void_ = false;  // Of what is being read.
  Lookahead lookahead_;
  std::set<JobId> fresh_jobs_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_REUSE_INDEX_H_
