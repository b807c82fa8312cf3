// Every method of Atelier's services, and what it checks of its request: one
// table, so that a walk over the services reaches each check.
//
//   for (const MethodDescriptor* method : AllMethods()) ...
//   RETURN_IF_ERROR(CheckAnyRequest(message, limits));
#ifndef ATELIER_COORDINATOR_API_GRPC_REQUEST_CHECKS_H_
#define ATELIER_COORDINATOR_API_GRPC_REQUEST_CHECKS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "coordinator/api/views/job_validation.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace atelier {

/// Of all services, in the order of their files.
std::vector<const google::protobuf::MethodDescriptor*> AllMethods();

/// "Jobs.SubmitJob".
std::string ShortName(const google::protobuf::MethodDescriptor& method);

/// What the method that takes such a request finds wrong with it before it
/// looks at anything else. A call checks with the same functions, so that it
/// answers with the same error.
/// Errors: InvalidArgument, ResourceExhausted; Internal for a request that has
///         fields and no check in the table.
absl::Status CheckAnyRequest(const google::protobuf::Message& request,
                             const JobLimits& limits);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_REQUEST_CHECKS_H_
