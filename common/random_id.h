// Identifiers that nobody else has made.
#ifndef ATELIER_COMMON_RANDOM_ID_H_
#define ATELIER_COMMON_RANDOM_ID_H_

#include <string>

namespace atelier {

/// 32 lower-case hex digits from the system's random source.
std::string RandomId();

}  // namespace atelier

#endif  // ATELIER_COMMON_RANDOM_ID_H_
