#include "worker/agent/attempt_note.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "nlohmann/json.hpp"
#include "worker/agent/attempt_book.h"
#include "worker/agent/fault_signals.h"

namespace atelier {
namespace {

using nlohmann::json;

constexpr absl::string_view kHeader = "signal ";
constexpr absl::string_view kNoSignal = "signal 000\n";
// Forty attempts and more, written in one call.
constexpr size_t kNoteBytes = 8192;

absl::Status NoNote(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("is no note: ", why));
}

std::string Format(const NotedAttempts& noted) {
  json attempts = json::array();
  for (const v1::AttemptToken& token : noted.attempts) {
    attempts.push_back({{"render_key", token.render_key()},
                        {"number", token.number()},
                        {"epoch", token.epoch()},
                        {"secret", token.secret()}});
  }
  const json note = {{"worker", noted.worker},
                     {"boot_id", noted.boot_id},
                     {"cgroup", noted.cgroup.folder},
                     {"cgroup_id", noted.cgroup.id},
                     {"oom_kills", noted.cgroup.oom_kills},
                     {"attempts", attempts}};
  std::string text = note.dump(-1, ' ', false, json::error_handler_t::replace);
  text.push_back('\n');
  if (text.size() < kNoteBytes) text.append(kNoteBytes - text.size(), ' ');
  return text;
}

bool ParseAttempt(const json& one, v1::AttemptToken* token) {
  token->set_render_key(one.value("render_key", ""));
  token->set_number(one.value("number", int64_t{0}));
  token->set_epoch(one.value("epoch", int64_t{0}));
  token->set_secret(one.value("secret", ""));
  return IsHexDigest(token->render_key()) && token->number() > 0 &&
         token->epoch() > 0;
}

absl::Status Failed(absl::string_view what, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(what, " ", path));
}

}  // namespace

absl::StatusOr<NotedAttempts> ParseNote(absl::string_view bytes) {
  NotedAttempts noted;
  if (!absl::ConsumePrefix(&bytes, kHeader) ||
      bytes.size() <= kFaultSignalDigits ||
      !absl::SimpleAtoi(bytes.substr(0, kFaultSignalDigits),
                        &noted.fault_signal)) {
    return NoNote("it does not begin with a signal");
  }
  bytes.remove_prefix(kFaultSignalDigits);
  // The library's accessors throw on a value of another kind.
  try {
    const json note = json::parse(bytes.begin(), bytes.end());
    noted.worker = note.value("worker", "");
    noted.boot_id = note.value("boot_id", "");
    noted.cgroup.folder = note.value("cgroup", "");
    noted.cgroup.id = note.value("cgroup_id", uint64_t{0});
    noted.cgroup.oom_kills = note.value("oom_kills", int64_t{0});
    for (const json& one : note.at("attempts")) {
      if (!ParseAttempt(one, &noted.attempts.emplace_back())) {
        return NoNote("an attempt has no token");
      }
    }
  } catch (const json::exception& error) {
    return NoNote(error.what());
  }
  return noted;
}

std::string BootId() {
  constexpr int64_t kMaxBytes = 256;
  return std::string(absl::StripAsciiWhitespace(
      ReadFile("/proc/sys/kernel/random/boot_id", kMaxBytes).value_or("")));
}

absl::StatusOr<std::unique_ptr<AttemptNote>> AttemptNote::Open(
    Options options) {
  RETURN_IF_ERROR(MakeFolders(options.folder));
  const std::string path =
      absl::StrCat(options.folder, "/", options.instance, ".note");
  // Nobody looks at it under this name before it is locked.
  const std::string unlocked = path + ".new";
  const int descriptor =
      open(unlocked.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return Failed("create", unlocked);
  auto note =
      absl::WrapUnique(new AttemptNote(std::move(options), path, descriptor));
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return Failed("lock", unlocked);
  }
  {
    absl::MutexLock lock(&note->mutex_);
    if (pwrite(descriptor, kNoSignal.data(), kNoSignal.size(), 0) !=
        static_cast<ssize_t>(kNoSignal.size())) {
      return Failed("write", unlocked);
    }
    RETURN_IF_ERROR(note->Write());
  }
  if (rename(unlocked.c_str(), path.c_str()) != 0) {
    return Failed("rename", unlocked);
  }
  NoteFaultSignals(descriptor, kHeader.size());
  return note;
}

AttemptNote::AttemptNote(Options options, std::string path, int descriptor)
    : options_(std::move(options)),
      path_(std::move(path)),
      descriptor_(descriptor) {
  noted_.worker = options_.worker;
  noted_.boot_id = BootId();
}

AttemptNote::~AttemptNote() { Close(); }

void AttemptNote::Close() {
  absl::MutexLock lock(&mutex_);
  if (descriptor_ < 0) return;
  StopNotingFaultSignals();
  unlink(path_.c_str());
  unlink((path_ + ".new").c_str());
  close(std::exchange(descriptor_, -1));
}

absl::Status AttemptNote::Begin(const v1::AttemptToken& token) {
  absl::MutexLock lock(&mutex_);
  noted_.attempts.push_back(token);
  return Write();
}

absl::Status AttemptNote::End(const v1::AttemptToken& token) {
  absl::MutexLock lock(&mutex_);
  std::vector<v1::AttemptToken>& attempts = noted_.attempts;
  attempts.erase(std::remove_if(attempts.begin(), attempts.end(),
                                [&](const v1::AttemptToken& one) {
                                  return IdOf(one) == IdOf(token);
                                }),
                 attempts.end());
  return Write();
}

absl::Status AttemptNote::Refresh() {
  absl::MutexLock lock(&mutex_);
  return noted_.attempts.empty() ? absl::OkStatus() : Write();
}

absl::Status AttemptNote::Write() {
  if (descriptor_ < 0) return absl::OkStatus();
  noted_.cgroup = FindCgroupMemory(options_.proc_self).value_or(CgroupMemory());
  std::string text = Format(noted_);
  // Nothing is left of a longer one before it.
  if (text.size() < longest_bytes_) text.resize(longest_bytes_, ' ');
  longest_bytes_ = text.size();
  const ssize_t written =
      pwrite(descriptor_, text.data(), text.size(), kNoSignal.size());
  if (written == static_cast<ssize_t>(text.size())) return absl::OkStatus();
  return Failed("write", path_);
}

}  // namespace atelier
