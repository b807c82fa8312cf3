#include "client/cli/json.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/lib/state_names.h"
#include "common/quoted_text.h"
#include "common/rpc/render_conversion.h"

namespace atelier {

std::string FormatTimestamp(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                          absl::FromUnixSeconds(time.seconds()),
                          absl::UTCTimeZone());
}

std::string Text(const Json& json) {
  const std::string plain =
      json.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string text;
  for (absl::string_view rest = plain; !rest.empty();) {
    const Utf8Character character = FirstCharacter(rest);
    if (!IsUnprintable(character.code)) {
      absl::StrAppend(&text, rest.substr(0, character.size));
    } else if (character.code > 0xFFFF) {
      // As JSON has it: a pair of surrogates.
      const uint32_t above = character.code - 0x10000;
      absl::StrAppendFormat(&text, "\\u%04x\\u%04x", 0xD800 + (above >> 10),
                            0xDC00 + (above & 0x3FF));
    } else {
      absl::StrAppendFormat(&text, "\\u%04x",
                            static_cast<uint32_t>(character.code));
    }
    rest.remove_prefix(character.size);
  }
  return text;
}

std::string Line(const Json& json) { return absl::StrCat(Text(json), "\n"); }

Json ToJson(const v1::Job& job) {
  Json json = {{"job_id", job.job_id()},      {"name", job.spec().name()},
               {"study", job.spec().study()}, {"state", StateName(job.state())},
               {"paused", job.paused()},      {"priority", job.priority()},
               {"user", job.spec().user()},   {"task_count", job.task_count()}};
  json["tasks"] = {{"queued", job.tasks().queued()},
                   {"leased", job.tasks().leased()},
                   {"succeeded", job.tasks().succeeded()},
                   {"failed", job.tasks().failed()},
                   {"cancelled", job.tasks().cancelled()}};
  json["submitted_at"] = FormatTimestamp(job.submitted_at());
  json["ended_at"] = job.has_ended_at() ? Json(FormatTimestamp(job.ended_at()))
                                        : Json(nullptr);
  json["message"] = job.message();
  const std::string wait = StateName(job.wait_reason());
  json["wait_reason"] = wait.empty() ? Json(nullptr) : Json(wait);
  json["wait_message"] = job.wait_message();
  return json;
}

Json ToJson(const v1::Task& task) {
  Json json = {
      {"index", task.index()},
      {"labels", Json::array()},
      {"state", StateName(task.state())},
      {"attempts", task.attempts()},
      {"worker", task.has_result() ? task.result().worker() : task.worker()},
      {"iteration",
       task.has_result() ? task.result().iterations() : task.iteration()},
      {"iterations", task.render().iterations()},
      {"message", task.message()}};
  for (const std::string& label : task.labels()) {
    json["labels"].push_back(label);
  }
  if (!task.has_result()) return json;
  const v1::TaskResult& result = task.result();
  json["image_digest"] = result.image_digest();
  json["content_loss"] = result.losses().content();
  json["style_loss"] = result.losses().style();
  json["tv_loss"] = result.losses().total_variation();
  json["total_loss"] = result.losses().total();
  json["seconds"] =
      result.elapsed().seconds() + result.elapsed().nanos() * 1e-9;
  json["profile"] = result.profile();
  json["width_px"] = result.width_px();
  json["height_px"] = result.height_px();
  return json;
}

Json ParametersOf(const v1::Task& task, const InputNames& names) {
  Json json = Json::object();
  // What this client is too old to read is left to newer ones.
  const absl::StatusOr<Render> render = ResolvedFromProto(task.render());
  if (!render.ok()) return json;
  for (const Parameter& parameter : AllParameters()) {
    json[std::string(parameter.name)] = parameter.print(*render, names);
  }
  return json;
}

Json ToJson(const v1::Worker& worker) {
  const v1::WorkerDescription& description = worker.description();
  Json json = {{"name", description.name()},
               {"device", description.device()},
               {"device_model", description.device_model()},
               {"threads", description.threads()},
               {"memory_bytes", description.memory_bytes()},
               {"profile", description.profile()},
               {"draining", worker.draining()},
               {"quarantined", worker.quarantined()},
               {"stopping", worker.stopping()},
               {"running", Json::array()},
               {"last_seen_at", FormatTimestamp(worker.last_seen_at())}};
  for (const auto& attempt : worker.running()) {
    json["running"].push_back({{"job_id", attempt.job_id()},
                               {"task_index", attempt.task_index()},
                               {"iteration", attempt.iteration()}});
  }
  return json;
}

}  // namespace atelier
