// Bytes from the system's random source, and identifiers that nobody else has
// made.
#ifndef ATELIER_COMMON_RANDOM_ID_H_
#define ATELIER_COMMON_RANDOM_ID_H_

#include <cstddef>
#include <string>

namespace atelier {

/// Overwrites `count` bytes.
/// REQUIRES: at most 256.
void FillWithRandom(char* bytes, size_t count);

/// 32 lower-case hex digits from the system's random source.
std::string RandomId();

}  // namespace atelier

#endif  // ATELIER_COMMON_RANDOM_ID_H_
