// Which previews of a render are made, and which of them stay.
#ifndef ATELIER_WORKER_AGENT_PREVIEW_SERIES_H_
#define ATELIER_WORKER_AGENT_PREVIEW_SERIES_H_

#include <algorithm>
#include <vector>

#include "absl/time/time.h"
#include "atelier/v1/jobs.pb.h"
#include "common/small_artifacts.h"

namespace atelier {

/// When to make the next preview of one attempt: judged by what the last one
/// took, so that all take no more than `share` of the time. Thread-compatible.
class PreviewPace {
 public:
  /// REQUIRES: 0 < share <= 1.
  PreviewPace(double share, absl::Time start) : share_(share), last_(start) {}

  /// No more often than `every`; infinite: never.
  bool Due(absl::Time now, absl::Duration every) const {
    return every < absl::InfiniteDuration() &&
           now - last_ >= std::max(every, last_cost_ / share_);
  }
  /// One was made, or tried to be.
  void Made(absl::Time now, absl::Duration cost) {
    last_ = now;
    last_cost_ = cost;
  }
  /// The last one took so much more.
  void Took(absl::Duration more) { last_cost_ += more; }

 private:
  const double share_;
  absl::Time last_;
  absl::Duration last_cost_;
};

/// The previews of one attempt that are kept: the first, the last, and what
/// lies evenly between them. Thread-compatible.
class PreviewSeries {
 public:
  /// Drops one where there are too many: of those between the first and the
  /// last the one whose neighbours are the fewest iterations apart. So of
  /// previews at regular iterations no gap is three times another.
  /// One that is not of a later iteration than the last is ignored.
  void Add(v1::PicturePreview preview);
  const std::vector<v1::PicturePreview>& kept() const { return kept_; }

 private:
  std::vector<v1::PicturePreview> kept_;  // By iteration.
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_PREVIEW_SERIES_H_
