#include "common/rpc/library_log.h"

#include <cstdlib>

#include "google/protobuf/stubs/logging.h"
#include "grpc/support/log.h"

namespace atelier {

void SilenceLibraries() {
  google::protobuf::SetLogHandler(nullptr);
  if (std::getenv("GRPC_VERBOSITY") == nullptr) {
    gpr_set_log_function([](gpr_log_func_args*) {});
  }
}

}  // namespace atelier
