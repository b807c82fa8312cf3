#include "client/lib/results_document.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "client/lib/json_text.h"
#include "client/lib/measure_names.h"
#include "client/lib/spec_json.h"
#include "client/lib/state_names.h"
#include "client/lib/task_json.h"
#include "common/render/convention.h"
#include "common/rpc/render_conversion.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

template <typename List>
std::vector<std::string> TextsOf(const List& list) {
  return {list.begin(), list.end()};
}

JsonObject JobJson(const v1::Job& job, const StudyNotes& notes) {
  JsonObject json;
  json.Add("job_id", job.job_id())
      .Add("name", job.spec().name())
      .Add("study", job.spec().study())
      .Add("state", StateName(job.state()))
      .Add("user", job.spec().user())
      .Add("submitted_at", FormatTimestamp(job.submitted_at()))
      .Add("ended_at",
           NullIfEmpty(job.has_ended_at() ? FormatTimestamp(job.ended_at())
                                          : ""))
      .Add("message", job.message())
      .Add("task_count", job.task_count());
  const absl::StatusOr<JsonObject> spec = SpecJson(job.spec(), notes);
  json.Add("spec", spec.ok() ? std::optional(*spec) : std::nullopt)
      .Add("spec_message", MessageJson(job.spec()));
  if (spec.ok()) return json.Add("command", "atelier submit results.json");
  return json.Add("command", nullptr);
}

std::vector<JsonObject> AxesJson(const v1::JobSpec& spec) {
  std::vector<JsonObject> axes;
  for (const v1::Axis& axis : spec.axes()) {
    std::vector<std::string> labels;
    for (const v1::AxisValue& value : axis.values()) {
      labels.push_back(value.label());
    }
    axes.push_back(JsonObject().Add("name", axis.name()).Add("labels", labels));
  }
  return axes;
}

std::vector<JsonObject> InputsJson(const v1::JobSpec& spec) {
  std::vector<JsonObject> inputs;
  for (const v1::ImageDescription& image : spec.images()) {
    inputs.push_back(JsonObject()
                         .Add("digest", image.digest())
                         .Add("name", image.name())
                         .Add("width_px", image.width_px())
                         .Add("height_px", image.height_px()));
  }
  return inputs;
}

std::vector<JsonObject> NetworksJson(const v1::JobSpec& spec) {
  std::vector<JsonObject> networks;
  for (const v1::NetworkDescription& network : spec.networks()) {
    networks.push_back(JsonObject()
                           .Add("digest", network.weights_digest())
                           .Add("name", network.name()));
  }
  return networks;
}

JsonObject ResultJson(const v1::TaskResult& result) {
  const Losses losses = FromProto(result.losses());
  JsonObject terms;
  for (const auto& [term, loss] : losses.terms) {
    if (term != "total") terms.Add(term, loss);
  }
  terms.Add("total", losses.total);
  return JsonObject()
      .Add("image_digest", result.image_digest())
      .Add("width_px", result.width_px())
      .Add("height_px", result.height_px())
      .Add("iterations", result.iterations())
      .Add("seconds", SecondsOf(result.elapsed()))
      .Add("worker", result.worker())
      .Add("engine_version", result.engine_version())
      .Add("profile", result.profile())
      .Add("losses", terms)
      .Add("timings", result.has_timings() ? std::optional(TimingsOf(result))
                                           : std::nullopt);
}

std::vector<double> Doubles(const google::protobuf::RepeatedField<float>& of) {
  return {of.begin(), of.end()};
}

JsonObject CurveJson(const v1::LossCurve& curve) {
  JsonObject terms;
  for (const v1::LossCurve::TermCurve& term : curve.terms()) {
    terms.Add(term.term(), Doubles(term.losses()));
  }
  return JsonObject()
      .Add("iterations", std::vector<int>(curve.iterations().begin(),
                                          curve.iterations().end()))
      .Add("total", Doubles(curve.total()))
      .Add("terms", terms);
}

JsonObject MeasuredByJson(const v1::Measures& measures) {
  const v1::MeasureSpec& by = measures.by();
  const int pooling = static_cast<int>(by.pooling());
  const bool is_known =
      pooling >= 1 && pooling <= static_cast<int>(Names(Pooling()).size());
  return JsonObject()
      .Add("weights_digest", by.weights_digest())
      .Add("size_px", by.size_px())
      .Add("pooling",
           NullIfEmpty(
               is_known ? std::string(Name(static_cast<Pooling>(pooling - 1)))
                        : ""))
      .Add("preprocessing", by.preprocessing())
      .Add("version", measures.version());
}

template <typename T>
std::string KeyAndValue(absl::string_view key, const T& value) {
  return absl::StrCat(JsonText(key), ": ", JsonText(value));
}

}  // namespace

ResultsText::ResultsText(const v1::Job& job, StudyNotes notes)
    : job_(job), notes_(std::move(notes)), names_(job.spec()) {}

std::string ResultsText::Beginning() {
  if (is_begun_) return "";
  is_begun_ = true;
  const v1::JobSpec& spec = job_.spec();
  return absl::StrCat(
      "{\n", KeyAndValue("format", kResultsFormat), ",\n",
      KeyAndValue("version", kResultsVersion), ",\n",
      KeyAndValue("made_by", "atelier " ATELIER_VERSION), ",\n",
      KeyAndValue("job", JobJson(job_, notes_)), ",\n",
      KeyAndValue("axes", AxesJson(spec)), ",\n",
      KeyAndValue("sheet", JsonObject().Add("columns", spec.sheet_columns())),
      ",\n", KeyAndValue("inputs", InputsJson(spec)), ",\n",
      KeyAndValue("networks", NetworksJson(spec)), ",\n\"tasks\": [");
}

std::string ResultsText::Add(const v1::Task& task, absl::string_view file,
                             absl::string_view message) {
  const std::string beginning = Beginning();
  names_.MoveTo(task);
  const bool is_measured = IsMeasuredAs(job_.spec().measure(), task);
  const v1::Measures& measures = task.result().measures();
  if (is_measured && !measured_by_.has_by()) {
    *measured_by_.mutable_by() = measures.by();
    measured_by_.set_version(measures.version());
  }
  JsonObject json;
  json.Add("index", task.index())
      .Add("labels", TextsOf(task.labels()))
      .Add("state", StateName(task.state()))
      .Add("file", NullIfEmpty(std::string(file)))
      .Add("message", message)
      .Add("render_key", task.render_key())
      .Add("parameters", ParametersOf(task, names_))
      .Add("render", MessageJson(task.render()))
      .Add("result", task.has_result()
                         ? std::optional(ResultJson(task.result()))
                         : std::nullopt)
      .Add("measures",
           is_measured ? std::optional(MeasuresJson(task)) : std::nullopt)
      // What was optimized is the same, whatever measured it.
      .Add("curve", measures.has_curve()
                        ? std::optional(CurveJson(measures.curve()))
                        : std::nullopt);
  const absl::string_view separator = has_tasks_ ? ",\n" : "\n";
  has_tasks_ = true;
  return absl::StrCat(beginning, separator, json.Text());
}

std::string ResultsText::Finish() {
  return absl::StrCat(
      Beginning(), "\n],\n",
      KeyAndValue("measured_by",
                  measured_by_.has_by()
                      ? std::optional(MeasuredByJson(measured_by_))
                      : std::nullopt),
      "\n}\n");
}

ResultsDocument::ResultsDocument(const v1::Job& job, const std::string& path,
                                 StudyNotes notes)
    : text_(job, std::move(notes)), file_(path) {}

absl::Status ResultsDocument::Add(const v1::Task& task, absl::string_view file,
                                  absl::string_view message) {
  return file_.Write(text_.Add(task, file, message));
}

absl::Status ResultsDocument::Finish() {
  RETURN_IF_ERROR(file_.Write(text_.Finish()));
  return file_.Finish();
}

}  // namespace atelier
