#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "client/cli/app.h"
#include "client/cli/exit_code.h"
#include "client/cli/signal_thread.h"
#include "common/cli/command_line.h"
#include "common/image/image.h"
#include "common/output_stream.h"
#include "common/rpc/channel.h"
#include "common/rpc/library_log.h"
#include "common/signals.h"
#include "common/terminal.h"
#include "common/tls/tls_probe.h"

namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

atelier::Terminal TerminalOf(int fd) {
  return {[fd] { return atelier::SizeOfTerminal(fd); },
          atelier::TakesEscapes(fd), atelier::HasUtf8Locale()};
}

absl::StatusOr<std::unique_ptr<atelier::Cluster>> StartCluster(
    atelier::LocalClusterOptions options) {
  return atelier::LocalCluster::Start(std::move(options));
}

}  // namespace

int main(int argc, char** argv) {
  atelier::HoldStandardStreams();
  atelier::HeedPipesAndChildren();
  atelier::SilenceLibraries();
  atelier::Interruption interruption;
  const atelier::SignalThread signals(interruption);
  if (const absl::Status images = atelier::InitialiseImages(argv[0]);
      !images.ok()) {
    std::cerr << atelier::ErrorLine("atelier", images.message());
    return atelier::kExitFailed;
  }
  atelier::OutputStream out(STDOUT_FILENO);
  atelier::Environment environment{out,
                                   std::cerr,
                                   TerminalOf(STDERR_FILENO),
                                   Variable("ATELIER_COORDINATOR"),
                                   Variable("ATELIER_CA"),
                                   atelier::TokenVariablesFrom(std::getenv),
                                   atelier::MakeChannel,
                                   atelier::ProbeTls,
                                   StartCluster,
                                   interruption,
                                   atelier::Clock::Steady()};
  return atelier::RunAtelier(std::vector<std::string>(argv + 1, argv + argc),
                             environment);
}
