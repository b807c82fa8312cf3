#include "coordinator/api/http/system_route.h"

#include <optional>

#include "absl/status/statusor.h"
#include "common/status_macros.h"
#include "coordinator/control/access.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/control_plane.h"
#include "coordinator/state/worker.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using Json = nlohmann::ordered_json;

std::string TimeIn(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

const char* WordOf(ConditionState state) {
  switch (state) {
    case ConditionState::kOk:
      return "ok";
    case ConditionState::kWarning:
      return "warning";
    case ConditionState::kCritical:
      return "critical";
  }
  return "";
}

// Each worker is one of these.
Json WorkersOf(const std::vector<WorkerView>& workers) {
  int quarantined = 0;
  int draining = 0;
  int busy = 0;
  int idle = 0;
  for (const WorkerView& worker : workers) {
    ++(worker.quarantined       ? quarantined
       : worker.draining        ? draining
       : worker.running.empty() ? idle
                                : busy);
  }
  return {{"busy", busy},
          {"idle", idle},
          {"draining", draining},
          {"quarantined", quarantined}};
}

Json AttemptsOf(const Throughput& of_late) {
  Json attempts = Json::object();
  for (int outcome = 1; outcome <= kOutcomeCount; ++outcome) {
    const auto at = static_cast<size_t>(outcome);
    attempts[std::string(Name(static_cast<Outcome>(outcome)))] = {
        {"count", of_late.attempts[at]},
        {"device_seconds", absl::ToDoubleSeconds(of_late.device_time[at])}};
  }
  return attempts;
}

Json ConditionsOf(const std::vector<Condition>& conditions) {
  Json list = Json::array();
  for (const Condition& one : conditions) {
    Json json = {{"name", one.name},
                 {"state", WordOf(one.state)},
                 {"message", one.message},
                 {"advice", one.advice}};
    if (one.since.has_value()) json["since"] = TimeIn(*one.since);
    list.push_back(std::move(json));
  }
  return list;
}

Json Named(const std::vector<NamedNumber>& numbers) {
  Json json = Json::object();
  for (const auto& [name, number] : numbers) json[name] = number;
  return json;
}

Json ShownSystem(const SystemStatus& status,
                 const std::vector<WorkerView>& workers) {
  const ControlPlaneCounts& counts = status.report.counts;
  const Throughput& of_late = status.report.of_late;
  return {
      {"version", status.version},
      {"epoch", status.epoch},
      {"started_at", TimeIn(status.started_at)},
      {"uptime_seconds", absl::ToInt64Seconds(status.now - status.started_at)},
      {"unfinished_jobs", counts.unfinished_jobs},
      {"tasks",
       {{"queued", counts.tasks_queued}, {"running", counts.tasks_leased}}},
      {"workers", WorkersOf(workers)},
      {"of_late",
       {{"seconds", absl::ToInt64Seconds(of_late.within)},
        {"attempts", AttemptsOf(of_late)},
        {"results_reused", of_late.results_reused}}},
      {"results_reused", counts.decisions.tasks_reused},
      {"stored_bytes", Named(status.stored_bytes)},
      {"disk",
       {{"free_bytes", status.disk_free_bytes},
        {"total_bytes", status.disk_total_bytes}}},
      {"bounds", Named(status.bounds)},
      {"conditions", ConditionsOf(status.report.conditions)}};
}

absl::StatusOr<Json> ReadSystem(const ApiSources& sources,
                                const HttpRequest& request) {
  RETURN_IF_ERROR(CheckAccess(request.caller, Verb::kReadMetrics));
  if (!request.query.empty()) {
    return absl::InvalidArgumentError("no parameter is allowed here");
  }
  ControlPlane* const control = sources.control();
  const std::optional<SystemStatus> status =
      sources.system ? sources.system() : std::nullopt;
  if (control == nullptr || !status.has_value()) return StartingOrStopping();
  // How many there are is no secret, whoever's work they do.
  ASSIGN_OR_RETURN(const std::vector<WorkerView> workers,
                   control->ListWorkers(CoordinatorItself()));
  return ShownSystem(*status, workers);
}

}  // namespace

HttpRoute SystemRoute(std::string path, const ApiSources& sources) {
  return {std::move(path), HttpLane::kBlocking,
          Answering([sources](const HttpRequest& request) -> HttpReply {
            const absl::StatusOr<Json> json = ReadSystem(sources, request);
            if (!json.ok()) return ErrorReply(request.path, json.status());
            return {200, "application/json",
                    json->dump(-1, ' ', false, Json::error_handler_t::replace) +
                        "\n"};
          })};
}

}  // namespace atelier
