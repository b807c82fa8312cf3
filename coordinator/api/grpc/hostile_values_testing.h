// Walks the fields of a message by reflection, and spoils one at a time.
#ifndef ATELIER_COORDINATOR_API_GRPC_HOSTILE_VALUES_TESTING_H_
#define ATELIER_COORDINATOR_API_GRPC_HOSTILE_VALUES_TESTING_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace atelier {

/// A field inside a message, and which entry of it where it is a list.
struct FieldStep {
  const google::protobuf::FieldDescriptor* field = nullptr;
  bool is_entry = false;  ///< The list's first entry, not the list.
};

/// From a request to one of its fields.
using FieldPath = std::vector<FieldStep>;

/// "spec.axes[0].name".
std::string TextOf(const FieldPath& path);
/// "SubmitJobRequest.spec.axes.name", as rules call it.
std::string RuleOf(const google::protobuf::Message& request,
                   const FieldPath& path);

/// A value that nobody should send.
struct HostileValue {
  std::string kind;  ///< "nan", "lowest", "long".
  std::function<void(google::protobuf::Message& owner)> set;
};

/// What to fill the field at the end of a path with, by its type: numbers that
/// are none or at their ends, enumerators that are not there, texts of a
/// megabyte, with control characters and with bidi overrides, lists of 100,000,
/// messages that are absent and durations out of range.
std::vector<HostileValue> HostileValues(const FieldStep& step);

/// Visits each field of the message and, by the first entry of lists, of all
/// messages in it. REQUIRES: every list has an entry, every message is there.
void ForEachField(const google::protobuf::Message& message,
                  const std::function<void(const FieldPath& path)>& visit);

/// A copy of the message with the field at the end of the path spoiled.
std::unique_ptr<google::protobuf::Message> Spoiled(
    const google::protobuf::Message& message, const FieldPath& path,
    const HostileValue& value);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_HOSTILE_VALUES_TESTING_H_
