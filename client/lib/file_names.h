// What the pictures of a job are called on disk.
#ifndef ATELIER_CLIENT_LIB_FILE_NAMES_H_
#define ATELIER_CLIENT_LIB_FILE_NAMES_H_

#include <set>
#include <string>
#include <vector>

#include "atelier/v1/jobs.pb.h"

namespace atelier {

/// Names tasks by their axis values: "convention-gatys_style_weight-3500.png",
/// and "result.png" for a job without axes. Only letters, digits and "._+-@="
/// are kept; others become "-". No two names are the same on a file system
/// that ignores case: a name that is taken gets the task's index after it.
/// The same tasks in the same order get the same names. Thread-compatible.
class FileNamer {
 public:
  explicit FileNamer(const v1::JobSpec& spec);

  std::string Name(const v1::Task& task);

 private:
  std::vector<std::string> axes_;
  std::set<std::string> taken_;  // In lower case.
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_FILE_NAMES_H_
