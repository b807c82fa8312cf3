#include "tests/fuzz/request_input.h"

#include <map>

#include "atelier/v1/render.pb.h"
#include "coordinator/api/grpc/request_checks.h"
#include "google/protobuf/descriptor.h"

namespace atelier {
namespace {

using google::protobuf::Descriptor;

const std::map<std::string, const Descriptor*, std::less<>>& InputTypes() {
  static const auto& types = *[] {
    auto* all = new std::map<std::string, const Descriptor*, std::less<>>;
    for (const google::protobuf::MethodDescriptor* method : AllMethods()) {
      (*all)[ShortName(*method)] = method->input_type();
    }
    (*all)["RenderSpec"] = v1::RenderSpec::descriptor();
    return all;
  }();
  return types;
}

// Nothing where the first line names nothing.
const Descriptor* TypeOf(absl::string_view input) {
  const size_t end = input.find('\n');
  if (end == absl::string_view::npos) return nullptr;
  const auto found = InputTypes().find(std::string(input.substr(0, end)));
  return found == InputTypes().end() ? nullptr : found->second;
}

}  // namespace

const std::vector<std::string>& InputNames() {
  static const auto& names = *[] {
    auto* all = new std::vector<std::string>;
    for (const auto& [name, type] : InputTypes()) all->push_back(name);
    return all;
  }();
  return names;
}

size_t NameBytes(absl::string_view input) {
  return TypeOf(input) == nullptr ? 0 : input.find('\n') + 1;
}

std::unique_ptr<google::protobuf::Message> ParseRequest(
    absl::string_view input) {
  const Descriptor* const type = TypeOf(input);
  if (type == nullptr) return nullptr;
  const absl::string_view bytes = input.substr(NameBytes(input));
  std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(type)
          ->New());
  if (!message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return nullptr;
  }
  return message;
}

}  // namespace atelier
