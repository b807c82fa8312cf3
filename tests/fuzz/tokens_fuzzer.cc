// Any bytes as a token that somebody shows. What passes has a token's length
// and prefix, and does not pass with one of its characters changed.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "common/token/token_text.h"

namespace atelier {
namespace {

void Check(std::string text) {
  if (!CheckToken(text).ok()) return;
  if (text.size() != 43 || !absl::StartsWith(text, "atl_")) __builtin_trap();
  if (TokenHash(text).size() != 64) __builtin_trap();
  for (char& one : text) {
    const char was = one;
    one = was == '0' ? '1' : '0';
    if (CheckToken(text).ok()) __builtin_trap();
    one = was;
  }
  if (!CheckToken(text).ok()) __builtin_trap();
}

}  // namespace
}  // namespace atelier

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  atelier::Check(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
