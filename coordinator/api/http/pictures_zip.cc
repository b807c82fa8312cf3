#include "coordinator/api/http/pictures_zip.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "coordinator/access/call_limits.h"
#include "coordinator/api/http/caller_slots.h"
#include "coordinator/api/http/zip_writer.h"
#include "coordinator/api/views/task_pictures.h"
#include "coordinator/artifacts/artifact_catalog.h"

namespace atelier {
namespace {

constexpr size_t kPieceBytes = size_t{256} << 10;
constexpr absl::string_view kMissing =
    "The store has lost this picture. \"atelier fetch\" has its task render it "
    "again.\n";
// A zip has up to 6 MB of names, digests and places.
constexpr int kMostZips = 64;
constexpr int kMostZipsOfCaller = 4;

// Letters, digits and "_-" of the name; then the id, which makes it unlike.
std::string FileName(absl::string_view job_name, absl::string_view job_id) {
  constexpr size_t kMostOfName = 80;
  std::string name;
  for (const char c : job_name) {
    if (name.size() == kMostOfName) break;
    const bool is_kept =
        absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
    if (is_kept) {
      name.push_back(c);
    } else if (!name.empty() && name.back() != '-') {
      name.push_back('-');
    }
  }
  if (!name.empty() && name.back() != '-') name.push_back('-');
  return absl::StrCat(name, job_id, ".zip");
}

// One picture after the other, each piece read once the one before it has been
// passed on. Keeps itself: by the callback that it waits for, or by its
// stream's events.
class ZipStream : public std::enable_shared_from_this<ZipStream> {
 public:
  ZipStream(std::shared_ptr<HttpExchange> exchange, ArtifactSources sources,
            PictureFiles pictures, std::unique_ptr<ZipWriter> zip,
            std::shared_ptr<void> slot)
      : slot_(std::move(slot)),
        exchange_(std::move(exchange)),
        sources_(std::move(sources)),
        pictures_(std::move(pictures)),
        zip_(std::move(zip)) {}

  void Begin(HttpReply head) {
    HttpStreamEvents events;
    events.written = [self = shared_from_this()] { self->GoOn(); };
    // Whoever is gone wants nothing more read.
    events.closed = [] {};
    exchange_->BeginStream(std::move(head), std::move(events));
  }

 private:
  // All that was made has been passed on.
  void GoOn() {
    if (!CheckStillValid(exchange_->request().caller).ok()) {
      return exchange_->AbortStream();
    }
    if (download_ != nullptr) return Read();
    if (next_ < pictures_.files.size()) return Open();
    if (has_ended_) return exchange_->EndStream();
    has_ended_ = true;
    Pass(zip_->End());
  }

  void Open() {
    sources_.catalog->Download(
        {ArtifactKind::kArtifact, pictures_.files[next_].digest},
        /*offset_bytes=*/0,
        [self = shared_from_this()](
            absl::StatusOr<std::shared_ptr<ArtifactDownload>> download) {
          self->Pass(self->BeginPicture(std::move(download)));
        });
  }

  absl::Status BeginPicture(
      absl::StatusOr<std::shared_ptr<ArtifactDownload>> download) {
    const std::string& name = pictures_.files[next_].name;
    ++next_;
    if (absl::IsNotFound(download.status())) {
      RETURN_IF_ERROR(zip_->BeginFile(absl::StrCat(name, ".missing.txt"),
                                      static_cast<int64_t>(kMissing.size()),
                                      pictures_.time));
      return zip_->Append(kMissing);
    }
    RETURN_IF_ERROR(download.status());
    download_ = *std::move(download);
    return zip_->BeginFile(name, download_->size_bytes(), pictures_.time);
  }

  void Read() {
    download_->Next(kPieceBytes, [self = shared_from_this()](
                                     const absl::StatusOr<std::string>& piece) {
      if (!piece.ok()) return self->Pass(piece.status());
      if (!piece->empty()) return self->Pass(self->zip_->Append(*piece));
      self->download_ = nullptr;
      self->GoOn();
    });
  }

  void Pass(const absl::Status& status) {
    if (!status.ok()) return exchange_->AbortStream();
    std::string bytes = zip_->Take();
    if (bytes.empty()) return GoOn();
    const auto size = static_cast<int64_t>(bytes.size());
    if (const auto& meter = exchange_->request().meter; meter != nullptr) {
      meter->AddBytes(size);
    }
    if (sources_.sent) sources_.sent(size);
    exchange_->Write(std::make_shared<std::string>(std::move(bytes)));
  }

  const std::shared_ptr<void> slot_;  // First: free once all else is.
  const std::shared_ptr<HttpExchange> exchange_;
  const ArtifactSources sources_;
  const PictureFiles pictures_;
  // One call or one event at a time has these.
  const std::unique_ptr<ZipWriter> zip_;
  size_t next_ = 0;  // Of the pictures.
  std::shared_ptr<ArtifactDownload> download_;
  bool has_ended_ = false;
};

absl::StatusOr<std::string> TasksOf(const HttpRequest& request) {
  std::string tasks;
  for (const auto& [name, value] : request.query) {
    if (name != "tasks") {
      return InvalidArgument(name, ": is not known here; tasks is");
    }
    if (!tasks.empty()) return InvalidArgument("tasks: is given twice");
    if (value.empty()) {
      return InvalidArgument("tasks: is empty; leave it out for all of them");
    }
    tasks = value;
  }
  return tasks;
}

absl::Status Answer(const ApiSources& sources, CallerSlots& slots,
                    const std::shared_ptr<HttpExchange>& exchange) {
  const HttpRequest& request = exchange->request();
  ASSIGN_OR_RETURN(const std::string tasks, TasksOf(request));
  ControlPlane* const control = sources.control();
  ArtifactSources artifacts = sources.artifacts();
  if (control == nullptr || artifacts.catalog == nullptr) {
    return StartingOrStopping();
  }
  ASSIGN_OR_RETURN(std::shared_ptr<void> slot, slots.Take(request.caller));
  const std::string& job_id = request.path_fields.at(0).second;
  ASSIGN_OR_RETURN(PictureFiles pictures,
                   ReadPictureFiles(*control, request.caller, job_id, tasks));
  HttpReply head = {200, "application/zip", ""};
  head.headers = {{"Content-Disposition",
                   absl::StrCat("attachment; filename=\"",
                                FileName(pictures.job_name, job_id), "\"")}};
  if (request.is_head) {
    exchange->Answer(std::move(head));
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(std::unique_ptr<ZipWriter> zip, ZipWriter::Create());
  std::make_shared<ZipStream>(exchange, std::move(artifacts),
                              std::move(pictures), std::move(zip),
                              std::move(slot))
      ->Begin(std::move(head));
  return absl::OkStatus();
}

}  // namespace

HttpRoute PicturesZipRoute(std::string path, const ApiSources& sources) {
  HttpRoute route;
  route.path = std::move(path);
  const auto slots =
      std::make_shared<CallerSlots>("zips", kMostZips, kMostZipsOfCaller);
  route.handle = [sources,
                  slots](const std::shared_ptr<HttpExchange>& exchange) {
    const absl::Status status = Answer(sources, *slots, exchange);
    if (!status.ok()) {
      exchange->Answer(ErrorReply(exchange->request().path, status));
    }
  };
  route.kind = CallKind::kDownload;
  return route;
}

}  // namespace atelier
