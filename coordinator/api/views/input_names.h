// Whose file an input of a job is: InputName of jobs.proto.
#ifndef ATELIER_COORDINATOR_API_VIEWS_INPUT_NAMES_H_
#define ATELIER_COORDINATOR_API_VIEWS_INPUT_NAMES_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "atelier/v1/jobs.pb.h"
#include "atelier/v1/render.pb.h"
#include "google/protobuf/repeated_field.h"

namespace atelier {

/// At most 64 names, each of an input that `render` gives, and no input twice.
/// Errors: InvalidArgument, which begins with `path`:
///         "spec.base_input_names[3].position: 2 is not allowed; ...".
absl::Status CheckInputNames(
    absl::string_view path,
    const google::protobuf::RepeatedPtrField<v1::InputName>& names,
    const v1::RenderSpec& render);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_INPUT_NAMES_H_
