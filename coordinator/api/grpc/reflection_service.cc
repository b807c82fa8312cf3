#include "coordinator/api/grpc/reflection_service.h"

#include <set>
#include <utility>

#include "common/rpc/grpc_status.h"
#include "common/status_macros.h"
#include "coordinator/access/admission_control.h"
#include "coordinator/access/call_limits.h"
#include "coordinator/api/grpc/call_support.h"
#include "coordinator/control/access.h"
#include "coordinator/control/caller.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"

namespace atelier {
namespace {

using Request = grpc::reflection::v1alpha::ServerReflectionRequest;
using Response = grpc::reflection::v1alpha::ServerReflectionResponse;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

void SayNotFound(Response& response) {
  response.mutable_error_response()->set_error_code(
      grpc::StatusCode::NOT_FOUND);
  response.mutable_error_response()->set_error_message("there is none");
}

// The file with all that it imports, each once.
void AddFiles(const FileDescriptor& file, std::set<const FileDescriptor*>& seen,
              Response& response) {
  if (!seen.insert(&file).second) return;
  google::protobuf::FileDescriptorProto proto;
  file.CopyTo(&proto);
  response.mutable_file_descriptor_response()->add_file_descriptor_proto(
      proto.SerializeAsString());
  for (int i = 0; i < file.dependency_count(); ++i) {
    AddFiles(*file.dependency(i), seen, response);
  }
}

void GiveFile(const FileDescriptor* file, Response& response) {
  std::set<const FileDescriptor*> seen;
  if (file == nullptr) {
    SayNotFound(response);
  } else {
    AddFiles(*file, seen, response);
  }
}

Response AnswerOf(const Request& request,
                  const std::vector<std::string>& services) {
  const DescriptorPool& pool = *DescriptorPool::generated_pool();
  Response response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case Request::kFileByFilename:
      GiveFile(pool.FindFileByName(request.file_by_filename()), response);
      break;
    case Request::kFileContainingSymbol:
      GiveFile(pool.FindFileContainingSymbol(request.file_containing_symbol()),
               response);
      break;
    case Request::kListServices:
      for (const std::string& name : services) {
        response.mutable_list_services_response()->add_service()->set_name(
            name);
      }
      break;
    default:
      SayNotFound(response);
  }
  return response;
}

/// One call. Owns itself.
class ReflectionCall : public grpc::ServerBidiReactor<Request, Response> {
 public:
  ReflectionCall(const CallSupport& support, Admission admitted,
                 const std::vector<std::string>& services)
      : services_(services), admitted_(std::move(admitted)) {
    if (!admitted_.caller.ok()) {
      support.Refuse(admitted_,
                     [this](const grpc::Status& status) { Finish(status); });
      return;
    }
    const absl::Status may = CheckAccess(*admitted_.caller, Verb::kReflect);
    if (may.ok()) {
      StartRead(&request_);
    } else {
      Finish(ToGrpc(may));
    }
  }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    // The first came with the call.
    if (std::exchange(is_first_, false) || admitted_.meter == nullptr) {
      return Answer();
    }
    const absl::Status may = admitted_.meter->AddRequest();
    if (!may.ok()) return Finish(ToGrpc(may));
    Answer();
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    StartRead(&request_);
  }
  void OnDone() override { delete this; }

 private:
  void Answer() {
    response_ = AnswerOf(request_, services_);
    StartWrite(&response_);
  }

  const std::vector<std::string>& services_;
  const Admission admitted_;
  bool is_first_ = true;
  Request request_;
  Response response_;
};

class ReflectionService
    : public grpc::reflection::v1alpha::ServerReflection::CallbackService {
 public:
  ReflectionService(std::vector<std::string> services,
                    const CallSupport& support)
      : services_(std::move(services)), support_(support) {}

  grpc::ServerBidiReactor<Request, Response>* ServerReflectionInfo(
      grpc::CallbackServerContext* context) override {
    return new ReflectionCall(
        support_, support_.Admit(*context, CallKind::kStream), services_);
  }

 private:
  const std::vector<std::string> services_;
  const CallSupport& support_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeReflectionService(
    std::vector<std::string> services, const CallSupport& support) {
  return std::make_unique<ReflectionService>(std::move(services), support);
}

}  // namespace atelier
