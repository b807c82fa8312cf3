#include "coordinator/api/grpc/artifact_requests.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/small_artifacts.h"
#include "common/status_macros.h"
#include "coordinator/api/grpc/worker_conversion.h"
#include "coordinator/api/views/artifact_use.h"
#include "coordinator/api/views/text_rules.h"
#include "coordinator/api/views/time_conversion.h"

namespace atelier {
namespace {

constexpr int kMaxDigests = 1000;
constexpr size_t kMaxUploadChunkBytes = size_t{1} << 20;

constexpr int64_t kMostPreviewBytes = int64_t{1} << 20;

// Of those kinds of which each is small.
absl::Status CheckSize(ArtifactKind kind, int64_t size_bytes) {
  if (kind != ArtifactKind::kPreview && kind != ArtifactKind::kLog) {
    return absl::OkStatus();
  }
  const int64_t most =
      kind == ArtifactKind::kPreview ? kMostPreviewBytes : kMostLogBytes;
  if (size_bytes <= most) return absl::OkStatus();
  return InvalidArgument("size_bytes: ", size_bytes, " is not allowed of a ",
                         Name(kind), "; at most ", most);
}

absl::Status TakeThumbnail(const v1::UploadRequest& from,
                           ArtifactRequest& request) {
  if (from.thumbnail_of().empty() && from.thumbnail_px() == 0) {
    return absl::OkStatus();
  }
  if (from.thumbnail_px() != 0) {
    RETURN_IF_ERROR(CheckThumbnailPx(from.thumbnail_px()));
  }
  RETURN_IF_ERROR(CheckDigest("thumbnail_of", from.thumbnail_of()));
  RETURN_IF_ERROR(CheckThumbnailPx(from.thumbnail_px()));
  if (request.kind != ArtifactKind::kPreview) {
    return InvalidArgument("thumbnail_of: is not allowed of a ",
                           Name(request.kind), "; of a preview");
  }
  request.thumbnail_of = from.thumbnail_of();
  request.thumbnail_px = from.thumbnail_px();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::set<std::string>> CheckedRequest(
    const v1::FindMissingRequest& from) {
  if (from.digests_size() > kMaxDigests) {
    return InvalidArgument("digests: ", from.digests_size(), " given; at most ",
                           kMaxDigests);
  }
  for (int i = 0; i < from.digests_size(); ++i) {
    RETURN_IF_ERROR(
        CheckDigest(absl::StrCat("digests[", i, "]"), from.digests(i)));
  }
  return std::set<std::string>(from.digests().begin(), from.digests().end());
}

absl::StatusOr<ArtifactRequest> CheckedRequest(const v1::UploadRequest& from) {
  ArtifactRequest request;
  RETURN_IF_ERROR(CheckDigest("digest", from.digest()));
  request.digest = from.digest();
  ASSIGN_OR_RETURN(request.kind, CheckedKind(from.kind()));
  RETURN_IF_ERROR(CheckSize(request.kind, from.size_bytes()));
  RETURN_IF_ERROR(TakeThumbnail(from, request));
  if (from.has_attempt()) {
    ASSIGN_OR_RETURN(request.use.attempt,
                     AttemptTokenFromProto(from.attempt(), "attempt"));
  }
  return request;
}

absl::Status CheckChunk(const v1::UploadRequest& message) {
  if (message.chunk().size() <= kMaxUploadChunkBytes) return absl::OkStatus();
  return InvalidArgument("chunk: ", message.chunk().size(),
                         " bytes given; at most ", kMaxUploadChunkBytes);
}

absl::Status CheckLaterMessage(const v1::UploadRequest& message) {
  if (message.digest().empty() && message.size_bytes() == 0 &&
      message.kind() == v1::ARTIFACT_KIND_UNSPECIFIED &&
      !message.has_attempt() && message.thumbnail_of().empty() &&
      message.thumbnail_px() == 0) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "digest, size_bytes, kind, attempt, thumbnail_of, thumbnail_px: given "
      "again; only the first message has them");
}

absl::StatusOr<ArtifactRequest> CheckedRequest(
    const v1::DownloadRequest& from) {
  ArtifactRequest request;
  ASSIGN_OR_RETURN(request.kind, CheckedKind(from.kind()));
  RETURN_IF_ERROR(CheckDigest("digest", from.digest()));
  request.digest = from.digest();
  ASSIGN_OR_RETURN(request.thumbnail_px, CheckedThumbnail(from, request.kind));
  ASSIGN_OR_RETURN(request.use, CheckedUse(from));
  if (from.has_attempt()) {
    ASSIGN_OR_RETURN(request.use.attempt,
                     AttemptTokenFromProto(from.attempt(), "attempt"));
  }
  return request;
}

absl::StatusOr<GarbageOptions> CheckedRequest(
    const v1::CollectGarbageRequest& from) {
  GarbageOptions options;
  options.dry_run = from.dry_run();
  if (from.has_keep()) {
    ASSIGN_OR_RETURN(options.keep, CheckedDuration("keep", from.keep()));
  }
  if (options.keep < absl::ZeroDuration()) {
    return InvalidArgument("keep: ", absl::FormatDuration(options.keep),
                           " is not allowed; at least 0s");
  }
  if (from.has_max_bytes()) options.max_bytes = from.max_bytes();
  if (options.max_bytes.value_or(0) < 0) {
    return InvalidArgument("max_bytes: ", *options.max_bytes,
                           " is not allowed; at least 0");
  }
  return options;
}

}  // namespace atelier
