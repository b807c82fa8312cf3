// A folder for one test: ctest runs the tests of a program beside each other.
#ifndef ATELIER_TESTS_TESTING_TEMP_FOLDER_H_
#define ATELIER_TESTS_TESTING_TEMP_FOLDER_H_

#include <filesystem>
#include <iterator>
#include <string>

#include "common/random_id.h"
#include "gtest/gtest.h"

namespace atelier {

/// Empty at first, removed with all that is in it.
class TempFolder {
 public:
  TempFolder() : path_(::testing::TempDir() + "atelier_" + RandomId()) {
    std::filesystem::create_directories(path_);
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }
  /// The path of a file in it.
  std::string File(const std::string& name) const { return path_ + "/" + name; }
  int FileCount() const {
    return static_cast<int>(
        std::distance(std::filesystem::directory_iterator(path_), {}));
  }

 private:
  const std::string path_;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_TESTING_TEMP_FOLDER_H_
