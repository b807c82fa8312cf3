#include "client/lib/result_table.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/measure_names.h"
#include "client/lib/parameters.h"
#include "client/lib/state_names.h"
#include "common/rpc/render_conversion.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// Names come from workers: no more columns than one of them may fill.
constexpr size_t kMaxTerms = 32;
constexpr size_t kMaxOtherMeasures = 64;

// After the losses of the terms come the total and the measures, and then
// these.
constexpr absl::string_view kLastColumns =
    "iterations_done,seconds,worker,profile,state,message";

std::string Quoted(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  return absl::StrCat("\"", absl::StrReplaceAll(field, {{"\"", "\"\""}}), "\"");
}

// Enough digits to tell any two doubles apart.
std::string Exact(double value) { return absl::StrFormat("%.17g", value); }

// No two columns have one name: a parameter gives way to a loss.
std::string ParameterColumn(const Parameter& parameter,
                            const std::vector<std::string>& terms) {
  const bool is_taken =
      std::any_of(terms.begin(), terms.end(), [&](const std::string& term) {
        return LossColumn(term) == parameter.name;
      });
  return absl::StrCat(parameter.name, is_taken ? "_name" : "");
}

void AppendResult(const v1::Task& task, std::vector<std::string>& fields) {
  if (!task.has_result()) {
    fields.insert(fields.end(), 4, "");
    return;
  }
  const v1::TaskResult& result = task.result();
  fields.push_back(absl::StrCat(result.iterations()));
  fields.push_back(absl::StrFormat(
      "%.3f", result.elapsed().seconds() + result.elapsed().nanos() * 1e-9));
  fields.push_back(result.worker());
  fields.push_back(result.profile());
}

}  // namespace

std::string CsvFields(const std::vector<std::string>& fields) {
  return absl::StrJoin(fields, ",",
                       [](std::string* out, const std::string& field) {
                         absl::StrAppend(out, Quoted(field));
                       });
}

ResultTable::ResultTable(const v1::JobSpec& spec)
    : names_(spec),
      terms_({"content", "style", "total_variation"}),
      measure_(spec.measure()) {
  for (const MeasureName& known : KnownMeasures()) {
    measures_.emplace_back(known.name);
  }
  std::vector<std::string> header = {"index"};
  for (const v1::Axis& axis : spec.axes()) {
    header.push_back(absl::StrCat("axis_", axis.name()));
  }
  header.push_back("file");
  for (const Parameter& parameter : AllParameters()) {
    if (!IsResolved(parameter)) continue;
    header.push_back(ParameterColumn(parameter, terms_));
  }
  header_ = CsvFields(header);
}

std::string ResultTable::csv() const {
  std::string csv = header_;
  for (const std::string& term : terms_) {
    absl::StrAppend(&csv, ",", Quoted(LossColumn(term)));
  }
  absl::StrAppend(&csv, ",total_loss");
  for (const std::string& measure : measures_) {
    absl::StrAppend(&csv, ",", Quoted(measure));
  }
  absl::StrAppend(&csv, ",", kLastColumns, "\r\n");
  for (const Row& row : rows_) {
    absl::StrAppend(&csv, row.before,
                    std::string(terms_.size() - row.terms, ','), row.middle,
                    std::string(measures_.size() - row.measures, ','), ",",
                    row.after, "\r\n");
  }
  return csv;
}

std::string ResultTable::LossesOf(const v1::Task& task) {
  std::map<std::string, double> losses;
  if (task.has_result()) losses = FromProto(task.result().losses()).terms;
  for (const auto& [name, value] : losses) {
    const bool is_known =
        std::find(terms_.begin(), terms_.end(), name) != terms_.end();
    if (!is_known && terms_.size() < kMaxTerms) terms_.push_back(name);
  }
  std::string columns;
  for (const std::string& term : terms_) {
    const auto found = losses.find(term);
    absl::StrAppend(&columns, ",",
                    found == losses.end() ? "" : Exact(found->second));
  }
  return columns;
}

std::string ResultTable::MeasureFields(const v1::Task& task) {
  std::map<std::string, double> values;
  if (IsMeasuredAs(measure_, task)) values = MeasuresOf(task);
  const size_t most = KnownMeasures().size() + kMaxOtherMeasures;
  for (const auto& [name, value] : values) {
    const bool is_known =
        std::find(measures_.begin(), measures_.end(), name) != measures_.end();
    if (!is_known && measures_.size() < most) measures_.push_back(name);
  }
  std::string columns;
  for (const std::string& measure : measures_) {
    const auto found = values.find(measure);
    absl::StrAppend(&columns, ",",
                    found == values.end() ? "" : Exact(found->second));
  }
  return columns;
}

absl::Status ResultTable::Add(const v1::Task& task, absl::string_view file,
                              absl::string_view message) {
  absl::StatusOr<Render> render = ResolvedFromProto(task.render());
  names_.MoveTo(task);
  std::vector<std::string> fields = {absl::StrCat(task.index())};
  fields.insert(fields.end(), task.labels().begin(), task.labels().end());
  fields.push_back(std::string(file));
  for (const Parameter& parameter : AllParameters()) {
    if (!IsResolved(parameter)) continue;
    fields.push_back(render.ok() ? PrintParameter(parameter, *render, names_)
                                 : "");
  }
  Row row;
  row.before = CsvFields(fields) + LossesOf(task);
  row.terms = terms_.size();
  row.middle = absl::StrCat(
      ",", task.has_result() ? Exact(task.result().losses().total()) : "",
      MeasureFields(task));
  row.measures = measures_.size();
  fields.clear();
  AppendResult(task, fields);
  fields.push_back(StateName(task.state()));
  fields.push_back(std::string(message));
  absl::Status status;
  if (!render.ok()) {
    status = absl::InternalError(absl::StrCat("its parameters cannot be read: ",
                                              render.status().message()));
    absl::StrAppend(&fields.back(), message.empty() ? "" : "; ",
                    status.message());
  }
  row.after = CsvFields(fields);
  rows_.push_back(std::move(row));
  return status;
}

}  // namespace atelier
