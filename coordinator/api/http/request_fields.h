// A request of the wire, filled from what came over HTTP.
#ifndef ATELIER_COORDINATOR_API_HTTP_REQUEST_FIELDS_H_
#define ATELIER_COORDINATOR_API_HTTP_REQUEST_FIELDS_H_

#include "absl/status/status.h"
#include "coordinator/api/http/http_message.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace atelier {

/// Sets the fields of `to` that have the names of the path's and the query's.
/// Those of the query are texts, whole numbers, times (RFC 3339) and "true" or
/// "false"; a list of an enum's values has a parameter for each, its name.
/// Errors: InvalidArgument (a name that is none of the fields left, or is given
///         twice; a value that is none), which names the field.
absl::Status FillRequest(const HttpRequest& from,
                         google::protobuf::Message& to);

/// Sets `to` from the body, an object of JSON by Protocol Buffers' mapping or
/// nothing, and its fields that have the names of the path's.
/// Errors: InvalidArgument (the body is another thing, has a field that is not
///         there or stands in the path; there is a query).
absl::Status FillRequestWithBody(const HttpRequest& from,
                                 google::protobuf::Message& to);

/// Whether the body says that it is JSON, in UTF-8. Errors: InvalidArgument.
absl::Status CheckJsonBody(const HttpRequest& from);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_REQUEST_FIELDS_H_
