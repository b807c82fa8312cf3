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
#include "coordinator/control/artifact_access.h"
#include "coordinator/control/caller.h"

namespace atelier {
namespace {

constexpr size_t kPieceBytes = size_t{256} << 10;
constexpr char kAnyFile[] = "application/octet-stream";

// Bytes never change under their digest, and are not everybody's.
HttpReply HeadOf(const std::string& first_bytes) {
  HttpReply head = {200, ContentTypeOf(first_bytes), ""};
  head.headers = {
      {"Cache-Control", "private, max-age=31536000, immutable"},
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

  void Begin(ArtifactCatalog& artifacts, const std::string& digest) {
    artifacts.Download(
        {ArtifactKind::kArtifact, digest}, /*offset_bytes=*/0,
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
      HttpReply head = HeadOf(piece);
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
  // One call or one event at a time has these.
  bool has_begun_ = false;
  std::string first_;
};

absl::Status Download(const ApiSources& sources,
                      const std::shared_ptr<HttpExchange>& exchange) {
  const HttpRequest& request = exchange->request();
  v1::DownloadRequest wanted;
  RETURN_IF_ERROR(FillRequest(request, wanted));
  RETURN_IF_ERROR(CheckDigest("digest", wanted.digest()));
  if (wanted.offset_bytes() != 0) {
    return absl::InvalidArgumentError("offset_bytes: is not allowed here");
  }
  ASSIGN_OR_RETURN(const ArtifactUse use, CheckedUse(wanted));
  const ArtifactSources artifacts = sources.artifacts();
  if (artifacts.catalog == nullptr) return StartingOrStopping();
  RETURN_IF_ERROR(artifacts.access->CheckDownload(
      request.caller, use, ArtifactKind::kArtifact, wanted.digest()));
  std::make_shared<ArtifactStream>(exchange, artifacts.sent)
      ->Begin(*artifacts.catalog, wanted.digest());
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
