// A disk that is soon full.
#ifndef ATELIER_TESTS_TESTING_SMALL_DISK_H_
#define ATELIER_TESTS_TESTING_SMALL_DISK_H_

#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/child_process.h"

namespace atelier {

/// A small file system of its own, in memory. Mounting takes privileges: ask
/// mounted().
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& size) {
    mounted_ = mount("tmpfs", folder_.path().c_str(), "tmpfs", 0,
                     absl::StrCat("size=", size).c_str()) == 0;
    why_not_ = std::strerror(errno);
  }
  ~SmallDisk() {
    if (mounted_) umount2(folder_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }
  const std::string& why_not() const { return why_not_; }
  std::string data() const { return folder_ / "data"; }
  /// Takes all the room there is.
  void Fill() {
    std::ofstream filler(folder_ / "filler", std::ios::binary);
    const std::vector<char> zeros(4096);
    while (filler.write(zeros.data(), zeros.size()).flush()) {
    }
  }
  void MakeRoom() { std::filesystem::remove(folder_ / "filler"); }

 private:
  TemporaryFolder folder_;
  bool mounted_ = false;
  std::string why_not_;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_TESTING_SMALL_DISK_H_
