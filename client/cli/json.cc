#include "client/cli/json.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "atelier/v1/access.pb.h"
#include "atelier/v1/jobs.pb.h"
#include "atelier/v1/ratings.pb.h"
#include "atelier/v1/workers.pb.h"
#include "client/lib/state_names.h"
#include "common/rpc/render_conversion.h"

namespace atelier {

JsonObject ToJson(const v1::Job& job) {
  JsonObject tasks;
  tasks.Add("queued", job.tasks().queued())
      .Add("leased", job.tasks().leased())
      .Add("succeeded", job.tasks().succeeded())
      .Add("failed", job.tasks().failed())
      .Add("cancelled", job.tasks().cancelled());
  return JsonObject()
      .Add("job_id", job.job_id())
      .Add("name", job.spec().name())
      .Add("study", job.spec().study())
      .Add("state", StateName(job.state()))
      .Add("paused", job.paused())
      .Add("priority", job.priority())
      .Add("user", job.spec().user())
      .Add("task_count", job.task_count())
      .Add("tasks", tasks)
      .Add("submitted_at", FormatTimestamp(job.submitted_at()))
      .Add("ended_at",
           NullIfEmpty(job.has_ended_at() ? FormatTimestamp(job.ended_at())
                                          : ""))
      .Add("message", job.message())
      .Add("wait_reason", NullIfEmpty(StateName(job.wait_reason())))
      .Add("wait_message", job.wait_message())
      .Add("time_left_seconds", job.has_time_left()
                                    ? std::optional(SecondsOf(job.time_left()))
                                    : std::nullopt);
}

JsonObject ToJson(const v1::Task& task) {
  const v1::TaskResult& result = task.result();
  const bool is_done = task.has_result();
  JsonObject json;
  json.Add("index", task.index())
      .Add("labels",
           std::vector<std::string>(task.labels().begin(), task.labels().end()))
      .Add("state", StateName(task.state()))
      .Add("attempts", task.attempts())
      .Add("worker", is_done ? result.worker() : task.worker())
      .Add("iteration", is_done ? result.iterations() : task.iteration())
      .Add("iterations", task.render().iterations())
      .Add("message", task.message());
  if (!is_done) return json;
  const Losses losses = FromProto(result.losses());
  json.Add("image_digest", result.image_digest());
  for (const auto& [name, value] : losses.terms) {
    json.Add(LossColumn(name), value);
  }
  json.Add("total_loss", losses.total)
      .Add("seconds", SecondsOf(result.elapsed()));
  if (result.has_timings()) json.Add("timings", TimingsOf(result));
  return json.Add("engine_version", result.engine_version())
      .Add("profile", result.profile())
      .Add("width_px", result.width_px())
      .Add("height_px", result.height_px());
}

JsonObject ToJson(const v1::Attempt& attempt) {
  return JsonObject()
      .Add("number", attempt.number())
      .Add("worker", attempt.worker())
      .Add("began_at", NullIfEmpty(attempt.has_began_at()
                                       ? FormatTimestamp(attempt.began_at())
                                       : ""))
      .Add("ended_at", FormatTimestamp(attempt.ended_at()))
      .Add("outcome", StateName(attempt.outcome()))
      .Add("message", attempt.message())
      .Add("device_seconds", SecondsOf(attempt.device_time()));
}

JsonObject ToJson(const v1::Worker& worker) {
  std::vector<JsonObject> running;
  for (const auto& attempt : worker.running()) {
    running.push_back(JsonObject()
                          .Add("job_id", attempt.job_id())
                          .Add("task_index", attempt.task_index())
                          .Add("iteration", attempt.iteration()));
  }
  const v1::WorkerDescription& description = worker.description();
  return JsonObject()
      .Add("name", description.name())
      .Add("device", description.device())
      .Add("device_model", description.device_model())
      .Add("threads", description.threads())
      .Add("memory_bytes", description.memory_bytes())
      .Add("engine_version", description.engine_version())
      .Add("profile", description.profile())
      .Add("draining", worker.draining())
      .Add("quarantined", worker.quarantined())
      .Add("stopping", worker.stopping())
      .Add("running", running)
      .Add("last_seen_at", FormatTimestamp(worker.last_seen_at()));
}

JsonObject ToJson(const v1::Quota& quota) {
  JsonObject object;
  object.Add("user", NullIfEmpty(quota.user()));
  const auto add = [&](const std::string& name, const v1::QuotaBound& bound) {
    object.Add(name, bound.used())
        .Add(absl::StrCat("max_", name), NullIfZero(bound.most()))
        .Add(absl::StrCat("max_", name, "_is_set"), bound.is_set());
  };
  add("queued_tasks", quota.queued_tasks());
  add("running_tasks", quota.running_tasks());
  add("artifact_bytes", quota.artifact_bytes());
  return object;
}

JsonObject ToJson(const v1::TaskRating& rating) {
  return JsonObject()
      .Add("task_index", rating.task_index())
      .Add("mean_stars", rating.people() > 0
                             ? std::optional(rating.mean_stars())
                             : std::nullopt)
      .Add("people", rating.people())
      .Add("own_stars", NullIfZero(rating.own_stars()))
      .Add("times_shown", rating.times_shown())
      .Add("times_worst", rating.times_worst());
}

JsonObject ToJson(const v1::Token& token) {
  const auto time = [](bool has_one, const google::protobuf::Timestamp& at) {
    return has_one ? std::optional(FormatTimestamp(at)) : std::nullopt;
  };
  return JsonObject()
      .Add("accessor", token.accessor())
      .Add("role", RoleName(token.role()))
      .Add("user", NullIfEmpty(token.user()))
      .Add("worker_pattern", NullIfEmpty(token.worker_pattern()))
      .Add("max_slots", NullIfZero(token.max_slots()))
      .Add("created_at", FormatTimestamp(token.created_at()))
      .Add("expires_at", time(token.has_expires_at(), token.expires_at()))
      .Add("last_used_at", time(token.has_last_used_at(), token.last_used_at()))
      .Add("revoked_at", time(token.has_revoked_at(), token.revoked_at()));
}

JsonObject ToJson(const v1::AuditEntry& entry) {
  return JsonObject()
      .Add("sequence", entry.sequence())
      .Add("at", FormatTimestamp(entry.at()))
      .Add("accessor", NullIfEmpty(entry.accessor()))
      .Add("user", NullIfEmpty(entry.user()))
      .Add("address", NullIfEmpty(entry.address()))
      .Add("action", entry.action())
      .Add("job_id", NullIfEmpty(entry.job_id()))
      .Add("target", NullIfEmpty(entry.target()))
      .Add("outcome", entry.outcome())
      .Add("message", NullIfEmpty(entry.message()))
      .Add("is_refusal", entry.is_refusal())
      .Add("count", entry.count());
}

}  // namespace atelier
