// Writes pages for tests in a browser, and their pictures: FOLDER/report.html,
// of a job whose names are hostile, as strangers may send them, and one of a
// single task; study.html, of a study whose axes are pictures; and
// broken-N.html, of what is no document. With ROWS and COLUMNS only a
// report.html of that size.
//
//   sample_report FOLDER [ROWS COLUMNS]
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/lib/report.h"
#include "common/file.h"
#include "common/image/image.h"
#include "common/status_macros.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using nlohmann::json;

constexpr char kHostile[] =
    "</script><img src=x onerror=\"window.wasRun=1\">\u202e";

Image Picture(double hue, double detail) {
  Image image{96, 72, std::vector<float>(96 * 72 * 3)};
  for (int c = 0; c < 3; ++c) {
    for (int y = 0; y < 72; ++y) {
      for (int x = 0; x < 96; ++x) {
        const double wave =
            std::sin(x * detail + c * 2 + hue) * std::sin(y * detail - hue);
        image.rgb[(c * 72 + y) * 96 + x] = static_cast<float>(
            0.5 + 0.25 * wave + 0.2 * std::sin(hue + c * 2.1));
      }
    }
  }
  return image;
}

json Curve(int task) {
  json curve = {{"iterations", json::array()}, {"total", json::array()}};
  for (int i = 0; i <= 20; ++i) {
    const double content = 2.0 / (1 + i) + 0.01 * task;
    const double style = 50.0 / (1 + i * i) + 0.02 * task;
    curve["iterations"].push_back(i * 15);
    curve["terms"]["content"].push_back(content);
    curve["terms"]["style"].push_back(style);
    curve["total"].push_back(content + style);
  }
  return curve;
}

json Task(int index, const std::vector<std::string>& labels) {
  return {{"index", index},
          {"labels", labels},
          {"state", "succeeded"},
          {"file", absl::StrCat(index, " 100% #", index, ".png")},
          {"message", ""},
          {"parameters", {{"content", "harbour.jpg"}, {"size", 96}}},
          {"render_key", "k"},
          {"render",
           {{"content_digest", std::string(64, 'c')},
            {"style_digests", {std::string(64, '5')}}}},
          {"result",
           {{"width_px", 96},
            {"height_px", 72},
            {"iterations", 300},
            {"seconds", 3.5},
            {"losses", {{"content", 0.5}, {"total", 1.5}}}}},
          {"measures",
           {{"ssim", 0.3 + 0.37 * index - std::floor(0.37 * index)},
            {"gram_distance_relu1_1", 0.1},
            {"psnr", 12.0 + index}}},
          {"curve", Curve(index)}};
}

json Document(const std::string& name) {
  return {{"format", "atelier-results"},
          {"version", 1},
          {"made_by", "atelier"},
          {"job",
           {{"job_id", "3f"},
            {"name", name},
            {"state", "succeeded"},
            {"spec", {{"base", {{"content", kHostile}}}}},
            {"command", "atelier submit results.json"}}},
          {"measured_by", {{"size_px", 256}, {"pooling", "max"}}},
          {"axes", json::array()},
          {"inputs",
           {{{"digest", std::string(64, 'c')}, {"name", kHostile}},
            {{"digest", std::string(64, '5')}, {"name", "starry.jpg"}}}},
          {"tasks", json::array()}};
}

// What is odd in a cell: nothing there, a failure, no measures.
void Spoil(json& tasks) {
  tasks[1]["state"] = "failed";
  tasks[1]["file"] = nullptr;
  tasks[1]["result"] = nullptr;
  tasks[1]["measures"] = nullptr;
  tasks[1]["curve"] = nullptr;
  tasks[1]["message"] = absl::StrCat("out of memory ", kHostile);
  tasks[2]["measures"] = nullptr;
  tasks.erase(tasks.size() - 1);  // Left out.
}

// rows x columns x 2, of which the last is left out.
json Grid(int rows, int columns) {
  json document = Document(absl::StrCat("night sweep ", kHostile));
  json row_labels;
  json column_labels;
  for (int i = 0; i < rows; ++i) row_labels.push_back(absl::StrCat(1000 + i));
  for (int i = 0; i < columns; ++i) {
    column_labels.push_back(i == 0 ? kHostile : absl::StrCat("conv_1-", i));
  }
  const json pooling = {"avg", "max"};
  document["axes"] = {{{"name", "style_weight"}, {"labels", row_labels}},
                      {{"name", "pooling"}, {"labels", pooling}},
                      {{"name", "layers"}, {"labels", column_labels}}};
  json& tasks = document["tasks"];
  for (const json& row : row_labels) {
    for (const json& pool : pooling) {
      for (const json& column : column_labels) {
        tasks.push_back(
            Task(static_cast<int>(tasks.size()), {row, pool, column}));
      }
    }
  }
  Spoil(tasks);
  return document;
}

// Contents down, styles (one of them a blend) across, a slider of masks; with
// names that are long. What the study shows is measured but for one task.
json Study() {
  const std::string long_name =
      "a_photograph_of_the_harbour_early_in_the_morning_before_the_rain.jpg";
  json document = Document("study of pictures");
  document["job"]["study"] = "pictures";
  document["job"]["message"] = std::string(200, 'w');
  document["job"]["spec"] = {
      {"shows",
       {{{"measure", "psnr"}, {"by", "style"}},
        {{"measure", "mean_wavelength"}, {"by", "style"}}}},
      {"chosen", {{{"style", "waves.png,night.jpg"}}}},
      {"chosen_by", "the original study"}};
  const json contents = {long_name, "forest.jpg"};
  const json styles = {"starry.jpg", "waves.png,night.jpg",
                       std::string(64, 'M')};
  const json seeds = {"1", "2"};
  document["axes"] = {{{"name", "content"}, {"labels", contents}},
                      {{"name", "style"}, {"labels", styles}},
                      {{"name", "seed"}, {"labels", seeds}},
                      {{"name", "mask"}, {"labels", {"left", "right"}}}};
  const auto digest = [](char letter) { return std::string(64, letter); };
  document["inputs"] = json::array();
  for (const char letter : {'a', 'b', '1', '2', '3', '4', 'd', 'e'}) {
    document["inputs"].push_back(
        {{"digest", digest(letter)}, {"name", long_name + letter}});
  }
  const std::vector<std::vector<std::string>> blends = {
      {digest('1')}, {digest('2'), digest('3')}, {digest('4')}};
  json& tasks = document["tasks"];
  for (int i = 0; i < 2 * 3 * 2 * 2; ++i) {
    const int content = i / 12;
    const int style = i / 4 % 3;
    const int seed = i / 2 % 2;
    json task = Task(i, {contents[content], styles[style], seeds[seed],
                         i % 2 == 0 ? "left" : "right"});
    task["file"] = absl::StrCat("study-", i, ".png");
    task["render"] = {{"content_digest", digest(content == 0 ? 'a' : 'b')},
                      {"style_digests", blends[style]},
                      {"style_mask_digests", {digest(i % 2 == 0 ? 'd' : 'e')}}};
    tasks.push_back(std::move(task));
  }
  tasks[23]["measures"] = nullptr;
  return document;
}

absl::StatusOr<ReportJob> WithPictures(const json& document,
                                       const std::string& folder) {
  ReportPictures pictures(document["tasks"].size(), document["inputs"].size());
  for (const json& task : document["tasks"]) {
    if (!task["file"].is_string()) continue;
    const int index = task["index"];
    ASSIGN_OR_RETURN(const std::string png,
                     Encode(Picture(0.7 * index, 0.08 + 0.01 * index), "png"));
    RETURN_IF_ERROR(pictures.AddTask(index, png));
    const std::string file = task["file"];
    RETURN_IF_ERROR(WriteOutput(absl::StrCat(folder, "/", file), png));
  }
  double hue = 1;
  for (const json& input : document["inputs"]) {
    const std::string digest = input["digest"];
    if (digest[0] == '5') continue;  // Not at hand.
    ASSIGN_OR_RETURN(const std::string png, Encode(Picture(hue, 0.1), "png"));
    RETURN_IF_ERROR(pictures.AddInput(digest, png));
    hue += 1;
  }
  return ReportJob{"", document.dump(), pictures.Json()};
}

absl::Status WriteReport(const std::string& folder, const std::string& name,
                         const std::vector<json>& documents) {
  std::vector<ReportJob> jobs;
  for (const json& document : documents) {
    ASSIGN_OR_RETURN(jobs.emplace_back(), WithPictures(document, folder));
  }
  return WriteOutput(absl::StrCat(folder, "/", name, ".html"),
                     ReportHtml(jobs));
}

absl::Status WriteBroken(const std::string& folder) {
  constexpr const char* kDocuments[] = {
      "{", "[]", "null", "{\"format\":\"other\"}",
      "{\"format\":\"atelier-results\",\"version\":7}",
      "{\"format\":\"atelier-results\"}",
      // In brackets, so that none is taken for one that lacks a comma.
      ("{\"format\":\"atelier-results\",\"tasks\":[1,null,{\"labels\":7,"
       "\"curve\":[],\"result\":\"x\",\"render\":{\"style_digests\":7}}],"
       "\"axes\":{},\"inputs\":[null],\"job\":{\"spec\":{\"shows\":[7],"
       "\"chosen\":{}}}}"),
      ("{\"format\":\"atelier-results\",\"axes\":[{\"labels\":[]},null],"
       "\"tasks\":[{\"labels\":[{}],\"measures\":7,\"parameters\":[]}]}")};
  int number = 0;
  for (const char* document : kDocuments) {
    const ReportJob job = {"", document, ReportPictures(1, 1).Json()};
    RETURN_IF_ERROR(
        WriteOutput(absl::StrCat(folder, "/broken-", number++, ".html"),
                    ReportHtml({job})));
  }
  return absl::OkStatus();
}

absl::Status WriteSamples(const std::string& folder, int rows, int columns,
                          bool is_large) {
  json alone = Document("one render");
  alone["tasks"].push_back(Task(0, {}));
  alone["tasks"][0]["measures"] = nullptr;
  alone["tasks"][0]["curve"] = nullptr;
  RETURN_IF_ERROR(WriteReport(folder, "report", {Grid(rows, columns), alone}));
  if (is_large) return absl::OkStatus();
  RETURN_IF_ERROR(WriteReport(folder, "study", {Study()}));
  return WriteBroken(folder);
}

int Main(int argc, char** argv) {
  int rows = 3;
  int columns = 4;
  const bool is_fine = (argc == 2 || argc == 4) &&
                       (argc == 2 || (absl::SimpleAtoi(argv[2], &rows) &&
                                      absl::SimpleAtoi(argv[3], &columns)));
  if (!is_fine || rows < 1 || columns < 3) {
    std::fprintf(stderr, "usage: sample_report FOLDER [ROWS COLUMNS]\n");
    return 2;
  }
  absl::Status status = InitialiseImages(argv[0]);
  status.Update(MakeFolders(argv[1]));
  if (status.ok()) {
    status = WriteSamples(argv[1], rows, columns, argc == 4);
  }
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace atelier

int main(int argc, char** argv) { return atelier::Main(argc, argv); }
