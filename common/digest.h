// SHA-256, the name of every artifact and render. OpenSSL does the work.
#ifndef ATELIER_COMMON_DIGEST_H_
#define ATELIER_COMMON_DIGEST_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// Hashes bytes that come in pieces.
///
///   Sha256 hash;
///   hash.Update(chunk);
///   std::string name = hash.HexDigest();
///
/// Thread-compatible.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Update(absl::string_view bytes);
  /// 64 lower-case hex digits. Call once, last.
  std::string HexDigest();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// Digest of `bytes`: 64 lower-case hex digits.
std::string HexDigest(absl::string_view bytes);

/// Reads the whole file in pieces.
/// Errors: NotFound, PermissionDenied, InvalidArgument for a folder, Internal.
absl::StatusOr<std::string> HexDigestOfFile(const std::string& path);

/// Whether `text` is 64 lower-case hex digits.
bool IsHexDigest(absl::string_view text);

}  // namespace atelier

#endif  // ATELIER_COMMON_DIGEST_H_
