// JSON as it is written: on standard output, and in results.json.
//
//   out << JsonObject().Add("path", path).Add("size_bytes", size).Line();
#ifndef ATELIER_CLIENT_LIB_JSON_TEXT_H_
#define ATELIER_CLIENT_LIB_JSON_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace google {
namespace protobuf {
class Message;
class Timestamp;
}  // namespace protobuf
}  // namespace google

namespace atelier {

/// JSON that is written already.
struct RawJson {
  std::string text;
};

/// One object on one line, its fields in the order that they were added.
class JsonObject {
 public:
  /// Any value that JsonText takes. REQUIRES: the key is new.
  template <typename T>
  JsonObject& Add(absl::string_view key, const T& value);
  /// All fields of another.
  JsonObject& Add(const JsonObject& other);

  std::string Text() const { return absl::StrCat("{", fields_, "}"); }
  /// The same with its end.
  std::string Line() const { return absl::StrCat(Text(), "\n"); }

 private:
  std::string fields_;
};

/// Text that is not UTF-8 is made so, and what a terminal must not get
/// (IsUnprintable) is written as \uXXXX.
std::string JsonText(absl::string_view text);
/// "null" for what is not finite.
std::string JsonText(double number);
inline std::string JsonText(const char* text) {
  return JsonText(absl::string_view(text));
}
inline std::string JsonText(const std::string& text) {
  return JsonText(absl::string_view(text));
}
inline std::string JsonText(bool value) { return value ? "true" : "false"; }
inline std::string JsonText(std::nullptr_t) { return "null"; }
inline std::string JsonText(const JsonObject& object) { return object.Text(); }
inline std::string JsonText(const RawJson& raw) { return raw.text; }

template <typename T, std::enable_if_t<std::is_integral_v<T>, int> = 0>
std::string JsonText(T number) {
  return absl::StrCat(number);
}

template <typename T>
std::string JsonText(const std::optional<T>& value) {
  return value.has_value() ? JsonText(*value) : "null";
}

template <typename T>
std::string JsonText(const std::vector<T>& list) {
  std::string text;
  for (const T& value : list) {
    absl::StrAppend(&text, text.empty() ? "" : ",", JsonText(value));
  }
  return absl::StrCat("[", text, "]");
}

template <typename T>
JsonObject& JsonObject::Add(absl::string_view key, const T& value) {
  absl::StrAppend(&fields_, fields_.empty() ? "" : ",", JsonText(key), ":",
                  JsonText(value));
  return *this;
}

/// An empty text as null.
inline std::optional<std::string> NullIfEmpty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

/// A bound that is none as null.
inline std::optional<int64_t> NullIfZero(int64_t bound) {
  return bound == 0 ? std::nullopt : std::optional(bound);
}

/// "2026-01-31T12:00:00Z".
std::string FormatTimestamp(const google::protobuf::Timestamp& time);

/// A message as protobuf's JSON, with the names of its fields as they are
/// declared. What is not finite is a text ("NaN").
RawJson MessageJson(const google::protobuf::Message& message);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_JSON_TEXT_H_
