#include "coordinator/api/http/artifact_upload_route.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "atelier/v1/artifacts.pb.h"
#include "common/status_macros.h"
#include "coordinator/access/call_limits.h"
#include "coordinator/api/http/read_endpoint.h"
#include "coordinator/api/views/artifact_use.h"
#include "coordinator/api/views/text_rules.h"
#include "coordinator/control/access.h"
#include "coordinator/control/caller.h"

namespace atelier {
namespace {

constexpr uint64_t kPieceBytes = uint64_t{256} << 10;
constexpr UploadFields kFields = {"Content-Length", "body"};

// One upload: the next piece is asked for once the backend has taken the one
// before. Keeps itself, by the callback that it waits for; a caller that is
// gone ends it.
class HttpUpload : public std::enable_shared_from_this<HttpUpload> {
 public:
  HttpUpload(std::shared_ptr<void> slot, HttpUploads& uploads,
             std::shared_ptr<HttpExchange> exchange)
      : slot_(std::move(slot)),
        pool_(uploads.pool()),
        exchange_(std::move(exchange)),
        left_bytes_(exchange_->request().content_length.value_or(0)),
        session_(uploads.rooms(), kFields, exchange_->request().caller) {}

  void Begin(const std::string& digest) {
    ArtifactRequest request;
    request.digest = digest;
    const auto size_bytes = static_cast<int64_t>(left_bytes_);
    response_.set_digest(digest);
    response_.set_size_bytes(size_bytes);
    session_.Begin(
        request, size_bytes,
        [self = shared_from_this()](const absl::StatusOr<bool>& is_stored) {
          if (!is_stored.ok()) return self->Answer(is_stored.status());
          self->Go();
        });
  }

 private:
  // What is there already is read all the same, so that whoever sends without
  // listening hears the answer; who waits to be told to send need not send.
  void Go() {
    HttpRequest& request = exchange_->request();
    if (!session_.is_open() && request.awaits_continue) {
      return Answer(absl::OkStatus());
    }
    request.has_unread_body ? Read() : Take(std::move(request.body));
  }

  void Read() {
    if (left_bytes_ == 0) return End();
    exchange_->ReadBody(
        static_cast<size_t>(std::min(left_bytes_, kPieceBytes)),
        [self = shared_from_this()](absl::StatusOr<std::string> piece) {
          if (!piece.ok() || piece->empty()) return;  // Nobody is there.
          self->pool_.Schedule([self, bytes = *std::move(piece)]() mutable {
            self->Take(std::move(bytes));
          });
        });
  }

  void Take(std::string piece) {
    const HttpRequest& request = exchange_->request();
    if (const auto valid = CheckStillValid(request.caller); !valid.ok()) {
      return Answer(valid);
    }
    if (request.meter != nullptr) {
      request.meter->AddBytes(static_cast<int64_t>(piece.size()));
    }
    left_bytes_ -= piece.size();
    if (!session_.is_open() || piece.empty()) return Read();
    session_.Append(std::move(piece),
                    [self = shared_from_this()](const absl::Status& status) {
                      if (!status.ok()) return self->Answer(status);
                      self->Read();
                    });
  }

  void End() {
    if (!session_.is_open()) return Answer(absl::OkStatus());
    session_.Commit([self = shared_from_this()](const absl::Status& status) {
      self->Answer(status);
    });
  }

  void Answer(const absl::Status& status) {
    exchange_->Answer(JsonReply(exchange_->request(), status, response_));
  }

  const std::shared_ptr<void> slot_;  // First: free once all else is.
  WorkPool& pool_;
  const std::shared_ptr<HttpExchange> exchange_;
  // One call at a time has these.
  uint64_t left_bytes_;
  v1::UploadResponse response_;
  ArtifactUploadSession session_;
};

absl::StatusOr<std::string> CheckedDigest(const HttpRequest& request) {
  if (!request.query.empty()) {
    return absl::InvalidArgumentError("query: no parameter is allowed");
  }
  std::string digest = request.path_fields.front().second;
  RETURN_IF_ERROR(CheckDigest("digest", digest));
  return digest;
}

HttpReply LengthReply(const HttpRequest& request) {
  return ErrorReply(request.path,
                    absl::InvalidArgumentError(
                        "Content-Length: not given; the body's size in bytes"),
                    411);
}

absl::Status Upload(const ApiSources& sources,
                    const std::shared_ptr<HttpExchange>& exchange) {
  const HttpRequest& request = exchange->request();
  RETURN_IF_ERROR(CheckAccess(request.caller, Verb::kUploadArtifact));
  ASSIGN_OR_RETURN(const std::string digest, CheckedDigest(request));
  HttpUploads* const uploads = sources.uploads();
  if (uploads == nullptr) return StartingOrStopping();
  ASSIGN_OR_RETURN(std::shared_ptr<void> slot,
                   uploads->slots().Take(request.caller));
  std::make_shared<HttpUpload>(std::move(slot), *uploads, exchange)
      ->Begin(digest);
  return absl::OkStatus();
}

}  // namespace

HttpUploads::HttpUploads(UploadRooms rooms, WorkPool& pool)
    : rooms_(std::move(rooms)), pool_(pool) {}

HttpRoute ArtifactUploadRoute(std::string path, const ApiSources& sources) {
  HttpRoute route;
  route.path = std::move(path);
  route.method = HttpMethod::kPut;
  route.kind = CallKind::kUpload;
  route.max_body_bytes = static_cast<uint64_t>(sources.max_artifact_bytes);
  route.verb = Verb::kUploadArtifact;
  route.reads_body = true;
  route.handle = [sources](const std::shared_ptr<HttpExchange>& exchange) {
    if (!exchange->request().content_length.has_value()) {
      exchange->Answer(LengthReply(exchange->request()));
      return;
    }
    const absl::Status status = Upload(sources, exchange);
    if (!status.ok()) {
      exchange->Answer(ErrorReply(exchange->request().path, status));
    }
  };
  return route;
}

}  // namespace atelier
