#include "client/lib/result_table.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/parameters.h"
#include "client/lib/state_names.h"
#include "common/rpc/render_conversion.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

std::string Quoted(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  return absl::StrCat("\"", absl::StrReplaceAll(field, {{"\"", "\"\""}}), "\"");
}

// Enough digits to tell any two doubles apart.
std::string Exact(double value) { return absl::StrFormat("%.17g", value); }

void AppendResult(const v1::Task& task, std::vector<std::string>& fields) {
  if (!task.has_result()) {
    fields.insert(fields.end(), 8, "");
    return;
  }
  const v1::TaskResult& result = task.result();
  const v1::Losses& losses = result.losses();
  for (double loss : {losses.content(), losses.style(),
                      losses.total_variation(), losses.total()}) {
    fields.push_back(Exact(loss));
  }
  fields.push_back(absl::StrCat(result.iterations()));
  fields.push_back(absl::StrFormat(
      "%.3f", result.elapsed().seconds() + result.elapsed().nanos() * 1e-9));
  fields.push_back(result.worker());
  fields.push_back(result.profile());
}

}  // namespace

std::string CsvRecord(const std::vector<std::string>& fields) {
  return absl::StrCat(
      absl::StrJoin(fields, ",",
                    [](std::string* out, const std::string& field) {
                      absl::StrAppend(out, Quoted(field));
                    }),
      "\r\n");
}

ResultTable::ResultTable(const v1::JobSpec& spec) : names_(spec) {
  std::vector<std::string> header = {"index"};
  for (const v1::Axis& axis : spec.axes()) {
    header.push_back(absl::StrCat("axis_", axis.name()));
  }
  header.push_back("file");
  for (const Parameter& parameter : AllParameters()) {
    header.push_back(std::string(parameter.name));
  }
  header.insert(header.end(), {"content_loss", "style_loss", "tv_loss",
                               "total_loss", "iterations_done", "seconds",
                               "worker", "profile", "state", "message"});
  csv_ = CsvRecord(header);
}

absl::Status ResultTable::Add(const v1::Task& task, absl::string_view file,
                              absl::string_view message) {
  absl::StatusOr<Render> render = ResolvedFromProto(task.render());
  names_.MoveTo(task);
  std::vector<std::string> fields = {absl::StrCat(task.index())};
  fields.insert(fields.end(), task.labels().begin(), task.labels().end());
  fields.push_back(std::string(file));
  for (const Parameter& parameter : AllParameters()) {
    fields.push_back(render.ok() ? PrintParameter(parameter, *render, names_)
                                 : "");
  }
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
  absl::StrAppend(&csv_, CsvRecord(fields));
  return status;
}

}  // namespace atelier
