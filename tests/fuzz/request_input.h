// A request of any method as bytes, as the requests' fuzzer and its seeds have
// it: the method's name, a line end, and the message as the wire has it. So a
// seed stays what it is when methods come and go.
//
//   ParseRequest("Jobs.GetJob\n\x0a\x02j1")  // A v1::GetJobRequest.
#ifndef ATELIER_TESTS_FUZZ_REQUEST_INPUT_H_
#define ATELIER_TESTS_FUZZ_REQUEST_INPUT_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace atelier {

/// What an input may begin with: the name of every method of the services, and
/// "RenderSpec", which is what a worker reads.
const std::vector<std::string>& InputNames();

/// How many bytes of the input are the line that names what it is; 0 where it
/// names nothing.
size_t NameBytes(absl::string_view input);

/// Absent for an input that names nothing, or is no message of what it names.
std::unique_ptr<google::protobuf::Message> ParseRequest(
    absl::string_view input);

}  // namespace atelier

#endif  // ATELIER_TESTS_FUZZ_REQUEST_INPUT_H_
