// A web server on this machine with one file, and the ways they misbehave.
#ifndef ATELIER_TESTS_TESTING_FILE_SERVER_H_
#define ATELIER_TESTS_TESTING_FILE_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/testing/tls_identity.h"

namespace atelier {

/// Serves its bytes at /file, with ranges and an ETag, on a port of the
/// system's choice; /moved redirects there, /elsewhere too but by its whole
/// address, /insecure to http:// on the same port, /loop to itself. Ends the
/// process where it cannot.
class FileServer {
 public:
  struct Behaviour {
    std::string etag = "\"one\"";
    bool ignores_ranges = false;  ///< And does not say how long the file is.
    /// The connection ends after so many bytes of a reply; 0: never.
    size_t breaks_after_bytes = 0;
    /// A reply goes silent, its connection open, after so many bytes; 0: never.
    size_t stalls_after_bytes = 0;
    /// Speaks HTTPS with this; without a key, HTTP.
    TlsIdentity identity = {};
  };

  FileServer(std::string bytes, Behaviour behaviour);
  ~FileServer();
  FileServer(const FileServer&) = delete;
  FileServer& operator=(const FileServer&) = delete;

  /// Where it listens, and what its certificate is to be of.
  static constexpr char kAddress[] = "127.0.0.1";

  /// "http://127.0.0.1:PORT" and `path`; with an identity "https://".
  std::string Url(const std::string& path = "/file") const;
  /// The Range header of every request for the file so far, or "".
  std::vector<std::string> ranges() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_TESTING_FILE_SERVER_H_
