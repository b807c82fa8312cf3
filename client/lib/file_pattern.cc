#include "client/lib/file_pattern.h"

#include <glob.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

// A name that is no pattern, for glob.
std::string Escaped(const std::string& path) {
  std::string escaped;
  for (const char c : path) {
    if (std::strchr("*?[]\\", c) != nullptr) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

class Matches {
 public:
  explicit Matches(const std::string& pattern) {
    found_ = glob(pattern.c_str(), 0, nullptr, &result_) == 0;
  }
  ~Matches() { globfree(&result_); }
  Matches(const Matches&) = delete;
  Matches& operator=(const Matches&) = delete;

  std::vector<std::string> Files() const {
    std::vector<std::string> files;
    std::error_code unknown;
    for (size_t i = 0; found_ && i < result_.gl_pathc; ++i) {
      const std::string path = result_.gl_pathv[i];
      if (!fs::is_directory(path, unknown)) files.push_back(path);
    }
    return files;
  }

 private:
  glob_t result_ = {};
  bool found_ = false;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> FilesOf(const std::string& folder,
                                                 const std::string& text) {
  std::error_code unknown;
  if (text.find_first_of("*?[") == std::string::npos ||
      fs::exists(fs::path(folder) / text, unknown)) {
    return std::vector<std::string>{text};
  }
  const bool is_relative = !folder.empty() && fs::path(text).is_relative();
  const std::string before = is_relative ? folder + "/" : "";
  std::vector<std::string> files = Matches(Escaped(before) + text).Files();
  if (files.empty()) {
    return InvalidArgument(Quoted(text), " matches no file",
                           is_relative ? " in " + folder : "");
  }
  for (std::string& file : files) file.erase(0, before.size());
  std::sort(files.begin(), files.end(),
            [](const std::string& a, const std::string& b) {
              return strverscmp(a.c_str(), b.c_str()) < 0;
            });
  return files;
}

}  // namespace atelier
