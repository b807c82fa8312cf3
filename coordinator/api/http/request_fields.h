// A request of the wire, filled from the fields of a path and a query.
#ifndef ATELIER_COORDINATOR_API_HTTP_REQUEST_FIELDS_H_
#define ATELIER_COORDINATOR_API_HTTP_REQUEST_FIELDS_H_

#include "absl/status/status.h"
#include "coordinator/api/http/http_message.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace atelier {

/// Sets the fields of `to` that have the names of the path's and the query's.
/// Those of the query are texts, whole numbers and "true" or "false".
/// Errors: InvalidArgument (a name that is none of the fields left, or is given
///         twice; a value that is none), which names the field.
absl::Status FillRequest(const HttpRequest& from,
                         google::protobuf::Message& to);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_REQUEST_FIELDS_H_
