// What --json prints: the same keys in every version.
//
//   out << JsonObject().Add("path", path).Add("size_bytes", size).Line();
#ifndef ATELIER_CLIENT_CLI_JSON_H_
#define ATELIER_CLIENT_CLI_JSON_H_

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
class Timestamp;
}  // namespace protobuf
}  // namespace google

namespace atelier {

class InputNames;
namespace v1 {
class Attempt;
class Job;
class Quota;
class Task;
class AuditEntry;
class Token;
class Worker;
}  // namespace v1

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

/// job_id, name, study, state, paused, priority, user, task_count, tasks {by
/// state}, submitted_at, ended_at (null until then), message, wait_reason and
/// wait_message. Times are RFC 3339, UTC.
JsonObject ToJson(const v1::Job& job);

/// index, labels, state, attempts, worker, iteration, iterations, message;
/// and of a result: image_digest, the loss of each term (content_loss,
/// style_loss, tv_loss), total_loss, seconds, engine_version, profile,
/// width_px, height_px.
JsonObject ToJson(const v1::Task& task);

/// number, worker, began_at (null where it is not known), ended_at, outcome,
/// message, device_seconds.
JsonObject ToJson(const v1::Attempt& attempt);

/// Every parameter of the task's render, as a flag takes it; files by name.
/// REQUIRES: `names` are at the task.
JsonObject ParametersOf(const v1::Task& task, const InputNames& names);

/// name, device, device_model, threads, memory_bytes, engine_version, profile,
/// draining, quarantined, stopping, running [{job_id, task_index, iteration}],
/// last_seen_at.
JsonObject ToJson(const v1::Worker& worker);

/// user; queued_tasks, running_tasks and artifact_bytes; the bound of each, as
/// max_queued_tasks, null for any amount; whether an admin has set that, as
/// max_queued_tasks_is_set.
JsonObject ToJson(const v1::Quota& quota);

/// accessor, role, user, worker_pattern, max_slots, created_at, expires_at,
/// last_used_at, revoked_at; null for what is not there.
JsonObject ToJson(const v1::Token& token);
JsonObject ToJson(const v1::AuditEntry& entry);

/// Of each in a list. Messages is a list or a repeated field.
template <typename Messages>
std::vector<JsonObject> ToJsonList(const Messages& messages) {
  std::vector<JsonObject> list;
  for (const auto& message : messages) list.push_back(ToJson(message));
  return list;
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

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_JSON_H_
