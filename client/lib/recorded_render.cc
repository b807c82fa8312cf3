#include "client/lib/recorded_render.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/lib/description_reader.h"
#include "client/lib/fetch.h"
#include "client/lib/results_document.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/image/image.h"
#include "common/number_text.h"
#include "common/quoted_text.h"
#include "common/render/description.h"
#include "common/rpc/render_conversion.h"
#include "common/status_macros.h"
#include "google/protobuf/util/json_util.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using Json = nlohmann::json;

constexpr int64_t kMaxRecordBytes = int64_t{1} << 30;

// Null for what is not there or of another type.
const Json& At(const Json& object, const char* key) {
  static const Json* const nothing = new Json;
  if (!object.is_object()) return *nothing;
  const auto found = object.find(key);
  return found == object.end() ? *nothing : *found;
}

std::string TextAt(const Json& object, const char* key) {
  const Json& value = At(object, key);
  return value.is_string() ? value.get<std::string>() : "";
}

absl::Status ReadMessage(const Json& json, absl::string_view field,
                         google::protobuf::Message* message) {
  if (!json.is_object()) return InvalidArgument(field, ": is no object");
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = false;
  const auto read = google::protobuf::util::JsonStringToMessage(
      json.dump(-1, ' ', true, Json::error_handler_t::replace), message,
      options);
  if (read.ok()) return absl::OkStatus();
  return InvalidArgument(field, ": ", std::string(read.message()));
}

absl::StatusOr<Json> ParseDocument(const std::string& bytes) {
  Json document;
  try {
    document = Json::parse(bytes);
  } catch (const Json::exception& damage) {
    return InvalidArgument("damaged JSON: ", damage.what());
  }
  if (At(document, "format") != kResultsFormat) {
    return InvalidArgument("format: is not \"", kResultsFormat,
                           "\"; name a results.json of 'atelier fetch'");
  }
  if (At(document, "version") != kResultsVersion) {
    return InvalidArgument(
        "version: ", At(document, "version").dump(),
        " is not known to this version of atelier, which reads ",
        kResultsVersion);
  }
  if (!At(document, "tasks").is_array() || document["tasks"].empty()) {
    return absl::InvalidArgumentError("tasks: is no list of tasks");
  }
  return document;
}

std::string LabelsOf(const Json& task) {
  std::vector<std::string> labels;
  for (const Json& label : At(task, "labels")) {
    if (label.is_string()) labels.push_back(label.get<std::string>());
  }
  return absl::StrJoin(labels, ",");
}

absl::StatusOr<const Json*> ChosenTask(const Json& tasks,
                                       const std::string& choice) {
  const int64_t count = static_cast<int64_t>(tasks.size());
  if (choice.empty()) {
    if (count == 1) return &tasks[0];
    return InvalidArgument("task: is needed, as there are ", count,
                           " tasks; give an index from 0 to ", count - 1,
                           ", or labels such as ", Quoted(LabelsOf(tasks[0])));
  }
  int64_t index = -1;
  const bool is_number = ReadNumber(choice, index);
  for (const Json& task : tasks) {
    if (is_number && At(task, "index") == index) return &task;
  }
  for (const Json& task : tasks) {
    if (LabelsOf(task) == choice) return &task;
  }
  return InvalidArgument("task: ", Quoted(choice),
                         " is no task; give an index from 0 to ", count - 1,
                         ", or labels such as ", Quoted(LabelsOf(tasks[0])));
}

// What a document says of a task's result.
void ReadResult(const Json& task, RecordedRender& record) {
  const Json& result = At(task, "result");
  record.profile = TextAt(result, "profile");
  const Json& version = At(result, "engine_version");
  if (version.is_number_integer()) record.engine_version = version.get<int>();
  const Json& losses = At(result, "losses");
  if (!losses.is_object() || !At(losses, "total").is_number()) return;
  record.losses.emplace();
  for (const auto& [term, loss] : losses.items()) {
    if (!loss.is_number()) continue;
    if (term == "total") {
      record.losses->total = loss.get<double>();
    } else {
      record.losses->terms[term] = loss.get<double>();
    }
  }
}

absl::Status ReadTask(const Json& document, const Json& task,
                      RecordedRender& record) {
  v1::RenderSpec message;
  RETURN_IF_ERROR(ReadMessage(At(task, "render"), "render", &message));
  const absl::StatusOr<Render> render = ResolvedFromProto(message);
  if (!render.ok()) return Annotate(render.status(), "render");
  record.description = DescribeRender(*render);
  absl::StatusOr<RenderPatch> patch = PatchOfDescription(record.description);
  if (!patch.ok()) return Annotate(patch.status(), "render");
  record.patch = *std::move(patch);
  RETURN_IF_ERROR(ReadMessage(At(At(document, "job"), "spec_message"),
                              "job.spec_message", &record.inputs));
  record.image_digest = TextAt(At(task, "result"), "image_digest");
  ReadResult(task, record);
  return absl::OkStatus();
}

absl::StatusOr<RecordedRender> ReadDocument(const std::string& path,
                                            const std::string& bytes,
                                            const std::string& choice) {
  absl::StatusOr<Json> document = ParseDocument(bytes);
  if (!document.ok()) return Annotate(document.status(), path);
  absl::StatusOr<const Json*> task = ChosenTask((*document)["tasks"], choice);
  if (!task.ok()) return Annotate(task.status(), path);
  RecordedRender record;
  const std::string index = At(**task, "index").dump();
  record.name = absl::StrCat("task ", index, " of ", path);
  record.stem = std::filesystem::path(TextAt(**task, "file")).stem().string();
  if (record.stem.empty()) record.stem = absl::StrCat("task-", index);
  const absl::Status read = ReadTask(*document, **task, record);
  if (!read.ok()) {
    return Annotate(read, absl::StrCat(path, ": task ", index));
  }
  return record;
}

}  // namespace

void AddDocumentBeside(const std::string& path, RecordedRender& record) {
  const std::filesystem::path beside =
      std::filesystem::path(path).parent_path() / kResultsDocumentFile;
  const absl::StatusOr<std::string> bytes =
      ReadFile(beside.string(), kMaxRecordBytes);
  if (!bytes.ok()) return;
  const absl::StatusOr<Json> document = ParseDocument(*bytes);
  if (!document.ok()) return;
  for (const Json& task : (*document)["tasks"]) {
    if (TextAt(At(task, "result"), "image_digest") != record.image_digest) {
      continue;
    }
    ReadResult(task, record);
    if (!ReadMessage(At(At(*document, "job"), "spec_message"), "job",
                     &record.inputs)
             .ok()) {
      record.inputs.Clear();
    }
    return;
  }
}

absl::StatusOr<RecordedRender> ReadRecordedPicture(const std::string& path,
                                                   const std::string& bytes) {
  RecordedRender record;
  record.name = path;
  record.stem = std::filesystem::path(path).stem().string();
  absl::StatusOr<std::string> description = ReadDescription(bytes);
  if (!description.ok()) {
    return InvalidArgument(
        path, ": is neither a PNG that Atelier made nor a results.json: ",
        description.status().message());
  }
  if (description->empty()) {
    return InvalidArgument(
        path,
        ": has no description of a render: it was not made by Atelier, or "
        "something took its metadata away");
  }
  record.description = *std::move(description);
  absl::StatusOr<RenderPatch> patch = PatchOfDescription(record.description);
  if (!patch.ok()) return Annotate(patch.status(), path);
  record.patch = *std::move(patch);
  record.image_digest = HexDigest(bytes);
  return record;
}

absl::StatusOr<RecordedRender> ReadRecorded(const std::string& path,
                                            const std::string& task) {
  absl::StatusOr<std::string> bytes = ReadFile(path, kMaxRecordBytes);
  if (!bytes.ok()) return absl::InvalidArgumentError(bytes.status().message());
  const bool is_document =
      absl::StartsWith(absl::StripLeadingAsciiWhitespace(*bytes), "{") ||
      absl::EndsWithIgnoreCase(path, ".json");
  if (is_document) return ReadDocument(path, *bytes, task);
  if (!task.empty()) {
    return InvalidArgument("task: ", path,
                           " is a picture, of one task; leave --task out, or "
                           "name a results.json");
  }
  ASSIGN_OR_RETURN(RecordedRender record, ReadRecordedPicture(path, *bytes));
  AddDocumentBeside(path, record);
  return record;
}

bool IsResultsDocument(const std::string& path) {
  constexpr int kHead = 64;
  std::error_code unknown;
  if (!std::filesystem::is_regular_file(path, unknown)) return false;
  char head[kHead] = {};
  std::ifstream file(path, std::ios::binary);
  file.read(head, kHead);
  const absl::string_view text(head, static_cast<size_t>(file.gcount()));
  return absl::StartsWith(text, "{") &&
         absl::StrContains(text, absl::StrCat("\"", kResultsFormat, "\""));
}

absl::StatusOr<JobDraft> ReadSpecOfResults(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path, kMaxRecordBytes));
  const absl::StatusOr<Json> document = ParseDocument(bytes);
  if (!document.ok()) return Annotate(document.status(), path);
  const Json& spec = At(At(*document, "job"), "spec");
  if (!spec.is_object()) return InvalidArgument(path, ": job.spec: is none");
  const std::string folder = std::filesystem::path(path).parent_path().string();
  SpecLimits limits;
  limits.max_file_bytes = kMaxRecordBytes;
  ASSIGN_OR_RETURN(
      JobDraft job,
      ParseSpec(spec.dump(-1, ' ', false, Json::error_handler_t::replace),
                absl::StrCat(path, ": job.spec"), limits, folder));
  ResolvePaths(folder, job.base);
  for (AxisDraft& axis : job.axes) {
    for (AxisValueDraft& value : axis.values) ResolvePaths(folder, value.set);
  }
  return job;
}

}  // namespace atelier
