// Whose program answers at a port of this machine.
#ifndef ATELIER_COMMON_TOKEN_PORT_OWNER_H_
#define ATELIER_COMMON_TOKEN_PORT_OWNER_H_

#include <sys/types.h>

#include <optional>

#include "absl/strings/string_view.h"

namespace atelier {

/// The user of a TCP socket that listens on the port, at whatever address, and
/// is neither `self`'s nor root's. `table` is as /proc/net/tcp (proc(5)).
std::optional<uid_t> StrangerAt(int port, uid_t self, absl::string_view table);

/// The same of this machine and this process's user. None where the system does
/// not tell.
std::optional<uid_t> StrangerAt(int port);

}  // namespace atelier

#endif  // ATELIER_COMMON_TOKEN_PORT_OWNER_H_
