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
void FillWithRandom(char* bytes, size_t count) {
  if (getentropy(bytes, count) == 0) return;
  std::perror("the system gives no random bytes");
  std::abort();
}

std::string RandomId() {
  std::array<char, 16> bytes;
  FillWithRandom(bytes.data(), bytes.size());
  return absl::BytesToHexString(absl::string_view(bytes.data(), bytes.size()));
}

}  // namespace atelier
