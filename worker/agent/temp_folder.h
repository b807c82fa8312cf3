// A folder for one test.
#ifndef ATELIER_WORKER_AGENT_TEMP_FOLDER_H_
#define ATELIER_WORKER_AGENT_TEMP_FOLDER_H_

#include <filesystem>
#include <string>

#include "common/random_id.h"
#include "gtest/gtest.h"

namespace atelier {

/// Empty at first, removed with all that is in it.
class TempFolder {
 public:
  TempFolder() : path_(::testing::TempDir() + "agent_" + RandomId()) {
    std::filesystem::create_directories(path_);
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }
  int FileCount() const {
    return static_cast<int>(
        std::distance(std::filesystem::directory_iterator(path_), {}));
  }

 private:
  const std::string path_;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_TEMP_FOLDER_H_
