// What is known of finished renders: what the store said of late, and what was
// decided since.
#ifndef ATELIER_COORDINATOR_STATE_KNOWN_RESULTS_H_
#define ATELIER_COORDINATOR_STATE_KNOWN_RESULTS_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "coordinator/state/ids.h"
#include "coordinator/state/records.h"

namespace atelier {

/// A bounded memory of answers. Thread-compatible.
class KnownResults {
 public:
  /// Null: not known, ask the store. Empty: there is none. At most one for an
  /// arithmetic. Lifetime: until the next change.
  const std::vector<TaskResult>* Find(const RenderKey& key) const;

  /// The store was asked for this render...
  void SetAsked(const RenderKey& key);
  /// ...and this is one of its results, unless a later one was decided on.
  void Learn(const RenderKey& key, TaskResult result);

  /// A result that was decided on.
  void Add(const RenderKey& key, TaskResult result);

  /// Forgets results, as their pictures may go, and keeps what is missing
  /// within a bound. What is known of `kept` stays.
  /// REQUIRES: all that was added is in the store before it is asked again.
  void Trim(const std::set<RenderKey>& kept = {});
  /// Renders that something is known of since the last Trim.
  size_t size() const { return renders_.size(); }
  void Clear();

 private:
  struct Known {
    bool asked = false;
    std::vector<TaskResult> results;
  };

  std::map<RenderKey, Known> renders_;  // Since the last Trim.
  std::set<RenderKey> missing_;         // Before it.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_KNOWN_RESULTS_H_
