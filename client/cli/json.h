// What --json prints: the same keys in every version.
#ifndef ATELIER_CLIENT_CLI_JSON_H_
#define ATELIER_CLIENT_CLI_JSON_H_

#include "atelier/v1/jobs.pb.h"
#include "atelier/v1/workers.pb.h"
#include "client/lib/parameters.h"
#include "nlohmann/json.hpp"

namespace atelier {

using Json = nlohmann::ordered_json;

/// job_id, name, study, state, paused, priority, user, task_count, tasks {by
/// state}, submitted_at, ended_at (null until then), message. Times are RFC
/// 3339, UTC.
Json ToJson(const v1::Job& job);

/// index, labels, state, attempts, worker, iteration, iterations, message;
/// and of a result: image_digest, content_loss, style_loss, tv_loss,
/// total_loss, seconds, profile, width_px, height_px.
Json ToJson(const v1::Task& task);

/// Every parameter of the task's render, as a flag takes it; files by name.
/// REQUIRES: `names` are at the task.
Json ParametersOf(const v1::Task& task, const InputNames& names);

/// name, device, device_model, threads, memory_bytes, profile, draining,
/// quarantined, stopping, running [{job_id, task_index, iteration}],
/// last_seen_at.
Json ToJson(const v1::Worker& worker);

/// On one line, without its end; text that is not UTF-8 is made so, and what a
/// terminal must not get (IsUnprintable) is written as \uXXXX.
std::string Text(const Json& json);
/// The same with its end.
std::string Line(const Json& json);

/// "2026-01-31T12:00:00Z".
std::string FormatTimestamp(const google::protobuf::Timestamp& time);

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_JSON_H_
