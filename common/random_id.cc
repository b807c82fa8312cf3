#include "common/random_id.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace atelier {

// Not std::random_device: that asks the processor what it can do each time,
// which on a virtual machine takes as long as the rest of an assignment.
std::string RandomId() {
  std::array<char, 16> bytes;
  if (getentropy(bytes.data(), bytes.size()) != 0) {
    std::perror("the system gives no random bytes");
    std::abort();
  }
  return absl::BytesToHexString(absl::string_view(bytes.data(), bytes.size()));
}

}  // namespace atelier
