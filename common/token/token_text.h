// The text of a token: "atl_", a letter for its role (r, s, w, a), 32 random
// base-62 digits, and 6 base-62 digits of the CRC-32 of all that comes before.
// Digits are 0-9, A-Z, a-z. The checksum tells a text that was cut or mistyped
// from a token that is not valid; it protects nothing.
//
//   const std::string token = MakeToken('s');   // Shown once, to its owner.
//   record.accessor = MakeAccessor();           // Shown to everybody.
//   record.hash = TokenHash(token);             // Kept.
#ifndef ATELIER_COMMON_TOKEN_TOKEN_TEXT_H_
#define ATELIER_COMMON_TOKEN_TOKEN_TEXT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// A new token, from the system's random source.
/// REQUIRES: `role` is 'r', 's', 'w' or 'a'.
std::string MakeToken(char role);

/// Whether it is a token by its form; nothing about whether it is valid.
/// Errors: InvalidArgument, which says what is wrong and never quotes any of
///         it.
absl::Status CheckToken(absl::string_view text);

/// 64 lower-case hex digits of SHA-256.
std::string TokenHash(absl::string_view token);

/// 12 lower-case hex digits: a random public name.
std::string MakeAccessor();

}  // namespace atelier

#endif  // ATELIER_COMMON_TOKEN_TOKEN_TEXT_H_
