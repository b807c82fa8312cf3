#include "worker/agent/attempt_extras.h"

#include <algorithm>
#include <new>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/image/colors.h"
#include "common/log/log.h"
#include "common/render/size.h"
#include "common/status_macros.h"
#include "worker/agent/attempt_book.h"

namespace atelier {
namespace {

// As large as a preview at most.
absl::StatusOr<Image> ShrunkForPreviews(const Image& image) {
  constexpr int kMostPx = Previews::kLongerSidePx;
  if (std::max(image.width_px, image.height_px) <= kMostPx) return image;
  const auto [width_px, height_px] =
      FitSize(image.width_px, image.height_px, kMostPx);
  return Resize(image, width_px, height_px);
}

}  // namespace

std::shared_ptr<AttemptExtras> AttemptExtras::Begin(
    const ExtrasParts& parts, const v1::AttemptToken& token,
    ProgressCallback progress) {
  return std::shared_ptr<AttemptExtras>(
      new AttemptExtras(parts, token, std::move(progress)));
}

AttemptExtras::AttemptExtras(const ExtrasParts& parts,
                             const v1::AttemptToken& token,
                             ProgressCallback progress)
    : parts_(parts),
      name_(absl::StrCat("attempt ", ShortName(token))),
      progress_(std::move(progress)),
      next_log_at_(Clock::Steady().Now() + parts.first_log_after) {
  scope_.attempt = std::make_shared<const v1::AttemptToken>(token);
  *told_.mutable_token() = token;
}

void AttemptExtras::Write(absl::string_view what) {
  absl::MutexLock lock(&mutex_);
  Add(what);
}

void AttemptExtras::Warn(absl::string_view what) {
  LogWarning(name_, ": ", what);
  absl::MutexLock lock(&mutex_);
  Add(absl::StrCat("warning: ", what));
}

void AttemptExtras::Add(absl::string_view what) {
  if (finished_) return;
  log_.Add(Clock::Real().Now(), what);
  if (log_waits_) return;
  log_waits_ = parts_.carrier.Send(
      {v1::ARTIFACT_KIND_LOG, scope_, next_log_at_,
       [self = shared_from_this()] { return self->TakeLog(); },
       [self = shared_from_this()](const absl::StatusOr<std::string>& digest) {
         self->LogArrived(digest);
       }});
}

std::string AttemptExtras::TakeLog() {
  absl::MutexLock lock(&mutex_);
  log_waits_ = false;
  next_log_at_ = Clock::Steady().Now() + parts_.log_every;
  return log_.Text();
}

void AttemptExtras::LogArrived(const absl::StatusOr<std::string>& digest) {
  if (!digest.ok()) return WarnOnce("the log is not kept", digest.status());
  absl::MutexLock lock(&mutex_);
  log_digest_ = *digest;
  TellAll();
}

void AttemptExtras::WarnOnce(const std::string& what, const absl::Status& why) {
  {
    absl::MutexLock lock(&mutex_);
    if (finished_ || !warned_of_.insert(what).second) return;
  }
  Warn(absl::StrCat(what, ": ", why.message()));
}

Previews AttemptExtras::MakePreviews(std::function<absl::Duration()> every,
                                     Image colors) {
  absl::StatusOr<Image> shrunk = Image();
  if (!colors.rgb.empty()) shrunk = ShrunkForPreviews(colors);
  if (!shrunk.ok()) {
    WarnOnce("there are no previews", shrunk.status());
    return {};
  }
  {
    absl::MutexLock lock(&mutex_);
    pace_.emplace(parts_.preview_share, Clock::Steady().Now());
  }
  Previews previews;
  previews.wanted = [self = shared_from_this(), every = std::move(every)] {
    return self->WantsPreview(every());
  };
  previews.take = [self = shared_from_this(), colors = *std::move(shrunk)](
                      int iteration, absl::StatusOr<Image> picture) {
    self->TakePreview(iteration, std::move(picture), colors);
  };
  return previews;
}

bool AttemptExtras::WantsPreview(absl::Duration every) {
  const absl::Time now = Clock::Steady().Now();
  absl::MutexLock lock(&mutex_);
  if (finished_ || preview_on_its_way_ || !pace_->Due(now, every)) return false;
  preview_since_ = now;
  return true;
}

void AttemptExtras::TakePreview(int iteration, absl::StatusOr<Image> picture,
                                const Image& colors) {
  const absl::Time now = Clock::Steady().Now();
  {
    absl::MutexLock lock(&mutex_);
    pace_->Made(now, now - preview_since_);
    preview_on_its_way_ = picture.ok();
  }
  if (!picture.ok()) {
    return WarnOnce("a preview is not kept", picture.status());
  }
  const auto shared = std::make_shared<const Image>(*std::move(picture));
  const bool sent = parts_.carrier.Send(
      {v1::ARTIFACT_KIND_PREVIEW, scope_, absl::InfinitePast(),
       [self = shared_from_this(), shared, colors] {
         return self->MakePreview(*shared, colors);
       },
       [self = shared_from_this(),
        iteration](const absl::StatusOr<std::string>& digest) {
         self->PreviewArrived(iteration, digest);
       }});
  absl::MutexLock lock(&mutex_);
  if (!sent) preview_on_its_way_ = false;
}

absl::StatusOr<std::string> AttemptExtras::MakePreview(const Image& picture,
                                                       const Image& colors) {
  const absl::Time start = Clock::Steady().Now();
  const auto make = [&]() -> absl::StatusOr<std::string> {
    if (colors.rgb.empty()) return EncodeForLooks(picture);
    ASSIGN_OR_RETURN(const Image like,
                     Resize(colors, picture.width_px, picture.height_px));
    ASSIGN_OR_RETURN(const Image colored, WithColorsOf(picture, like));
    return EncodeForLooks(colored);
  };
  absl::StatusOr<std::string> jpeg = make();
  absl::MutexLock lock(&mutex_);
  pace_->Took(Clock::Steady().Now() - start);
  return jpeg;
}

void AttemptExtras::PreviewArrived(int iteration,
                                   const absl::StatusOr<std::string>& digest) {
  if (!digest.ok()) WarnOnce("a preview is not kept", digest.status());
  absl::MutexLock lock(&mutex_);
  preview_on_its_way_ = false;
  if (!digest.ok()) return;
  v1::PicturePreview preview;
  preview.set_iteration(iteration);
  preview.set_digest(*digest);
  previews_.Add(std::move(preview));
  TellAll();
}

// A thumbnail that is to be made once: forgotten unless it arrives, whatever
// becomes of it on the way.
class AttemptExtras::Claim {
 public:
  Claim(MadeThumbnails& made, std::string digest, int longer_side_px)
      : made_(made),
        digest_(std::move(digest)),
        longer_side_px_(longer_side_px) {}
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim() {
    if (!has_arrived_) made_.Forget(digest_, longer_side_px_);
  }
  void Arrived() { has_arrived_ = true; }

 private:
  MadeThumbnails& made_;
  const std::string digest_;
  const int longer_side_px_;
  bool has_arrived_ = false;
};

void AttemptExtras::SendThumbnailsOnce(const std::string& digest,
                                       const Image& picture) {
  std::map<int, std::shared_ptr<Claim>> claims;
  TrySendThumbnails(
      digest, picture,
      [&](int longer_side_px) {
        if (!parts_.thumbnails.Claim(digest, longer_side_px)) return false;
        claims[longer_side_px] =
            std::make_shared<Claim>(parts_.thumbnails, digest, longer_side_px);
        return true;
      },
      claims);
}

void AttemptExtras::SendThumbnails(const std::string& digest,
                                   const Image& picture) {
  TrySendThumbnails(digest, picture, [](int) { return true; }, {});
}

void AttemptExtras::TrySendThumbnails(
    const std::string& digest, const Image& picture,
    absl::FunctionRef<bool(int)> wanted,
    const std::map<int, std::shared_ptr<Claim>>& claims) {
  constexpr char kLost[] = "a thumbnail is not kept";
  const auto send = [&](Thumbnail& thumbnail) {
    ArtifactScope scope = scope_;
    scope.thumbnail_of = digest;
    scope.thumbnail_px = thumbnail.longer_side_px;
    const auto found = claims.find(thumbnail.longer_side_px);
    const auto claim = found == claims.end() ? nullptr : found->second;
    parts_.carrier.Send({v1::ARTIFACT_KIND_PREVIEW, std::move(scope),
                         absl::InfinitePast(),
                         [jpeg = std::move(thumbnail.jpeg)] { return jpeg; },
                         [self = shared_from_this(), claim,
                          kLost](const absl::StatusOr<std::string>& arrived) {
                           if (!arrived.ok())
                             return self->WarnOnce(kLost, arrived.status());
                           if (claim != nullptr) claim->Arrived();
                         }});
  };
  try {
    absl::StatusOr<std::vector<Thumbnail>> thumbnails =
        MakeThumbnails(picture, wanted);
    if (!thumbnails.ok()) return WarnOnce(kLost, thumbnails.status());
    for (Thumbnail& thumbnail : *thumbnails) send(thumbnail);
  } catch (const std::bad_alloc&) {  // The render goes on all the same.
    WarnOnce(kLost, absl::ResourceExhaustedError("no memory for it"));
  }
}

void AttemptExtras::Tell(v1::AttemptProgress progress) {
  absl::MutexLock lock(&mutex_);
  told_ = std::move(progress);
  TellAll();
}

void AttemptExtras::TellAll() {
  if (finished_) return;
  v1::AttemptProgress all = told_;
  all.set_log_digest(log_digest_);
  for (const v1::PicturePreview& preview : previews_.kept()) {
    *all.add_previews() = preview;
  }
  progress_(all);
}

void AttemptExtras::Finish(absl::Duration within, v1::AttemptReport* report) {
  parts_.carrier.Finish(within);
  absl::MutexLock lock(&mutex_);
  finished_ = true;
  report->set_log_digest(log_digest_);
  if (!report->has_result()) return;
  for (const v1::PicturePreview& preview : previews_.kept()) {
    *report->mutable_result()->add_previews() = preview;
  }
}

}  // namespace atelier
