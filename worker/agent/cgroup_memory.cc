#include "worker/agent/cgroup_memory.h"

#include <sys/stat.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/file.h"

namespace atelier {
namespace {

constexpr int64_t kMaxProcFileBytes = 4 << 20;
// Version 1 has no word for "no limit", but a figure near the largest.
constexpr int64_t kNoLimit = int64_t{1} << 60;

std::string Read(const std::string& path) {
  return ReadFile(path, kMaxProcFileBytes).value_or("");
}

bool Contains(const std::string& list, absl::string_view word) {
  const std::vector<absl::string_view> words = absl::StrSplit(list, ',');
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Where the process stands in the tree of its version.
struct Place {
  bool version_1 = false;
  std::string path;
};

std::optional<Place> FindPlace(const std::string& cgroup_file) {
  std::optional<Place> unified;
  for (absl::string_view line : absl::StrSplit(cgroup_file, '\n')) {
    const std::vector<std::string> parts =
        absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (parts.size() != 3) continue;
    // Where both are mounted, memory is counted by the one that names it.
    if (Contains(parts[1], "memory")) return Place{true, parts[2]};
    if (parts[0] == "0" && parts[1].empty()) unified = Place{false, parts[2]};
  }
  return unified;
}

struct Mount {
  std::string root;  // Of the tree, what is mounted.
  std::string point;
};

std::optional<Mount> FindMount(const std::string& mountinfo, bool version_1) {
  for (absl::string_view line : absl::StrSplit(mountinfo, '\n')) {
    const std::pair<absl::string_view, absl::string_view> halves =
        absl::StrSplit(line, absl::MaxSplits(" - ", 1));
    const std::vector<std::string> mount = absl::StrSplit(halves.first, ' ');
    const std::vector<std::string> system = absl::StrSplit(halves.second, ' ');
    if (mount.size() < 5 || system.size() < 3) continue;
    const bool fits =
        version_1 ? system[0] == "cgroup" && Contains(system[2], "memory")
                  : system[0] == "cgroup2";
    if (!fits) continue;
    return Mount{absl::StrReplaceAll(mount[3], {{"\\040", " "}}),
                 absl::StrReplaceAll(mount[4], {{"\\040", " "}})};
  }
  return std::nullopt;
}

// A container often sees a part of the tree, and itself by the name that it has
// outside.
std::string FolderOf(const Place& place, const Mount& mount) {
  absl::string_view path = place.path;
  if (mount.root != "/" && !absl::ConsumePrefix(&path, mount.root)) path = "";
  if (absl::StartsWith(path, "/..")) path = "";
  return absl::StrCat(mount.point, absl::StripSuffix(path, "/"));
}

int64_t LimitOf(const std::string& folder) {
  int64_t limit = std::numeric_limits<int64_t>::max();
  for (const char* name : {"/memory.max", "/memory.limit_in_bytes"}) {
    const std::string text = Read(folder + name);
    int64_t bytes = 0;
    if (absl::SimpleAtoi(absl::StripAsciiWhitespace(text), &bytes)) {
      limit = std::min(limit, bytes);
    }
  }
  return limit;
}

std::string ParentOf(const std::string& folder) {
  return folder.substr(0, folder.rfind('/'));
}

std::optional<int64_t> OomKillsOf(const std::string& folder) {
  for (const char* name : {"/memory.events", "/memory.oom_control"}) {
    for (absl::string_view line : absl::StrSplit(Read(folder + name), '\n')) {
      int64_t kills = 0;
      if (absl::ConsumePrefix(&line, "oom_kill ") &&
          absl::SimpleAtoi(line, &kills)) {
        return kills;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<CgroupMemory> ReadCgroupMemory(const std::string& folder) {
  struct stat status {};
  if (stat(folder.c_str(), &status) != 0) return std::nullopt;
  const std::optional<int64_t> kills = OomKillsOf(folder);
  if (!kills.has_value()) return std::nullopt;
  CgroupMemory cgroup;
  cgroup.folder = folder;
  cgroup.id = status.st_ino;
  cgroup.oom_kills = *kills;
  int64_t limit = kNoLimit;
  for (std::string at = folder; !at.empty(); at = ParentOf(at)) {
    limit = std::min(limit, LimitOf(at));
  }
  cgroup.limit_bytes = limit < kNoLimit ? limit : 0;
  return cgroup;
}

std::optional<CgroupMemory> FindCgroupMemory(const std::string& proc_self) {
  const std::optional<Place> place = FindPlace(Read(proc_self + "/cgroup"));
  if (!place.has_value()) return std::nullopt;
  const std::optional<Mount> mount =
      FindMount(Read(proc_self + "/mountinfo"), place->version_1);
  if (!mount.has_value()) return std::nullopt;
  // A cgroup without the memory controller is counted by one around it.
  for (std::string at = FolderOf(*place, *mount);
       at.size() >= mount->point.size(); at = ParentOf(at)) {
    std::optional<CgroupMemory> found = ReadCgroupMemory(at);
    if (found.has_value()) return found;
    if (at.empty()) break;
  }
  return std::nullopt;
}

}  // namespace atelier
