// Files by the SHA-256 of their bytes: where an input may be that is known by
// its digest alone.
//
//   FileFinder finder;
//   const std::string path = finder.Find(digest, "harbour.jpg", folder);
#ifndef ATELIER_CLIENT_LIB_FILE_FINDER_H_
#define ATELIER_CLIENT_LIB_FILE_FINDER_H_

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace atelier {

/// Reads each file once, whoever looks for it. Thread-compatible.
class FileFinder {
 public:
  /// A file of which somebody knows the digest.
  void Add(const std::string& digest, const std::string& path);

  /// The path of a file with this digest: among those it knows, then what is
  /// called `name` in the folder and in the current one, then all files of the
  /// folder, up to a bound. Empty where there is none. `name` may be empty; an
  /// empty folder is the current one.
  std::string Find(const std::string& digest, const std::string& name,
                   const std::string& folder);

  /// The same without reading any file.
  std::string FindKnown(const std::string& digest) const;

 private:
  struct Folder {
    std::vector<std::string> files;
    size_t read = 0;  // So many of them, from the first.
  };

  void Read(const std::string& path);
  Folder& FolderAt(const std::string& path);

  std::map<std::string, std::string> by_digest_;
  std::set<std::string> read_;             // Paths.
  std::map<std::string, Folder> folders_;  // By path.
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_FILE_FINDER_H_
