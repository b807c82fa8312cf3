#include "coordinator/api/http/read_endpoint.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"

namespace atelier {

absl::StatusOr<std::string> Json(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status =
      google::protobuf::util::MessageToJsonString(message, &json, options);
  if (status.ok()) return json;
  return absl::InternalError(absl::StrCat(
      "the answer is no JSON: ",
      absl::string_view(status.message().data(), status.message().size())));
}

HttpReply JsonReply(const HttpRequest& request, const absl::Status& status,
                    const google::protobuf::Message& message) {
  if (!status.ok()) return ErrorReply(request.path, status);
  absl::StatusOr<std::string> json = Json(message);
  if (!json.ok()) return ErrorReply(request.path, json.status());
  return {200, "application/json", *std::move(json) + "\n"};
}

}  // namespace atelier
