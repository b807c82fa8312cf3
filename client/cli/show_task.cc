#include "client/cli/show_task.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "client/cli/json.h"
#include "client/cli/session.h"
#include "client/cli/table.h"
#include "client/lib/client.h"
#include "client/lib/input_names.h"
#include "client/lib/measure_names.h"
#include "client/lib/parameters.h"
#include "client/lib/state_names.h"
#include "common/rpc/render_conversion.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

std::string DurationText(absl::Duration duration) {
  return absl::FormatDuration(absl::Trunc(duration, absl::Milliseconds(1)));
}

absl::Time ToTime(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Nanoseconds(time.nanos());
}

// "3500" where the axis is a parameter and its label the value, or else with
// what it sets: "coarse (scales=3, size=256)".
std::string ValueText(const v1::Axis& axis, const std::string& label,
                      const Render& render, const InputNames& names) {
  const auto value = std::find_if(
      axis.values().begin(), axis.values().end(),
      [&](const v1::AxisValue& one) { return one.label() == label; });
  if (value == axis.values().end()) return label;
  const RenderPatch set = FromProto(value->set()).value_or(RenderPatch());
  std::vector<std::string> sets;
  for (const Parameter& parameter : AllParameters()) {
    if (CountGiven(value->set(), parameter) == 0) continue;
    const std::string text = IsResolved(parameter)
                                 ? PrintParameter(parameter, render, names)
                                 : PrintShorthand(parameter, set);
    if (parameter.name == axis.name() && text == label) continue;
    sets.push_back(absl::StrCat(parameter.name, "=", text));
  }
  if (sets.empty()) return label;
  return absl::StrCat(label, " (", absl::StrJoin(sets, ", "), ")");
}

// A row for each axis: where the task stands in its job.
void AddPoint(const v1::JobSpec& spec, const v1::Task& task, Table& table) {
  // What this client is too old to read is left to newer ones.
  const absl::StatusOr<Render> render = ResolvedFromProto(task.render());
  InputNames names(spec);
  names.MoveTo(task);
  const int axes = std::min(task.labels_size(), spec.axes_size());
  for (int i = 0; i < axes; ++i) {
    const v1::Axis& axis = spec.axes(i);
    const std::string& label = task.labels(i);
    table.Add({axis.name(),
               render.ok() ? ValueText(axis, label, *render, names) : label});
  }
}

std::string StateText(const v1::Task& task) {
  const bool was_there =
      task.state() == v1::TASK_STATE_SUCCEEDED && task.attempts() == 0;
  return absl::StrCat(StateName(task.state()),
                      was_there ? ", with a result that was there" : "");
}

void AddProgress(const v1::Task& task, Table& table) {
  table.Add({"worker", task.worker()});
  table.Add({"iteration",
             absl::StrCat(task.iteration(), "/", task.render().iterations())});
  if (task.has_losses()) {
    table.Add({"loss", absl::StrFormat("%.4g", task.losses().total())});
  }
}

void AddResult(const v1::Task& task, Table& table) {
  const v1::TaskResult& result = task.result();
  table.Add({"worker", result.worker()});
  table.Add({"iterations", absl::StrCat(result.iterations(), "/",
                                        task.render().iterations())});
  table.Add(
      {"took", DurationText(absl::Seconds(result.elapsed().seconds()) +
                            absl::Nanoseconds(result.elapsed().nanos()))});
  const Losses losses = FromProto(result.losses());
  table.Add({"total_loss", absl::StrFormat("%.4g", losses.total)});
  for (const auto& [name, value] : losses.terms) {
    table.Add({LossColumn(name), absl::StrFormat("%.4g", value)});
  }
  table.Add({"image", result.image_digest()});
  table.Add({"size", absl::StrCat(result.width_px(), "x", result.height_px())});
}

// As the job asks for them; in the order of columns, then what is not known.
void AddMeasures(const v1::JobSpec& spec, const v1::Task& task, Table& table) {
  if (!IsMeasuredAs(spec.measure(), task)) return;
  std::map<std::string, double> measures = MeasuresOf(task);
  for (const MeasureName& known : KnownMeasures()) {
    const auto found = measures.find(std::string(known.name));
    if (found == measures.end()) continue;
    table.Add({found->first, MeasureText(known.name, found->second)});
    measures.erase(found);
  }
  for (const auto& [name, value] : measures) {
    table.Add({name, MeasureText(name, value)});
  }
}

std::string TaskText(const v1::Job& job, const v1::Task& task) {
  Table table({"job", job.spec().name()});
  table.Add(
      {"task", absl::StrCat(task.index(), " of 0 to ", job.task_count() - 1)});
  AddPoint(job.spec(), task, table);
  table.Add({"state", StateText(task)});
  table.Add({"attempts", absl::StrCat(task.attempts())});
  if (task.state() == v1::TASK_STATE_LEASED) AddProgress(task, table);
  if (task.has_result()) {
    AddResult(task, table);
    AddMeasures(job.spec(), task, table);
  }
  if (task.outcome() != v1::OUTCOME_UNSPECIFIED) {
    table.Add({"outcome", StateName(task.outcome())});
  }
  if (!task.message().empty()) table.Add({"message", task.message()});
  return table.TakeText();
}

std::string AttemptsText(const std::vector<v1::Attempt>& attempts) {
  Table table({"ATTEMPT", "WORKER", "BEGAN", "TOOK", "OUTCOME", "MESSAGE"});
  for (const v1::Attempt& one : attempts) {
    const bool is_known = one.has_began_at();
    table.Add({absl::StrCat(one.number()), one.worker(),
               is_known ? FormatTimestamp(one.began_at()) : "-",
               is_known ? DurationText(ToTime(one.ended_at()) -
                                       ToTime(one.began_at()))
                        : "-",
               StateName(one.outcome()), one.message()});
  }
  return table.TakeText();
}

JsonObject TaskJson(const v1::Job& job, const v1::Task& task,
                    const std::vector<v1::Attempt>& attempts) {
  InputNames names(job.spec());
  names.MoveTo(task);
  const std::string outcome = task.outcome() == v1::OUTCOME_UNSPECIFIED
                                  ? ""
                                  : StateName(task.outcome());
  return JsonObject()
      .Add("job_id", job.job_id())
      .Add(ToJson(task))
      .Add("parameters", ParametersOf(task, names))
      .Add("measures", IsMeasuredAs(job.spec().measure(), task)
                           ? std::optional(MeasuresJson(task))
                           : std::nullopt)
      .Add("outcome", NullIfEmpty(outcome))
      .Add("attempt_list", ToJsonList(attempts));
}

}  // namespace

absl::Status ShowTask(Session& session, const std::string& job_id,
                      int64_t index) {
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Job job, client->GetJob(job_id));
  if (index < 0 || index >= job.task_count()) {
    return InvalidArgument("task: ", index, " is not allowed; job ", job_id,
                           " has the tasks 0 to ", job.task_count() - 1);
  }
  ASSIGN_OR_RETURN(const v1::Task task, client->GetTask(job_id, index));
  ASSIGN_OR_RETURN(const std::vector<v1::Attempt> attempts,
                   client->ListAttempts(job_id, index));
  std::ostream& out = session.out();
  if (session.flags.json) {
    out << TaskJson(job, task, attempts).Line();
    return absl::OkStatus();
  }
  out << TaskText(job, task);
  if (!attempts.empty()) out << "\n" << AttemptsText(attempts);
  out << std::flush;
  return absl::OkStatus();
}

}  // namespace atelier
