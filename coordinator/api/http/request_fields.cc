#include "coordinator/api/http/request_fields.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/time_util.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status NotAllowed(const FieldDescriptor& field, const std::string& text,
                        absl::string_view allowed) {
  return InvalidArgument(field.name(), ": ", Quoted(text), " is not allowed; ",
                         allowed);
}

template <typename Number>
absl::StatusOr<Number> Parsed(const FieldDescriptor& field,
                              const std::string& text) {
  Number number = 0;
  if (absl::SimpleAtoi(text, &number)) return number;
  return NotAllowed(field, text, "a whole number");
}

absl::Status NotInAQuery(const FieldDescriptor& field) {
  return absl::UnimplementedError(
      absl::StrCat(field.name(), ": can't be given in a query"));
}

// The only message that a query has.
absl::Status SetTime(const FieldDescriptor& field, const std::string& text,
                     Message& to) {
  google::protobuf::Timestamp time;
  if (field.message_type() != time.GetDescriptor()) {
    return NotInAQuery(field);
  }
  if (!google::protobuf::util::TimeUtil::FromString(text, &time)) {
    return NotAllowed(field, text, "a time as 2026-12-02T16:30:00Z");
  }
  to.GetReflection()->MutableMessage(&to, &field)->CopyFrom(time);
  return absl::OkStatus();
}

// Of an enum's values, as the answers have them.
absl::StatusOr<int> ParsedName(const FieldDescriptor& field,
                               const std::string& text) {
  const google::protobuf::EnumDescriptor& type = *field.enum_type();
  const auto* const value = type.FindValueByName(text);
  if (value != nullptr && value->number() != 0) return value->number();
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) names.push_back(type.value(i)->name());
  }
  return NotAllowed(field, text, absl::StrJoin(names, ", "));
}

absl::Status SetField(const FieldDescriptor& field, const std::string& text,
                      Message& to) {
  const google::protobuf::Reflection& reflection = *to.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (!IsUtf8(text)) return NotAllowed(field, text, "UTF-8");
      reflection.SetString(&to, &field, text);
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_INT32: {
      ASSIGN_OR_RETURN(const int32_t number, Parsed<int32_t>(field, text));
      reflection.SetInt32(&to, &field, number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      ASSIGN_OR_RETURN(const int64_t number, Parsed<int64_t>(field, text));
      reflection.SetInt64(&to, &field, number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      if (text != "true" && text != "false") {
        return NotAllowed(field, text, "true or false");
      }
      reflection.SetBool(&to, &field, text == "true");
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_ENUM: {
      ASSIGN_OR_RETURN(const int number, ParsedName(field, text));
      if (field.is_repeated()) {
        reflection.AddEnumValue(&to, &field, number);
      } else {
        reflection.SetEnumValue(&to, &field, number);
      }
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return SetTime(field, text, to);
    default:
      return NotInAQuery(field);
  }
}

// Of the repeated ones, those of enums; each value is a parameter of its own.
bool CanBeGiven(const FieldDescriptor& field) {
  return !field.is_repeated() ||
         field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
}

// Takes the name out of those that are left, unless it may be given again.
absl::StatusOr<const FieldDescriptor*> Take(const std::string& name,
                                            const Message& to,
                                            std::set<std::string>& left) {
  const FieldDescriptor* const field =
      to.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || !CanBeGiven(*field)) {
    return InvalidArgument(
        Quoted(name), ": there is no such parameter; ",
        left.empty() ? "none is allowed"
                     : absl::StrCat("allowed: ", absl::StrJoin(left, ", ")));
  }
  if (!field->is_repeated() && left.erase(name) == 0) {
    return InvalidArgument(name, ": given twice; once is allowed");
  }
  return field;
}

}  // namespace

absl::Status FillRequest(const HttpRequest& from, Message& to) {
  std::set<std::string> left;
  for (int i = 0; i < to.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* const field = to.GetDescriptor()->field(i);
    if (CanBeGiven(*field)) left.insert(field->name());
  }
  for (const auto* fields : {&from.path_fields, &from.query}) {
    for (const auto& [name, value] : *fields) {
      ASSIGN_OR_RETURN(const FieldDescriptor* field, Take(name, to, left));
      RETURN_IF_ERROR(SetField(*field, value, to));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckJsonBody(const HttpRequest& from) {
  const absl::string_view type =
      absl::StripAsciiWhitespace(absl::string_view(from.content_type)
                                     .substr(0, from.content_type.find(';')));
  if (!absl::EqualsIgnoreCase(type, "application/json")) {
    return InvalidArgument("Content-Type: ", Quoted(type),
                           " is not allowed; application/json");
  }
  if (!IsUtf8(from.body)) {
    return absl::InvalidArgumentError("body: is not UTF-8");
  }
  return absl::OkStatus();
}

absl::Status FillRequestWithBody(const HttpRequest& from, Message& to) {
  if (!from.query.empty()) {
    return InvalidArgument(Quoted(from.query.front().first),
                           ": there is no such parameter; none is allowed: "
                           "fields stand in the body");
  }
  if (!from.body.empty()) {
    RETURN_IF_ERROR(CheckJsonBody(from));
    const auto parsed =
        google::protobuf::util::JsonStringToMessage(from.body, &to);
    if (!parsed.ok()) {
      return InvalidArgument(
          "body: is no ", to.GetDescriptor()->name(), " as JSON: ",
          absl::string_view(parsed.message().data(), parsed.message().size()));
    }
  }
  for (const auto& [name, value] : from.path_fields) {
    const FieldDescriptor* const field =
        to.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr || field->is_repeated()) {
      return absl::InternalError(absl::StrCat("path: has no field ", name));
    }
    if (to.GetReflection()->HasField(to, field)) {
      return InvalidArgument(name,
                             ": stands in the path; leave it out of the "
                             "body");
    }
    RETURN_IF_ERROR(SetField(*field, value, to));
  }
  return absl::OkStatus();
}

absl::Status FillRequestWithAll(const HttpRequest& from, Message& to) {
  RETURN_IF_ERROR(FillRequestWithBody(from, to));
  const auto given = nlohmann::json::parse(from.body, nullptr, false);
  for (int i = 0; i < to.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *to.GetDescriptor()->field(i);
    const auto is_it = [&](const auto& one) {
      return one.first == field.name();
    };
    const bool is_given =
        std::any_of(from.path_fields.begin(), from.path_fields.end(), is_it) ||
        given.contains(field.name()) || given.contains(field.json_name());
    if (!is_given) {
      return InvalidArgument(field.name(), ": not given; the body needs {\"",
                             field.name(), "\": ...}");
    }
  }
  return absl::OkStatus();
}

}  // namespace atelier
