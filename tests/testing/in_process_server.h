// A gRPC server without a port, for tests.
#ifndef ATELIER_TESTS_TESTING_IN_PROCESS_SERVER_H_
#define ATELIER_TESTS_TESTING_IN_PROCESS_SERVER_H_

#include <initializer_list>
#include <memory>
#include <vector>

#include "grpcpp/channel.h"
#include "grpcpp/impl/service_type.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/support/channel_arguments.h"

namespace atelier {

/// A service that keeps calls from their end.
class HoldsCalls {
 public:
  virtual ~HoldsCalls() = default;
  /// Ends them, and later ones at once.
  virtual void ReleaseCalls() = 0;
};

/// Serves `services`, which outlive it, until destroyed.
class InProcessServer {
 public:
  explicit InProcessServer(std::initializer_list<grpc::Service*> services) {
    grpc::ServerBuilder builder;
    for (grpc::Service* service : services) builder.RegisterService(service);
    server_ = builder.BuildAndStart();
    services_ = services;
  }
  ~InProcessServer() {
    for (grpc::Service* service : services_) {
      if (auto* const holds = dynamic_cast<HoldsCalls*>(service)) {
        holds->ReleaseCalls();
      }
    }
    server_->Shutdown();
  }

  std::shared_ptr<grpc::Channel> Channel() {
    return server_->InProcessChannel(grpc::ChannelArguments());
  }

 private:
  std::vector<grpc::Service*> services_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_TESTING_IN_PROCESS_SERVER_H_
