#include "common/token/token_text.h"

#include <zlib.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/random_id.h"

namespace atelier {
namespace {

constexpr absl::string_view kPrefix = "atl_";
constexpr absl::string_view kRoles = "rswa";
constexpr absl::string_view kDigits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr size_t kRandomDigits = 32;
constexpr size_t kChecksumDigits = 6;  // 62^6 > 2^32.
constexpr size_t kLength = kPrefix.size() + 1 + kRandomDigits + kChecksumDigits;

std::string RandomDigits(size_t count) {
  // Bytes above the last whole round of digits would favour the first ones.
  constexpr unsigned kFair = 256 - 256 % kDigits.size();
  std::string digits;
  std::array<char, 64> bytes;
  while (digits.size() < count) {
    FillWithRandom(bytes.data(), bytes.size());
    for (const char byte : bytes) {
      const unsigned value = static_cast<unsigned char>(byte);
      if (value >= kFair || digits.size() == count) continue;
      digits.push_back(kDigits[value % kDigits.size()]);
    }
  }
  return digits;
}

std::string Checksum(absl::string_view text) {
  uint64_t crc = crc32(0, reinterpret_cast<const Bytef*>(text.data()),
                       static_cast<uInt>(text.size()));
  std::string digits(kChecksumDigits, '0');
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    *digit = kDigits[crc % kDigits.size()];
    crc /= kDigits.size();
  }
  return digits;
}

absl::Status NotAToken(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("is not a token: ", why));
}

}  // namespace

std::string MakeToken(char role) {
  std::string token = absl::StrCat(kPrefix, absl::string_view(&role, 1),
                                   RandomDigits(kRandomDigits));
  return absl::StrCat(token, Checksum(token));
}

absl::Status CheckToken(absl::string_view text) {
  if (!absl::StartsWith(text, kPrefix)) {
    return NotAToken(absl::StrCat("does not begin with ", kPrefix));
  }
  if (text.size() != kLength) {
    return NotAToken(absl::StrCat("has ", text.size(), " characters; ", kLength,
                                  " are expected"));
  }
  if (!absl::StrContains(kRoles, text[kPrefix.size()])) {
    return NotAToken(absl::StrCat("the letter after ", kPrefix,
                                  " names no role; r, s, w or a"));
  }
  for (const char one : text.substr(kPrefix.size())) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(one))) continue;
    return NotAToken(
        "has a character that is none of 0-9, A-Z and a-z; a line's end or a "
        "quotation mark may have come with it");
  }
  const absl::string_view checked = text.substr(0, kLength - kChecksumDigits);
  if (text.substr(checked.size()) != Checksum(checked)) {
    return NotAToken("its checksum does not match: it was cut or mistyped");
  }
  return absl::OkStatus();
}

std::string TokenHash(absl::string_view token) { return HexDigest(token); }

std::string MakeAccessor() { return RandomId().substr(0, 12); }

}  // namespace atelier
