#include "client/lib/report.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/lib/json_text.h"
#include "client/lib/measure_names.h"
#include "common/digest.h"
#include "common/render/size.h"
#include "common/status_macros.h"
#include "common/viewer/viewer.h"

namespace atelier {
namespace {

// Longer sides of small pictures; no report needs larger ones, as it links the
// pictures themselves.
constexpr int kReportSidesPx[] = {512, 384, 320, 256, 192, 160,
                                  128, 96,  64,  48,  32};
constexpr char kJpegUri[] = "data:image/jpeg;base64,";

// About what a JPEG of this side takes as text: 0.75 bytes a pixel of a busy
// picture, and base64. One that takes more is made smaller.
int64_t UsualBytes(int side_px) { return int64_t{side_px} * side_px; }

// A digest or an index as a key of JSON: what is neither does no harm.
std::string JsonKey(absl::string_view name) {
  return absl::StrReplaceAll(
      name, {{"\\", "\\\\"}, {"\"", "\\\""}, {"<", "\\u003c"}});
}

std::string JsonMap(const std::map<std::string, std::string>& by_name) {
  std::string json = "{";
  for (const auto& [name, uri] : by_name) {
    absl::StrAppend(&json, json.size() > 1 ? ",\n" : "\n", "\"", JsonKey(name),
                    "\":\"", uri, "\"");
  }
  return absl::StrCat(json, "}");
}

// JSON has '<' in strings alone, where it may stand as an escape: then no text
// ends the element, or opens a comment in it.
std::string InElement(absl::string_view json) {
  return absl::StrReplaceAll(json, {{"<", "\\u003c"}});
}

// As a policy names a script or a style that may stand in the page.
std::string PolicyHash(absl::string_view text) {
  const std::string digest = absl::HexStringToBytes(HexDigest(text));
  return absl::StrCat("'sha256-", absl::Base64Escape(digest), "'");
}

// What the viewer knows of measures: their units and sense.
std::vector<JsonObject> MeasuresTable() {
  std::vector<JsonObject> rows;
  for (const MeasureName& measure : KnownMeasures()) {
    rows.push_back(JsonObject()
                       .Add("name", measure.name)
                       .Add("unit", measure.unit)
                       .Add("better", Name(measure.better))
                       .Add("what", measure.what));
  }
  return rows;
}

}  // namespace

ReportPictures::ReportPictures(int64_t tasks, int64_t inputs, int64_t max_bytes)
    : tasks_(MakeShelf(tasks, max_bytes - max_bytes / 4)),
      inputs_(MakeShelf(inputs, max_bytes / 4)) {}

ReportPictures::Shelf ReportPictures::MakeShelf(int64_t pictures,
                                                int64_t bytes) {
  Shelf shelf;
  shelf.share_bytes = bytes / std::max<int64_t>(pictures, 1);
  shelf.most_px = kReportSidesPx[std::size(kReportSidesPx) - 1];
  for (const int side_px : kReportSidesPx) {
    if (UsualBytes(side_px) > shelf.share_bytes) continue;
    shelf.most_px = side_px;
    break;
  }
  return shelf;
}

absl::Status ReportPictures::AddTask(int64_t index, absl::string_view file) {
  return AddFile(absl::StrCat(index), file, tasks_);
}

absl::Status ReportPictures::AddTask(int64_t index, const Image& image) {
  return AddImage(absl::StrCat(index), image, tasks_);
}

absl::Status ReportPictures::AddInput(const std::string& digest,
                                      absl::string_view file) {
  return AddFile(digest, file, inputs_);
}

absl::Status ReportPictures::AddFile(const std::string& name,
                                     absl::string_view file, Shelf& shelf) {
  const auto fit = [&](int width_px, int height_px) {
    const int longest_px = std::max(width_px, height_px);
    return FitSize(width_px, height_px, std::min(longest_px, shelf.most_px));
  };
  ASSIGN_OR_RETURN(const Image image, DecodeToFit(file, fit));
  return AddImage(name, image, shelf);
}

absl::Status ReportPictures::AddImage(const std::string& name,
                                      const Image& image, Shelf& shelf) {
  const int longest_px = std::max(image.width_px, image.height_px);
  for (const int side_px : kReportSidesPx) {
    if (side_px > shelf.most_px) continue;
    const auto [width_px, height_px] =
        FitSize(image.width_px, image.height_px, std::min(longest_px, side_px));
    ASSIGN_OR_RETURN(const Image small, Resize(image, width_px, height_px));
    ASSIGN_OR_RETURN(const std::string jpeg, Encode(small, "jpeg"));
    std::string uri = absl::StrCat(kJpegUri, absl::Base64Escape(jpeg));
    if (static_cast<int64_t>(uri.size()) > shelf.share_bytes) continue;
    shelf.by_name[name] = std::move(uri);
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError(absl::StrCat(
      "a report has ", shelf.share_bytes, " bytes for this picture, fewer than",
      " it takes at the smallest"));
}

std::string ReportPictures::Json() const {
  return absl::StrCat("{\"tasks\":", JsonMap(tasks_.by_name),
                      ",\"inputs\":", JsonMap(inputs_.by_name), "}");
}

std::string ReportHtml(absl::Span<const ReportJob> jobs) {
  const std::string measures = JsonText(MeasuresTable());
  std::string data;
  for (const ReportJob& job : jobs) {
    absl::StrAppend(
        &data, "<script type=\"application/json\" class=\"job-data\">",
        InElement(absl::StrCat("{\"folder\":", JsonText(job.folder),
                               ",\"measures\":", measures, ",\"pictures\":")),
        InElement(job.pictures), ",\"document\":", InElement(job.document),
        "}</script>\n");
  }
  // 'self' and file: are how browsers call the folder of a page from disk.
  const std::string policy = absl::StrCat(
      "default-src 'none'; img-src data: 'self' file:; style-src ",
      PolicyHash(ViewerStyle()), "; script-src ", PolicyHash(ReportScript()),
      "; base-uri 'none'; form-action 'none'");
  // In one pass: what a document says is not looked through for more places.
  return absl::StrReplaceAll(ReportPage(), {{"@POLICY@", policy},
                                            {"@STYLE@", ViewerStyle()},
                                            {"@DATA@", data},
                                            {"@SCRIPT@", ReportScript()}});
}

}  // namespace atelier
