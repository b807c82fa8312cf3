// What a coordinator's process does around its rooms: limits, files.
#ifndef ATELIER_COORDINATOR_COORDINATOR_PROCESS_H_
#define ATELIER_COORDINATOR_COORDINATOR_PROCESS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "common/endpoint.h"

namespace atelier {

/// As many connections and files as the system lets this process have.
void RaiseFileLimit();

/// Spends a little memory and no time on housekeeping. Call before there are
/// threads.
void TuneForThroughput();

/// {"listen":"127.0.0.1:41234","http":"127.0.0.1:41235","pid":123}, whole or
/// not at all: `listen` as ParseEndpoint takes it, `http` empty where it is not
/// served. Errors: as WriteFile.
absl::Status WriteReadyFile(const std::string& path, const Endpoint& listen,
                            const std::optional<Endpoint>& http);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_COORDINATOR_PROCESS_H_
