// A private authority and what it has issued, as files of one test.
#ifndef ATELIER_TESTS_TESTING_TLS_FILES_H_
#define ATELIER_TESTS_TESTING_TLS_FILES_H_

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/testing/tls_identity.h"

namespace atelier {

/// Writes into a folder that outlives it.
class TlsFiles {
 public:
  /// `folder` ends without a slash; the authority's file is `ca_name`.pem.
  explicit TlsFiles(std::string folder, const std::string& ca_name = "ca")
      : folder_(std::move(folder)),
        authority_(IssueTlsIdentity({{}, 0, /*is_authority=*/true})),
        ca_(folder_ + "/" + ca_name + ".pem") {
    Write(ca_, PemOf(authority_));
  }

  const std::string& ca() const { return ca_; }
  std::string certificate(const std::string& name) const {
    return folder_ + "/" + name + ".pem";
  }
  std::string key(const std::string& name) const {
    return folder_ + "/" + name + ".key";
  }

  /// Writes NAME.pem and NAME.key, over those that are there.
  void Issue(const std::string& name, std::vector<std::string> names,
             long begins_in_seconds = 0) const {
    const TlsIdentity identity =
        IssueTlsIdentity({std::move(names), begins_in_seconds}, &authority_);
    Write(certificate(name), PemOf(identity));
    Write(key(name), KeyPemOf(identity));
  }

  static void Write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::trunc) << text;
  }

 private:
  const std::string folder_;
  const TlsIdentity authority_;
  const std::string ca_;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_TESTING_TLS_FILES_H_
