// What commands run in, in tests: a server of this process, and no cluster.
#ifndef ATELIER_CLIENT_CLI_ENVIRONMENT_TESTING_H_
#define ATELIER_CLIENT_CLI_ENVIRONMENT_TESTING_H_

#include <memory>
#include <ostream>

#include "absl/status/status.h"
#include "client/cli/environment.h"
#include "common/terminal.h"
#include "tests/testing/in_process_server.h"

namespace atelier {

/// Lifetime: the arguments outlive it. `columns`: of the terminal behind `err`,
/// which has 24 rows.
inline Environment EnvironmentOver(InProcessServer& server, std::ostream& out,
                                   std::ostream& err,
                                   Interruption& interruption, Clock& clock,
                                   int columns) {
  return {out,
          err,
          {[columns] {
            return TerminalSize{columns, 24};
          }},
          "",
          "",
          {},
          [&server](const Endpoint&, const TlsClientFiles&,
                    const std::shared_ptr<TokenSource>&) {
            return server.Channel();
          },
          [](const Endpoint&, const TlsClientFiles&, absl::Duration) {
            return absl::OkStatus();
          },
          [](const LocalClusterOptions&)
              -> absl::StatusOr<std::unique_ptr<Cluster>> {
            return absl::InternalError("no cluster in this test");
          },
          interruption,
          clock};
}

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_ENVIRONMENT_TESTING_H_
