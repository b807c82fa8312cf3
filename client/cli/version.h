// The version that this was built as.
#ifndef ATELIER_CLIENT_CLI_VERSION_H_
#define ATELIER_CLIENT_CLI_VERSION_H_

namespace atelier {

/// "0.1.0"; CMake's project version.
inline constexpr char kVersion[] = ATELIER_VERSION;

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_VERSION_H_
