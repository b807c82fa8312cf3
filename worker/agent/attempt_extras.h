// What an attempt tells besides its losses and its result: previews,
// thumbnails and its log. It can do without all of them: nothing that goes
// wrong here reaches the render, but for one line in the log.
//
//   auto extras = AttemptExtras::Begin(parts, token, progress);
//   extras->Write("fetched the content");
//   job.previews = extras->MakePreviews(every, colors);
//   extras->Tell(message);               // after every iteration
//   extras->SendThumbnails(digest, result);
//   extras->Finish(within, &report);
#ifndef ATELIER_WORKER_AGENT_ATTEMPT_EXTRAS_H_
#define ATELIER_WORKER_AGENT_ATTEMPT_EXTRAS_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "atelier/v1/workers.pb.h"
#include "common/image/image.h"
#include "common/rpc/artifact_client.h"
#include "worker/agent/attempt_log.h"
#include "worker/agent/extras_carrier.h"
#include "worker/agent/preview_series.h"
#include "worker/agent/renderer.h"
#include "worker/agent/thumbnails.h"

namespace atelier {

/// What they are made with; all of it outlives the attempt. The carrier belongs
/// to one slot.
struct ExtrasParts {
  ExtrasCarrier& carrier;
  MadeThumbnails& thumbnails;
  /// Of the time, what making previews may take: of one render.
  double preview_share = 0.01;
  /// Its log is uploaded no more often, and not before; at the end at once.
  absl::Duration log_every = absl::Seconds(15);
  absl::Duration first_log_after = absl::Seconds(2);
  /// For how long a report may wait for them; of a render that was told to
  /// stop.
  absl::Duration finish_within = absl::Seconds(3);
  absl::Duration finish_within_when_stopped = absl::Seconds(1);
};

/// Of one attempt. Thread-safe.
class AttemptExtras : public std::enable_shared_from_this<AttemptExtras> {
 public:
  using ProgressCallback = std::function<void(const v1::AttemptProgress&)>;

  /// `progress` gets what Tell is given and what there is in the store by then;
  /// also as more of it arrives, on a thread of the carrier. Not after Finish.
  static std::shared_ptr<AttemptExtras> Begin(const ExtrasParts& parts,
                                              const v1::AttemptToken& token,
                                              ProgressCallback progress);

  /// Adds a line to the attempt's log.
  void Write(absl::string_view what);
  /// The same as a warning, in the worker's log, too.
  void Warn(absl::string_view what);

  /// For a render, no more often than `every` says at the time; infinite: none.
  /// Unless `colors` is empty, they have its colours, whatever their size.
  Previews MakePreviews(std::function<absl::Duration()> every, Image colors);

  /// Of an input, unless this process has made them already.
  void SendThumbnailsOnce(const std::string& digest, const Image& picture);
  /// Of a result in the store.
  void SendThumbnails(const std::string& digest, const Image& picture);

  /// How far the render is.
  void Tell(v1::AttemptProgress progress);

  /// Waits until all that was given is in the store, but not for longer than
  /// `within`; then adds to the report what is there. Nothing is sent or told
  /// from then on.
  void Finish(absl::Duration within, v1::AttemptReport* report);

 private:
  AttemptExtras(const ExtrasParts& parts, const v1::AttemptToken& token,
                ProgressCallback progress);

  void Add(absl::string_view what) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TellAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // "the previews", "are not kept": warns once of each.
  void WarnOnce(const std::string& what, const absl::Status& why);
  class Claim;
  // `claims`: of those that are to be made once, by their sizes.
  void TrySendThumbnails(const std::string& digest, const Image& picture,
                         absl::FunctionRef<bool(int)> wanted,
                         const std::map<int, std::shared_ptr<Claim>>& claims);

  std::string TakeLog();
  void LogArrived(const absl::StatusOr<std::string>& digest);
  bool WantsPreview(absl::Duration every);
  void TakePreview(int iteration, absl::StatusOr<Image> picture,
                   const Image& colors);
  absl::StatusOr<std::string> MakePreview(const Image& picture,
                                          const Image& colors);
  void PreviewArrived(int iteration, const absl::StatusOr<std::string>& digest);

  const ExtrasParts parts_;
  const std::string name_;
  ArtifactScope scope_;

  absl::Mutex mutex_;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  ProgressCallback progress_ ABSL_GUARDED_BY(mutex_);
  v1::AttemptProgress told_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> warned_of_ ABSL_GUARDED_BY(mutex_);

  AttemptLog log_ ABSL_GUARDED_BY(mutex_);
  bool log_waits_ ABSL_GUARDED_BY(mutex_) = false;  // To be uploaded.
  absl::Time next_log_at_ ABSL_GUARDED_BY(mutex_);
  std::string log_digest_ ABSL_GUARDED_BY(mutex_);  // The last that arrived.

  std::optional<PreviewPace> pace_ ABSL_GUARDED_BY(mutex_);
  absl::Time preview_since_ ABSL_GUARDED_BY(mutex_);  // Being taken.
  bool preview_on_its_way_ ABSL_GUARDED_BY(mutex_) = false;
  PreviewSeries previews_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_ATTEMPT_EXTRAS_H_
