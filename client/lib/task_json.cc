#include "client/lib/task_json.h"

#include "absl/time/time.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/input_names.h"
#include "client/lib/measure_names.h"
#include "client/lib/parameters.h"
#include "common/attempt_timings.h"
#include "common/rpc/render_conversion.h"
#include "common/rpc/timings_conversion.h"

namespace atelier {

double SecondsOf(const google::protobuf::Duration& duration) {
  return static_cast<double>(duration.seconds()) + duration.nanos() * 1e-9;
}

JsonObject TimingsOf(const v1::TaskResult& result) {
  const AttemptTimings all = FromProto(result.timings());
  JsonObject json;
  for (const TimedPhase& phase : kTimedPhases) {
    json.Add(phase.name, absl::ToDoubleSeconds(all.*phase.time));
  }
  return json;
}

JsonObject MeasuresJson(const v1::Task& task) {
  JsonObject json;
  for (const auto& [name, value] : MeasuresOf(task)) json.Add(name, value);
  return json;
}

JsonObject ParametersOf(const v1::Task& task, const InputNames& names) {
  JsonObject json;
  // What this client is too old to read is left to newer ones.
  const absl::StatusOr<Render> render = ResolvedFromProto(task.render());
  if (!render.ok()) return json;
  for (const Parameter& parameter : AllParameters()) {
    if (!IsResolved(parameter)) continue;
    json.Add(parameter.name, PrintParameter(parameter, *render, names));
  }
  return json;
}

}  // namespace atelier
