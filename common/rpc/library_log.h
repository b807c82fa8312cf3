// What gRPC and Protocol Buffers would write to standard error by themselves.
#ifndef ATELIER_COMMON_RPC_LIBRARY_LOG_H_
#define ATELIER_COMMON_RPC_LIBRARY_LOG_H_

namespace atelier {

/// Drops the libraries' own lines: whatever they say comes back as a status
/// too, which the program reports in one line of its own. gRPC's are kept where
/// GRPC_VERBOSITY is set. Call first, before any message or channel is made.
void SilenceLibraries();

}  // namespace atelier

#endif  // ATELIER_COMMON_RPC_LIBRARY_LOG_H_
