#include "coordinator/api/grpc/hostile_values_testing.h"

#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kMany = 100'000;
constexpr size_t kLong = size_t{1} << 20;

// Sets a scalar, or the first entry of a list of them.
template <typename Value>
HostileValue Scalar(
    const FieldStep& step, std::string kind, Value value,
    void (Reflection::*set)(Message*, const FieldDescriptor*, Value) const,
    void (Reflection::*set_entry)(Message*, const FieldDescriptor*, int, Value)
        const) {
  return {std::move(kind), [=](Message& owner) {
            const Reflection& reflection = *owner.GetReflection();
            if (step.is_entry) {
              (reflection.*set_entry)(&owner, step.field, 0, value);
            } else {
              (reflection.*set)(&owner, step.field, value);
            }
          }};
}

template <typename Number>
std::vector<HostileValue> Numbers(
    const FieldStep& step,
    void (Reflection::*set)(Message*, const FieldDescriptor*, Number) const,
    void (Reflection::*set_entry)(Message*, const FieldDescriptor*, int, Number)
        const) {
  using Limits = std::numeric_limits<Number>;
  std::vector<HostileValue> values;
  for (const auto& [kind, value] : {std::pair("nan", Limits::quiet_NaN()),
                                    std::pair("inf", Limits::infinity()),
                                    std::pair("-inf", -Limits::infinity()),
                                    std::pair("-huge", Limits::lowest()),
                                    std::pair("huge", Limits::max())}) {
    values.push_back(Scalar<Number>(step, kind, value, set, set_entry));
  }
  return values;
}

template <typename Int>
std::vector<HostileValue> Integers(
    const FieldStep& step,
    void (Reflection::*set)(Message*, const FieldDescriptor*, Int) const,
    void (Reflection::*set_entry)(Message*, const FieldDescriptor*, int, Int)
        const) {
  using Limits = std::numeric_limits<Int>;
  std::vector<HostileValue> values = {
      Scalar<Int>(step, "most", Limits::max(), set, set_entry)};
  if (!Limits::is_signed) return values;
  values.push_back(Scalar<Int>(step, "least", Limits::min(), set, set_entry));
  values.push_back(
      Scalar<Int>(step, "-1", static_cast<Int>(-1), set, set_entry));
  return values;
}

std::vector<HostileValue> Enumerators(const FieldStep& step) {
  std::vector<HostileValue> values;
  for (const auto& [kind, value] :
       {std::pair("unknown", 1000), std::pair("negative", -7)}) {
    values.push_back(Scalar<int>(step, kind, value, &Reflection::SetEnumValue,
                                 &Reflection::SetRepeatedEnumValue));
  }
  return values;
}

std::vector<HostileValue> Texts(const FieldStep& step) {
  std::vector<HostileValue> values;
  for (const auto& [kind, text] :
       {std::pair("long", std::string(kLong, 'x')),
        std::pair("control", std::string("a\x1b[2J\r\nb")),
        std::pair("bidi", std::string("a\xE2\x80\xAE"
                                      "b"))}) {
    values.push_back({kind, [step, text = text](Message& owner) {
                        const Reflection& reflection = *owner.GetReflection();
                        if (step.is_entry) {
                          reflection.SetRepeatedString(&owner, step.field, 0,
                                                       text);
                        } else {
                          reflection.SetString(&owner, step.field, text);
                        }
                      }});
  }
  return values;
}

// google.protobuf.Duration and Timestamp: seconds and nanos.
std::vector<HostileValue> Times(const FieldStep& step) {
  std::vector<HostileValue> values;
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  const struct {
    const char* kind;
    int64_t seconds;
    int nanos;
  } kCases[] = {{"most", kMost, 999'999'999},
                {"least", -kMost, -999'999'999},
                {"-1", -1, 0},
                {"nanos", 1, 2'000'000'000},
                {"mixed", 1, -999'999'999}};
  for (const auto& one : kCases) {
    values.push_back(
        {one.kind, [=](Message& owner) {
           Message& time =
               *owner.GetReflection()->MutableMessage(&owner, step.field);
           const auto& type = *time.GetDescriptor();
           time.GetReflection()->SetInt64(
               &time, type.FindFieldByName("seconds"), one.seconds);
           time.GetReflection()->SetInt32(&time, type.FindFieldByName("nanos"),
                                          one.nanos);
         }});
  }
  return values;
}

bool IsTime(const FieldDescriptor& field) {
  return field.message_type()->full_name() == "google.protobuf.Duration" ||
         field.message_type()->full_name() == "google.protobuf.Timestamp";
}

void AddCopyOfFirst(Message& owner, const FieldDescriptor* field) {
  const Reflection& reflection = *owner.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      reflection.AddMessage(&owner, field)
          ->CopyFrom(reflection.GetRepeatedMessage(owner, field, 0));
      return;
    case FieldDescriptor::CPPTYPE_STRING:
      reflection.AddString(&owner, field,
                           reflection.GetRepeatedString(owner, field, 0));
      return;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      reflection.AddDouble(&owner, field,
                           reflection.GetRepeatedDouble(owner, field, 0));
      return;
    case FieldDescriptor::CPPTYPE_FLOAT:
      reflection.AddFloat(&owner, field,
                          reflection.GetRepeatedFloat(owner, field, 0));
      return;
    case FieldDescriptor::CPPTYPE_INT32:
      reflection.AddInt32(&owner, field,
                          reflection.GetRepeatedInt32(owner, field, 0));
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      reflection.AddInt64(&owner, field,
                          reflection.GetRepeatedInt64(owner, field, 0));
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      reflection.AddEnumValue(&owner, field,
                              reflection.GetRepeatedEnumValue(owner, field, 0));
      return;
    default:
      ADD_FAILURE() << "a list of another type: " << field->full_name();
  }
}

// Bounded, too, by what a message may have on the wire.
HostileValue Many(const FieldStep& step) {
  return {"many", [step](Message& owner) {
            constexpr size_t kMostBytes = size_t{14} << 20;
            AddCopyOfFirst(owner, step.field);
            const size_t before = owner.ByteSizeLong();
            AddCopyOfFirst(owner, step.field);
            const size_t one = owner.ByteSizeLong() - before;
            for (int i = 2; i < kMany && one * i < kMostBytes; ++i) {
              AddCopyOfFirst(owner, step.field);
            }
          }};
}

HostileValue Absent(const FieldStep& step) {
  return {"absent", [step](Message& owner) {
            owner.GetReflection()->ClearField(&owner, step.field);
          }};
}

void Walk(const Message& message, FieldPath& path,
          const std::function<void(const FieldPath& path)>& visit) {
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* const field = message.GetDescriptor()->field(i);
    path.push_back({field, /*is_entry=*/false});
    visit(path);
    const bool is_message =
        field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
        !IsTime(*field);
    if (field->is_repeated()) {
      ASSERT_GT(reflection.FieldSize(message, field), 0) << TextOf(path);
      path.back().is_entry = true;
      if (is_message) {
        Walk(reflection.GetRepeatedMessage(message, field, 0), path, visit);
      } else {
        visit(path);
      }
    } else if (is_message) {
      ASSERT_TRUE(reflection.HasField(message, field)) << TextOf(path);
      Walk(reflection.GetMessage(message, field), path, visit);
    }
    path.pop_back();
  }
}

}  // namespace

std::string TextOf(const FieldPath& path) {
  std::string text;
  for (const FieldStep& step : path) {
    absl::StrAppend(&text, text.empty() ? "" : ".", step.field->name(),
                    step.is_entry ? "[0]" : "");
  }
  return text;
}

std::string RuleOf(const Message& request, const FieldPath& path) {
  std::string text = request.GetDescriptor()->name();
  for (const FieldStep& step : path) {
    absl::StrAppend(&text, ".", step.field->name());
  }
  return text;
}

std::vector<HostileValue> HostileValues(const FieldStep& step) {
  if (step.field->is_repeated() && !step.is_entry) return {Many(step)};
  switch (step.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Numbers<double>(step, &Reflection::SetDouble,
                             &Reflection::SetRepeatedDouble);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Numbers<float>(step, &Reflection::SetFloat,
                            &Reflection::SetRepeatedFloat);
    case FieldDescriptor::CPPTYPE_INT32:
      return Integers<int32_t>(step, &Reflection::SetInt32,
                               &Reflection::SetRepeatedInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return Integers<int64_t>(step, &Reflection::SetInt64,
                               &Reflection::SetRepeatedInt64);
    case FieldDescriptor::CPPTYPE_UINT64:
      return Integers<uint64_t>(step, &Reflection::SetUInt64,
                                &Reflection::SetRepeatedUInt64);
    case FieldDescriptor::CPPTYPE_ENUM:
      return Enumerators(step);
    case FieldDescriptor::CPPTYPE_STRING:
      return Texts(step);
    case FieldDescriptor::CPPTYPE_BOOL:
      return {};
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return IsTime(*step.field) ? Times(step)
                                 : std::vector<HostileValue>{Absent(step)};
    default:
      ADD_FAILURE() << "no hostile values of this type yet: "
                    << step.field->full_name();
      return {};
  }
}

void ForEachField(const Message& message,
                  const std::function<void(const FieldPath& path)>& visit) {
  FieldPath path;
  Walk(message, path, visit);
}

std::unique_ptr<Message> Spoiled(const Message& message, const FieldPath& path,
                                 const HostileValue& value) {
  std::unique_ptr<Message> spoiled(message.New());
  spoiled->CopyFrom(message);
  Message* owner = spoiled.get();
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    const Reflection& reflection = *owner->GetReflection();
    owner = path[i].is_entry
                ? reflection.MutableRepeatedMessage(owner, path[i].field, 0)
                : reflection.MutableMessage(owner, path[i].field);
  }
  value.set(*owner);
  return spoiled;
}

}  // namespace atelier
