// Whose program answers at a port of this machine.
#ifndef ATELIER_COMMON_TOKEN_PORT_OWNER_H_
#define ATELIER_COMMON_TOKEN_PORT_OWNER_H_

#include <sys/types.h>

#include <string>

#include "common/endpoint.h"

namespace atelier {

enum class PortOwner {
  kNobody,
  kUs,        ///< This user, or root.
  kStranger,  ///< Also where others listen as well.
};

/// /proc/net/tcp and tcp6 (proc(5)).
struct SocketTables {
  std::string tcp;
  std::string tcp6;
};

/// Who listens where a call to `server` may arrive; `self` is our user.
/// REQUIRES: `server` is loopback, and no Unix socket.
PortOwner OwnerOf(const Endpoint& server, uid_t self,
                  const SocketTables& tables);

/// The same of this machine and this process's user. kUs where the system does
/// not tell.
PortOwner OwnerOf(const Endpoint& server);

}  // namespace atelier

#endif  // ATELIER_COMMON_TOKEN_PORT_OWNER_H_
