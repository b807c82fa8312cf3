// Ways in which the file of an artifact goes bad, for tests.
#ifndef ATELIER_COORDINATOR_BLOBS_DIRECTORY_DAMAGED_FILES_TESTING_H_
#define ATELIER_COORDINATOR_BLOBS_DIRECTORY_DAMAGED_FILES_TESTING_H_

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace atelier {

/// Where the directory store has an artifact.
inline std::string ArtifactPath(const std::string& root,
                                const std::string& digest) {
  return absl::StrCat(root, "/", digest.substr(0, 2), "/", digest);
}

inline timespec ChangedAt(const std::string& path) {
  struct stat found = {};
  stat(path.c_str(), &found);
  return found.st_ctim;
}

/// Changes the middle byte, and leaves size and modification time as they are.
inline void FlipABit(const std::string& path) {
  namespace fs = std::filesystem;
  const timespec before = ChangedAt(path);
  const fs::file_time_type time = fs::last_write_time(path);
  fs::permissions(path, fs::perms::owner_all);
  const auto middle = static_cast<std::streamoff>(fs::file_size(path) / 2);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(middle);
  const int byte = file.get();
  file.seekp(middle);
  file.put(static_cast<char>(byte ^ 1));
  file.close();
  // The file system's clock ticks every few milliseconds.
  do {
    fs::last_write_time(path, time);
  } while (ChangedAt(path).tv_sec == before.tv_sec &&
           ChangedAt(path).tv_nsec == before.tv_nsec);
}

struct Damage {
  std::string name;
  std::function<void(const std::string& path)> apply;

  friend void PrintTo(const Damage& damage, std::ostream* out) {
    *out << damage.name;
  }
};

/// What shows as soon as size, time or kind of the file are looked at.
inline std::vector<Damage> VisibleDamages() {
  namespace fs = std::filesystem;
  return {
      {"written_over",
       [](const std::string& path) {
         fs::permissions(path, fs::perms::owner_all);
         std::ofstream(path, std::ios::in) << "X";
       }},
      {"cut", [](const std::string& path) { fs::resize_file(path, 3); }},
      {"emptied", [](const std::string& path) { fs::resize_file(path, 0); }},
      {"longer",
       [](const std::string& path) {
         fs::resize_file(path, fs::file_size(path) + 5);
       }},
      {"a_folder",
       [](const std::string& path) {
         fs::remove(path);
         fs::create_directory(path);
         std::ofstream(path + "/somebodys") << "file";
       }},
      {"a_link_to_itself",
       [](const std::string& path) {
         fs::remove(path);
         fs::create_symlink(path, path);
       }},
      {"a_link_to_nothing",
       [](const std::string& path) {
         fs::remove(path);
         fs::create_symlink("/nowhere/at/all", path);
       }},
      {"a_link_to_another_file",
       [](const std::string& path) {
         fs::remove(path);
         fs::create_symlink("/etc/passwd", path);
       }},
      {"a_pipe",
       [](const std::string& path) {
         fs::remove(path);
         mkfifo(path.c_str(), 0644);
       }},
      {"gone", [](const std::string& path) { fs::remove(path); }},
  };
}

/// Also what only reading it shows.
inline std::vector<Damage> AllDamages() {
  std::vector<Damage> all = VisibleDamages();
  all.push_back({"a_flipped_bit", FlipABit});
  return all;
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_BLOBS_DIRECTORY_DAMAGED_FILES_TESTING_H_
