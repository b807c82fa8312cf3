#include "common/random_id.h"

#include <cstdint>
#include <random>

#include "absl/strings/str_format.h"

namespace atelier {

std::string RandomId() {
  std::random_device source;
  std::string id;
  for (int word = 0; word < 4; ++word) {
    absl::StrAppendFormat(&id, "%08x", static_cast<uint32_t>(source()));
  }
  return id;
}

}  // namespace atelier
