// What --json prints: the same keys in every version.
//
//   out << JsonObject().Add("path", path).Add("size_bytes", size).Line();
#ifndef ATELIER_CLIENT_CLI_JSON_H_
#define ATELIER_CLIENT_CLI_JSON_H_

#include <string>
#include <vector>

#include "client/lib/json_text.h"
#include "client/lib/task_json.h"

namespace atelier {

namespace v1 {
class Attempt;
class Job;
class Quota;
class Task;
class TaskRating;
class AuditEntry;
class Token;
class Worker;
}  // namespace v1

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

/// name, device, device_model, threads, memory_bytes, engine_version, profile,
/// draining, quarantined, stopping, running [{job_id, task_index, iteration}],
/// last_seen_at.
JsonObject ToJson(const v1::Worker& worker);

/// user; queued_tasks, running_tasks and artifact_bytes; the bound of each, as
/// max_queued_tasks, null for any amount; whether an admin has set that, as
/// max_queued_tasks_is_set.
JsonObject ToJson(const v1::Quota& quota);

/// task_index, mean_stars (null where nobody gave any), people, own_stars (null
/// for none), times_shown, times_worst.
JsonObject ToJson(const v1::TaskRating& rating);

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

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_JSON_H_
