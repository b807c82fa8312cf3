// A client that knows nothing of Atelier drives it by reflection alone, as
// grpcurl would. This binary does not link atelier::proto.
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/descriptor_database.h"
#include "google/protobuf/dynamic_message.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "tests/testing/cluster.h"

namespace atelier {
namespace {

using ::grpc::reflection::v1alpha::ServerReflection;
using ::grpc::reflection::v1alpha::ServerReflectionRequest;
using ::grpc::reflection::v1alpha::ServerReflectionResponse;
using ::testing::Contains;

/// Asks one server for its descriptions.
class Reflection {
 public:
  explicit Reflection(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(ServerReflection::NewStub(channel)),
        stream_(stub_->ServerReflectionInfo(&context_)) {}

  ~Reflection() {
    stream_->WritesDone();
    stream_->Finish();
  }

  std::set<std::string> Services() {
    ServerReflectionRequest request;
    request.set_list_services("*");
    const ServerReflectionResponse response = Ask(request);
    std::set<std::string> names;
    for (const auto& service : response.list_services_response().service()) {
      names.insert(service.name());
    }
    return names;
  }

  // Adds the file that has `symbol`, and all it imports.
  void Load(const std::string& symbol) {
    ServerReflectionRequest request;
    request.set_file_containing_symbol(symbol);
    Add(Ask(request));
  }

  google::protobuf::DescriptorDatabase* database() { return &database_; }

 private:
  ServerReflectionResponse Ask(const ServerReflectionRequest& request) {
    ServerReflectionResponse response;
    EXPECT_TRUE(stream_->Write(request));
    EXPECT_TRUE(stream_->Read(&response));
    return response;
  }

  void Add(const ServerReflectionResponse& response) {
    for (const std::string& bytes :
         response.file_descriptor_response().file_descriptor_proto()) {
      google::protobuf::FileDescriptorProto file;
      ASSERT_TRUE(file.ParseFromString(bytes));
      if (!seen_.insert(file.name()).second) continue;
      database_.Add(file);
      for (const std::string& import : file.dependency()) {
        if (seen_.count(import) > 0) continue;
        ServerReflectionRequest request;
        request.set_file_by_filename(import);
        Add(Ask(request));
      }
    }
  }

  std::unique_ptr<ServerReflection::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<ServerReflectionRequest,
                                           ServerReflectionResponse>>
      stream_;
  std::set<std::string> seen_;
  google::protobuf::SimpleDescriptorDatabase database_;
};

// One unary call with bytes in and bytes out.
grpc::Status Call(const std::shared_ptr<grpc::Channel>& channel,
                  const std::string& method, const std::string& request,
                  std::string* response) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  grpc::Slice slice(request);
  const auto call = stub.PrepareUnaryCall(&context, method,
                                          grpc::ByteBuffer(&slice, 1), &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  std::vector<grpc::Slice> slices;
  if (status.ok() && answer.Dump(&slices).ok()) {
    for (const grpc::Slice& part : slices) {
      response->append(reinterpret_cast<const char*>(part.begin()),
                       part.size());
    }
  }
  return status;
}

TEST(ReflectionTest, AStrangerListsTheServicesAndCallsThem) {
  Cluster cluster;
  const auto channel = cluster.Connect();
  Reflection reflection(channel);
  const std::set<std::string> services = reflection.Services();
  for (const char* name : {"atelier.v1.Jobs", "atelier.v1.Artifacts",
                           "atelier.v1.Workers", "grpc.health.v1.Health"}) {
    EXPECT_THAT(services, Contains(name));
  }

  reflection.Load("atelier.v1.Jobs");
  google::protobuf::DescriptorPool pool(reflection.database());
  const auto* method = pool.FindMethodByName("atelier.v1.Jobs.ListJobs");
  ASSERT_NE(method, nullptr);
  google::protobuf::DynamicMessageFactory factory(&pool);
  const std::unique_ptr<google::protobuf::Message> answer(
      factory.GetPrototype(method->output_type())->New());

  std::string bytes;
  const grpc::Status status =
      Call(channel, "/atelier.v1.Jobs/ListJobs", "", &bytes);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_TRUE(answer->ParseFromString(bytes));
  EXPECT_NE(method->output_type()->FindFieldByName("jobs"), nullptr);
}

TEST(ReflectionTest, WhereTokensAreAskedForAStrangerLearnsNothing) {
  Cluster cluster;
  const auto stranger = grpc::CreateChannel(cluster.address(),
                                            grpc::InsecureChannelCredentials());
  std::string bytes;
  EXPECT_EQ(
      Call(stranger, "/atelier.v1.Jobs/ListJobs", "", &bytes).error_code(),
      grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Call(stranger,
                 "/grpc.reflection.v1alpha.ServerReflection/"
                 "ServerReflectionInfo",
                 "", &bytes)
                .error_code(),
            grpc::StatusCode::UNAUTHENTICATED);
}

TEST(ReflectionTest, HealthIsServing) {
  Cluster cluster;
  std::string bytes;
  const grpc::Status status =
      Call(grpc::CreateChannel(cluster.address(),
                               grpc::InsecureChannelCredentials()),
           "/grpc.health.v1.Health/Check", "", &bytes);
  ASSERT_TRUE(status.ok()) << status.error_message();
  // Field 1, a varint: SERVING is 1.
  EXPECT_EQ(bytes, std::string("\x08\x01", 2));
}

}  // namespace
}  // namespace atelier
