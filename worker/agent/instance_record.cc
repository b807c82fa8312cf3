#include "worker/agent/instance_record.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// What the wire allows as an instance id.
constexpr size_t kLeastIdLength = 16;
constexpr size_t kMostIdLength = 64;
// Of the file that is read: more than it ever has.
constexpr size_t kMostBytes =
    2 * InstanceRecord::kMostKept * (kMostIdLength + 1);

// A line that a crash has cut short is none.
bool IsInstanceId(absl::string_view text) {
  return text.size() >= kLeastIdLength && text.size() <= kMostIdLength &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '-'; });
}

bool IsStillThere(int fd, const std::string& path) {
  struct stat opened {};
  struct stat named {};
  return fstat(fd, &opened) == 0 && stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

}  // namespace

absl::StatusOr<std::unique_ptr<InstanceRecord>> InstanceRecord::Claim(
    const std::string& folder, const std::string& name, std::string instance) {
  const std::string path = absl::StrCat(folder, "/", name, ".instances");
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("open ", path));
  auto record =
      absl::WrapUnique(new InstanceRecord(fd, path, std::move(instance)));
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return absl::ErrnoToStatus(errno, absl::StrCat("lock ", path));
    }
    return absl::AlreadyExistsError(
        absl::StrCat(path, ": a live process works under this name"));
  }
  // One that ended in good order may have removed it before it was locked.
  if (!IsStillThere(fd, path)) {
    return Claim(folder, name, std::move(record->instance_));
  }
  RETURN_IF_ERROR(record->Load());
  RETURN_IF_ERROR(record->Save());
  return record;
}

InstanceRecord::InstanceRecord(int fd, std::string path, std::string instance)
    : fd_(fd), path_(std::move(path)), instance_(std::move(instance)) {}

InstanceRecord::~InstanceRecord() { close(fd_); }

absl::Status InstanceRecord::Load() {
  std::string text(kMostBytes, '\0');
  const ssize_t got = pread(fd_, text.data(), text.size(), 0);
  if (got < 0) return absl::ErrnoToStatus(errno, absl::StrCat("read ", path_));
  text.resize(static_cast<size_t>(got));
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (IsInstanceId(line)) predecessors_.emplace_back(line);
  }
  if (predecessors_.size() > kMostKept) {
    predecessors_.erase(predecessors_.begin(), predecessors_.end() - kMostKept);
  }
  return absl::OkStatus();
}

absl::Status InstanceRecord::Save() const {
  std::string text;
  for (const std::string& id : predecessors_) absl::StrAppend(&text, id, "\n");
  absl::StrAppend(&text, instance_, "\n");
  // In place: the lock is the file's, and would not go with a new one.
  const bool saved = pwrite(fd_, text.data(), text.size(), 0) ==
                         static_cast<ssize_t>(text.size()) &&
                     ftruncate(fd_, static_cast<off_t>(text.size())) == 0 &&
                     fdatasync(fd_) == 0;
  if (saved) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat("write ", path_));
}

absl::Status InstanceRecord::ForgetPredecessors() {
  if (predecessors_.empty()) return absl::OkStatus();
  predecessors_.clear();
  return Save();
}

absl::Status InstanceRecord::Remove() {
  if (unlink(path_.c_str()) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat("remove ", path_));
}

}  // namespace atelier
