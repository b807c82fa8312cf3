#include "client/lib/download.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/lib/http_get.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int kMaxBreaks = 100;
constexpr int64_t kMaxEtagBytes = 1024;

absl::Status SystemError(absl::string_view doing, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(doing, " ", path));
}

bool Exists(const std::string& path) {
  struct stat about;
  return lstat(path.c_str(), &about) == 0;
}

// The bytes so far, on disk and hashed. Locked while it is open.
class PartialFile {
 public:
  explicit PartialFile(std::string path) : path_(std::move(path)) {}
  ~PartialFile() {
    if (fd_ >= 0) close(fd_);
  }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  absl::Status Open() {
    fd_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd_ < 0) return SystemError("create", path_);
    if (flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      return errno == EWOULDBLOCK
                 ? absl::AbortedError(absl::StrCat(
                       path_, " is being fetched by another process"))
                 : SystemError("lock", path_);
    }
    return HashWhatIsThere();
  }

  absl::Status Append(absl::string_view bytes) {
    hash_->Update(bytes);
    size_bytes_ += static_cast<int64_t>(bytes.size());
    while (!bytes.empty()) {
      const ssize_t written = write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return SystemError("write", path_);
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return absl::OkStatus();
  }

  absl::Status Clear() {
    if (ftruncate(fd_, 0) != 0 || lseek(fd_, 0, SEEK_SET) != 0) {
      return SystemError("truncate", path_);
    }
    size_bytes_ = 0;
    hash_ = std::make_unique<Sha256>();
    return absl::OkStatus();
  }

  absl::Status Remove() {
    unlink(EtagPath().c_str());
    return unlink(path_.c_str()) == 0 ? absl::OkStatus()
                                      : SystemError("remove", path_);
  }

  // Its bytes are on disk before its name is.
  absl::Status RenameTo(const std::string& path) {
    if (fsync(fd_) != 0) return SystemError("sync", path_);
    // Fails, rather than replaces, where the file has come to be meanwhile.
    if (link(path_.c_str(), path.c_str()) != 0) {
      // Some file systems have no links.
      if (errno == EEXIST || rename(path_.c_str(), path.c_str()) != 0) {
        return SystemError("rename to", path);
      }
      unlink(EtagPath().c_str());
      return absl::OkStatus();
    }
    return Remove();
  }

  int64_t size_bytes() const { return size_bytes_; }
  std::string TakeDigest() { return hash_->HexDigest(); }

  // The server's name for the version that the bytes are of; empty if unknown.
  std::string ReadEtag() const {
    return ReadFile(EtagPath(), kMaxEtagBytes).value_or("");
  }

  absl::Status WriteEtag(const std::string& etag) const {
    const bool is_strong = !absl::StartsWith(etag, "W/");
    if (etag.empty() || etag.size() > kMaxEtagBytes || !is_strong) {
      unlink(EtagPath().c_str());
      return absl::OkStatus();
    }
    return WriteFile(EtagPath(), etag, Durability::kAtomic);
  }

 private:
  std::string EtagPath() const { return path_ + ".etag"; }

  absl::Status HashWhatIsThere() {
    std::vector<char> piece(1 << 18);
    while (true) {
      const ssize_t got = read(fd_, piece.data(), piece.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return SystemError("read", path_);
      if (got == 0) return absl::OkStatus();
      hash_->Update({piece.data(), static_cast<size_t>(got)});
      size_bytes_ += got;
    }
  }

  const std::string path_;
  int fd_ = -1;
  int64_t size_bytes_ = 0;
  std::unique_ptr<Sha256> hash_ = std::make_unique<Sha256>();
};

class Transfer : public HttpSink {
 public:
  Transfer(const DownloadOptions& options, PartialFile& part)
      : options_(options),
        shown_url_(WithoutPassword(options.url)),
        part_(part),
        total_bytes_(options.size_bytes) {}

  absl::Status Run(StopSignal& stop) {
    for (int breaks = 0;; ++breaks) {
      if (IsWhole()) return absl::OkStatus();
      HttpRequest request;
      request.url = options_.url;
      request.from_byte = part_.size_bytes();
      request.if_range = part_.ReadEtag();
      request.silence = options_.silence;
      begins_anew_ = false;
      const absl::Status status = HttpGet(request, *this, stop);
      if (absl::IsCancelled(status)) return Kept(status);
      const bool is_done = total_bytes_ == 0 ? !begins_anew_ : IsWhole();
      if (status.ok() && is_done) return status;
      if (!status.ok() && !absl::IsUnavailable(status)) return status;
      const bool has_moved = part_.size_bytes() != request.from_byte;
      if (has_moved && breaks < kMaxBreaks) continue;
      return Kept(status.ok() ? absl::UnavailableError("the server ends early")
                              : status);
    }
  }

  absl::Status OnReply(const HttpReply& reply) override {
    constexpr int kNoSuchRange = 416;
    // Nothing follows what is here, or other bytes than come next: begin anew.
    if (reply.status == kNoSuchRange || reply.first_byte == 0) {
      begins_anew_ = reply.status == kNoSuchRange;
      RETURN_IF_ERROR(part_.Clear());
      if (begins_anew_) return absl::OkStatus();
    }
    if (reply.first_byte != part_.size_bytes()) {
      return absl::FailedPreconditionError(
          absl::StrCat(shown_url_, " sends bytes from ", reply.first_byte,
                       " when asked for those from ", part_.size_bytes()));
    }
    if (reply.size_bytes.has_value()) {
      RETURN_IF_ERROR(CheckSize(*reply.size_bytes));
      total_bytes_ = *reply.size_bytes;
    }
    return part_.WriteEtag(reply.etag);
  }

  absl::Status OnBytes(absl::string_view bytes) override {
    const int64_t size_bytes =
        part_.size_bytes() + static_cast<int64_t>(bytes.size());
    if (size_bytes > (total_bytes_ > 0 ? total_bytes_ : options_.max_bytes)) {
      return absl::DataLossError(
          absl::StrCat(shown_url_, " sends more bytes than are expected"));
    }
    RETURN_IF_ERROR(part_.Append(bytes));
    if (options_.on_progress) options_.on_progress(size_bytes, total_bytes_);
    return absl::OkStatus();
  }

 private:
  absl::Status CheckSize(int64_t size_bytes) const {
    if (options_.size_bytes > 0 && size_bytes != options_.size_bytes) {
      return absl::DataLossError(
          absl::StrCat(shown_url_, " is a file of ", size_bytes, " bytes; ",
                       options_.size_bytes, " are expected"));
    }
    if (size_bytes > options_.max_bytes) {
      return absl::FailedPreconditionError(
          absl::StrCat(shown_url_, " is a file of ", size_bytes,
                       " bytes; at most ", options_.max_bytes, " are fetched"));
    }
    return absl::OkStatus();
  }

  absl::Status Kept(const absl::Status& why) const {
    if (part_.size_bytes() == 0) return why;
    return absl::Status(why.code(),
                        absl::StrCat(why.message(), " (", part_.size_bytes(),
                                     " bytes are kept; run again to go on)"));
  }

  bool IsWhole() const {
    return total_bytes_ > 0 && part_.size_bytes() == total_bytes_;
  }

  const DownloadOptions& options_;
  const std::string shown_url_;
  PartialFile& part_;
  int64_t total_bytes_;  // 0: not known.
  bool begins_anew_ = false;
};

absl::Status WrongDigest(const DownloadOptions& options,
                         const std::string& digest) {
  const bool is_whole = IsHexDigest(options.sha256);
  return absl::DataLossError(absl::StrCat(
      WithoutPassword(options.url), " has SHA-256 ", digest, "; ",
      options.sha256, is_whole ? "" : "...", " is expected; nothing was kept"));
}

}  // namespace

absl::StatusOr<Downloaded> Download(const DownloadOptions& options,
                                    StopSignal& stop) {
  if (Exists(options.path)) {
    return InvalidArgument(options.path, " exists, and is not overwritten");
  }
  PartialFile part(options.path + ".part");
  RETURN_IF_ERROR(part.Open());
  Downloaded result;
  result.resumed_from = part.size_bytes();
  const absl::Status status = Transfer(options, part).Run(stop);
  if (!status.ok()) {
    const bool is_worth_keeping =
        part.size_bytes() > 0 && !absl::IsDataLoss(status);
    if (!is_worth_keeping) RETURN_IF_ERROR(part.Remove());
    return status;
  }
  result.size_bytes = part.size_bytes();
  result.digest = part.TakeDigest();
  if (!absl::StartsWith(result.digest, options.sha256)) {
    RETURN_IF_ERROR(part.Remove());
    return WrongDigest(options, result.digest);
  }
  RETURN_IF_ERROR(part.RenameTo(options.path));
  return result;
}

}  // namespace atelier
