#include "coordinator/api/http/artifact_route.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "atelier/v1/artifacts.pb.h"
#include "common/artifact_kind.h"
#include "common/status_macros.h"
#include "coordinator/access/call_limits.h"
#include "coordinator/api/http/request_fields.h"
#include "coordinator/api/views/artifact_use.h"
#include "coordinator/api/views/text_rules.h"
#include "coordinator/artifacts/artifact_catalog.h"
#include "coordinator/artifacts/thumbnails.h"
#include "coordinator/control/artifact_access.h"
#include "coordinator/control/caller.h"

namespace atelier {
namespace {

constexpr size_t kPieceBytes = size_t{256} << 10;
constexpr char kAnyFile[] = "application/octet-stream";

constexpr char kText[] = "text/plain; charset=utf-8";

/// What is asked for, and what for.
struct Wanted {
  ArtifactKind kind = ArtifactKind::kArtifact;
  std::string digest;
  ArtifactUse use;
  int thumbnail_px = 0;  // 0: none.
};

// Bytes never change under their digest, and are not everybody's. A picture
// that stands in for a thumbnail may have one soon.
HttpReply HeadOf(const std::string& first_bytes, ArtifactKind kind,
                 bool stands_in) {
  HttpReply head = {
      200, kind == ArtifactKind::kLog ? kText : ContentTypeOf(first_bytes), ""};
  head.headers = {
      {"Cache-Control", stands_in ? "private, max-age=60"
                                  : "private, max-age=31536000, immutable"},
      {"Content-Security-Policy", "default-src 'none'; sandbox"},
  };
  if (head.content_type == kAnyFile) {
    head.headers.push_back({"Content-Disposition", "attachment"});
  }
  return head;
}

// Reads a piece once the one before it has been passed on. Keeps itself: by the
// callback that it waits for, or by its stream's events.
class ArtifactStream : public std::enable_shared_from_this<ArtifactStream> {
 public:
  ArtifactStream(std::shared_ptr<HttpExchange> exchange,
                 std::function<void(int64_t)> sent)
      : exchange_(std::move(exchange)), sent_(std::move(sent)) {}

  void Begin(ArtifactCatalog& artifacts, const Wanted& wanted) {
    kind_ = wanted.kind;
    if (wanted.thumbnail_px != 0) {
      DownloadThumbnail(artifacts, wanted.digest, wanted.thumbnail_px,
                        [self = shared_from_this()](
                            const absl::StatusOr<PictureDownload>& opened) {
                          if (!opened.ok()) return self->Fail(opened.status());
                          self->stands_in_ = !opened->is_thumbnail;
                          self->download_ = opened->download;
                          self->Read();
                        });
      return;
    }
    artifacts.Download(
        {wanted.kind, wanted.digest}, /*offset_bytes=*/0,
        [self = shared_from_this()](
            absl::StatusOr<std::shared_ptr<ArtifactDownload>> download) {
          if (!download.ok()) return self->Fail(download.status());
          self->download_ = *std::move(download);
          self->Read();
        });
  }

 private:
  void Read() {
    const absl::Status valid = CheckStillValid(exchange_->request().caller);
    if (!valid.ok()) return Fail(valid);
    download_->Next(kPieceBytes, [self = shared_from_this()](
                                     absl::StatusOr<std::string> piece) {
      if (!piece.ok()) return self->Fail(piece.status());
      self->Pass(*std::move(piece));
    });
  }

  // The first piece says what file it is.
  void Pass(std::string piece) {
    if (!has_begun_) {
      has_begun_ = true;
      HttpReply head = HeadOf(piece, kind_, stands_in_);
      first_ = std::move(piece);
      HttpStreamEvents events;
      events.written = [self = shared_from_this()] { self->OnWritten(); };
      // Whoever is gone wants nothing more read.
      events.closed = [] {};
      exchange_->BeginStream(std::move(head), std::move(events));
      return;
    }
    Write(std::move(piece));
  }

  void OnWritten() {
    if (!first_.empty()) return Write(std::exchange(first_, {}));
    Read();
  }

  void Write(std::string piece) {
    if (piece.empty()) return exchange_->EndStream();
    const auto bytes = static_cast<int64_t>(piece.size());
    if (const auto& meter = exchange_->request().meter; meter != nullptr) {
      meter->AddBytes(bytes);
    }
    if (sent_) sent_(bytes);
    exchange_->Write(std::make_shared<std::string>(std::move(piece)));
  }

  void Fail(const absl::Status& status) {
    if (has_begun_) return exchange_->AbortStream();
    exchange_->Answer(ErrorReply(exchange_->request().path, status));
  }

  const std::shared_ptr<HttpExchange> exchange_;
  const std::function<void(int64_t)> sent_;
  std::shared_ptr<ArtifactDownload> download_;
  ArtifactKind kind_ = ArtifactKind::kArtifact;
  bool stands_in_ = false;  // For a thumbnail.
  // One call or one event at a time has these.
  bool has_begun_ = false;
  std::string first_;
};

absl::StatusOr<Wanted> CheckedWanted(const HttpRequest& request) {
  v1::DownloadRequest from;
  RETURN_IF_ERROR(FillRequest(request, from));
  RETURN_IF_ERROR(CheckDigest("digest", from.digest()));
  if (from.offset_bytes() != 0) {
    return absl::InvalidArgumentError("offset_bytes: is not allowed here");
  }
  Wanted wanted;
  wanted.digest = from.digest();
  ASSIGN_OR_RETURN(wanted.kind, CheckedKind(from.kind()));
  if (wanted.kind == ArtifactKind::kCheckpoint) {
    return absl::InvalidArgumentError(
        "kind: ARTIFACT_KIND_CHECKPOINT is not allowed here");
  }
  ASSIGN_OR_RETURN(wanted.thumbnail_px, CheckedThumbnail(from, wanted.kind));
  ASSIGN_OR_RETURN(wanted.use, CheckedUse(from));
  return wanted;
}

absl::Status Download(const ApiSources& sources,
                      const std::shared_ptr<HttpExchange>& exchange) {
  const HttpRequest& request = exchange->request();
  ASSIGN_OR_RETURN(const Wanted wanted, CheckedWanted(request));
  const ArtifactSources artifacts = sources.artifacts();
  if (artifacts.catalog == nullptr) return StartingOrStopping();
  RETURN_IF_ERROR(artifacts.access->CheckDownload(request.caller, wanted.use,
                                                  wanted.kind, wanted.digest));
  std::make_shared<ArtifactStream>(exchange, artifacts.sent)
      ->Begin(*artifacts.catalog, wanted);
  return absl::OkStatus();
}

}  // namespace

std::string ContentTypeOf(const std::string& bytes) {
  if (absl::StartsWith(bytes, "\x89PNG\r\n")) return "image/png";
  if (absl::StartsWith(bytes, "\xff\xd8\xff")) return "image/jpeg";
  if (absl::StartsWith(bytes, "RIFF") && bytes.size() > 12 &&
      bytes.compare(8, 4, "WEBP") == 0) {
    return "image/webp";
  }
  return kAnyFile;
}

HttpRoute ArtifactRoute(std::string path, const ApiSources& sources) {
  HttpRoute route;
  route.path = std::move(path);
  route.handle = [sources](const std::shared_ptr<HttpExchange>& exchange) {
    const absl::Status status = Download(sources, exchange);
    if (!status.ok()) {
      exchange->Answer(ErrorReply(exchange->request().path, status));
    }
  };
  route.kind = CallKind::kDownload;
  return route;
}

}  // namespace atelier
