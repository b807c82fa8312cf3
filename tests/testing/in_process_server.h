// A gRPC server without a port, for tests.
#ifndef ATELIER_TESTS_TESTING_IN_PROCESS_SERVER_H_
#define ATELIER_TESTS_TESTING_IN_PROCESS_SERVER_H_

#include <initializer_list>
#include <memory>

#include "grpcpp/channel.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/support/channel_arguments.h"

namespace atelier {

/// Serves `services`, which outlive it, until destroyed.
class InProcessServer {
 public:
  explicit InProcessServer(std::initializer_list<grpc::Service*> services) {
    grpc::ServerBuilder builder;
    for (grpc::Service* service : services) builder.RegisterService(service);
    server_ = builder.BuildAndStart();
  }
  ~InProcessServer() { server_->Shutdown(); }

  std::shared_ptr<grpc::Channel> Channel() {
    return server_->InProcessChannel(grpc::ChannelArguments());
  }

 private:
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_TESTING_IN_PROCESS_SERVER_H_
