#include "client/cli/compare_output.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "client/cli/table.h"
#include "client/lib/measure_names.h"
#include "common/cell_width.h"

namespace atelier {
namespace {

constexpr size_t kMostAcross = 8;
constexpr char kBestMark[] = " *";
// What one sees of each picture where there are many.
constexpr absl::string_view kMainMeasures[] = {"psnr",
                                               "ssim",
                                               "style_distance",
                                               "content_distance",
                                               "mean_wavelength",
                                               "gram_distance"};

using BestByName = std::map<std::string, std::vector<size_t>>;

std::optional<double> MeasureIn(const ComparedPicture& picture,
                                absl::string_view measure) {
  const auto found = picture.measures.find(std::string(measure));
  if (found == picture.measures.end()) return std::nullopt;
  return found->second;
}

// Those that any picture has: the known ones in their order, then the others.
std::vector<std::string> NamesIn(const Comparison& comparison) {
  std::set<std::string> names;
  for (const ComparedPicture& picture : comparison.pictures) {
    for (const auto& [name, value] : picture.measures) names.insert(name);
  }
  std::vector<std::string> ordered;
  for (const MeasureName& known : PictureMeasures()) {
    if (names.erase(std::string(known.name)) > 0) {
      ordered.emplace_back(known.name);
    }
  }
  ordered.insert(ordered.end(), names.begin(), names.end());
  return ordered;
}

// "psnr (dB)"
std::string TitleOf(const std::string& measure) {
  for (const MeasureName& known : PictureMeasures()) {
    if (known.name != measure || known.unit.empty()) continue;
    return absl::StrCat(measure, " (", known.unit, ")");
  }
  return measure;
}

std::string ComparedCell(const std::optional<double>& value, bool is_best) {
  if (!value.has_value()) return "-";
  const std::string number = std::abs(*value) < 1000
                                 ? absl::StrFormat("%.4g", *value)
                                 : absl::StrFormat("%.0f", *value);
  return absl::StrCat(number, is_best ? kBestMark : "");
}

bool IsBest(const BestByName& best, const std::string& measure, size_t index) {
  const auto found = best.find(measure);
  return found != best.end() &&
         std::count(found->second.begin(), found->second.end(), index) > 0;
}

// What pictures are called beside each other: without the folders that all of
// them are in.
std::vector<std::string> ShortNames(const Comparison& comparison) {
  std::vector<std::string> names;
  std::vector<std::string> common;
  for (const ComparedPicture& picture : comparison.pictures) {
    names.push_back(picture.path);
    std::vector<std::string> folders = absl::StrSplit(picture.path, '/');
    folders.pop_back();
    if (names.size() == 1) {
      common = std::move(folders);
      continue;
    }
    const auto differ = std::mismatch(common.begin(), common.end(),
                                      folders.begin(), folders.end());
    common.erase(differ.first, common.end());
  }
  if (names.size() < 2 || common.empty()) return names;
  const size_t prefix = absl::StrJoin(common, "/").size() + 1;
  for (std::string& name : names) name.erase(0, prefix);
  return names;
}

int WidthOf(const std::string& text) {
  int width = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    width = std::max(width, CellWidth(line));
  }
  return width;
}

std::string WithPicturesAcross(const Comparison& comparison,
                               const BestByName& best,
                               const std::vector<std::string>& names) {
  std::vector<std::string> header = {best.empty() ? "MEASURE"
                                                  : "MEASURE (* best)"};
  header.insert(header.end(), names.begin(), names.end());
  Table table(std::move(header));
  for (const std::string& measure : NamesIn(comparison)) {
    std::vector<std::string> row = {TitleOf(measure)};
    for (size_t i = 0; i < comparison.pictures.size(); ++i) {
      row.push_back(ComparedCell(MeasureIn(comparison.pictures[i], measure),
                                 IsBest(best, measure, i)));
    }
    table.Add(std::move(row));
  }
  return table.TakeText();
}

// With numbers in the place of names, which stand above.
std::string WithNumbersAcross(const Comparison& comparison,
                              const BestByName& best) {
  Table list({"", "IMAGE"});
  std::vector<std::string> numbers;
  for (const std::string& name : ShortNames(comparison)) {
    numbers.push_back(absl::StrCat(numbers.size() + 1));
    list.Add({numbers.back(), name});
  }
  return absl::StrCat(list.TakeText(), "\n",
                      WithPicturesAcross(comparison, best, numbers));
}

std::string WithPicturesDown(const Comparison& comparison,
                             const BestByName& best,
                             const std::vector<std::string>& measures) {
  std::vector<std::string> header = {best.empty() ? "IMAGE" : "IMAGE (* best)"};
  for (const std::string& measure : measures) {
    header.push_back(TitleOf(measure));
  }
  Table table(std::move(header));
  std::vector<std::string> names = ShortNames(comparison);
  for (size_t i = 0; i < comparison.pictures.size(); ++i) {
    std::vector<std::string> row = {std::move(names[i])};
    for (const std::string& measure : measures) {
      row.push_back(ComparedCell(MeasureIn(comparison.pictures[i], measure),
                                 IsBest(best, measure, i)));
    }
    table.Add(std::move(row));
  }
  return table.TakeText();
}

// The main ones, after the one that they are sorted by.
std::vector<std::string> MainIn(const std::vector<std::string>& all,
                                const std::string& sort) {
  std::vector<std::string> main;
  const auto add = [&](absl::string_view name) {
    const bool is_there = std::count(all.begin(), all.end(), name) > 0;
    if (is_there && std::count(main.begin(), main.end(), name) == 0) {
      main.emplace_back(name);
    }
  };
  add(sort);
  for (absl::string_view name : kMainMeasures) add(name);
  return main;
}

JsonObject InputJson(const ComparedInput& input) {
  return JsonObject().Add("file", input.path).Add("digest", input.digest);
}

JsonObject PictureJson(const ComparedPicture& picture) {
  std::vector<JsonObject> styles;
  for (const ComparedInput& style : picture.styles) {
    styles.push_back(InputJson(style).Add("share", style.share));
  }
  JsonObject measures;
  for (const auto& [name, value] : picture.measures) measures.Add(name, value);
  return JsonObject()
      .Add("image", picture.path)
      .Add("digest", NullIfEmpty(picture.digest))
      .Add("width_px", NullIfZero(picture.width_px))
      .Add("height_px", NullIfZero(picture.height_px))
      .Add("is_result", picture.is_result)
      .Add("content", picture.content.has_value()
                          ? std::optional(InputJson(*picture.content))
                          : std::nullopt)
      .Add("styles", styles)
      .Add("measures",
           picture.error.empty() ? std::optional(measures) : std::nullopt)
      .Add("notes", picture.notes)
      .Add("error", NullIfEmpty(picture.error));
}

}  // namespace

absl::Status CheckSort(const std::string& measure) {
  if (measure.empty()) return absl::OkStatus();
  std::vector<absl::string_view> names;
  for (const MeasureName& known : PictureMeasures()) {
    names.push_back(known.name);
  }
  return CheckMeasureName("--sort", measure, names);
}

void SortPictures(const std::string& measure, Comparison& comparison) {
  if (measure.empty()) return;
  const bool high_first = HigherIsBetter(measure);
  std::stable_sort(comparison.pictures.begin(), comparison.pictures.end(),
                   [&](const ComparedPicture& a, const ComparedPicture& b) {
                     const std::optional<double> of_a = MeasureIn(a, measure);
                     const std::optional<double> of_b = MeasureIn(b, measure);
                     if (!of_a.has_value() || !of_b.has_value()) {
                       return of_a.has_value() && !of_b.has_value();
                     }
                     return high_first ? *of_a > *of_b : *of_a < *of_b;
                   });
}

BestByName BestPictures(const Comparison& comparison) {
  BestByName best;
  for (const std::string& measure : NamesIn(comparison)) {
    if (BetterOf(measure) == Better::kNeither) continue;
    const double sign = HigherIsBetter(measure) ? 1 : -1;
    std::vector<size_t> at;
    size_t with_value = 0;
    for (size_t i = 0; i < comparison.pictures.size(); ++i) {
      const std::optional<double> value =
          MeasureIn(comparison.pictures[i], measure);
      if (!value.has_value()) continue;
      ++with_value;
      const double gain =
          at.empty() ? 0
                     : sign * (*value -
                               *MeasureIn(comparison.pictures[at[0]], measure));
      if (gain > 0) at.clear();
      if (gain >= 0) at.push_back(i);
    }
    if (at.size() < with_value) best[measure] = std::move(at);
  }
  return best;
}

ComparisonText TextOf(const Comparison& comparison, const std::string& sort,
                      int columns) {
  const BestByName best = BestPictures(comparison);
  ComparisonText text;
  const size_t pictures = comparison.pictures.size();
  if (pictures <= kMostAcross) {
    text.table = WithPicturesAcross(comparison, best, ShortNames(comparison));
    if (pictures == 1 || WidthOf(text.table) <= columns) return text;
    std::string numbered = WithNumbersAcross(comparison, best);
    if (WidthOf(numbered) <= columns) {
      text.table = std::move(numbered);
      return text;
    }
  }
  const std::vector<std::string> all = NamesIn(comparison);
  std::vector<std::string> shown = MainIn(all, sort);
  text.table = WithPicturesDown(comparison, best, shown);
  while (shown.size() > 1 && WidthOf(text.table) > columns) {
    shown.pop_back();
    text.table = WithPicturesDown(comparison, best, shown);
  }
  if (shown.size() < all.size()) {
    text.left_out = absl::StrCat(shown.size(), " of ", all.size(),
                                 " measures are shown; --json has all");
  }
  return text;
}

JsonObject ToJson(const Comparison& comparison, const std::string& sort) {
  std::vector<JsonObject> measures;
  for (const std::string& name : NamesIn(comparison)) {
    JsonObject& json = measures.emplace_back();
    absl::string_view unit;
    for (const MeasureName& known : PictureMeasures()) {
      if (known.name == name) unit = known.unit;
    }
    json.Add("name", name)
        .Add("unit", NullIfEmpty(std::string(unit)))
        .Add("better", Name(BetterOf(name)));
  }
  std::vector<JsonObject> images;
  for (const ComparedPicture& picture : comparison.pictures) {
    images.push_back(PictureJson(picture));
  }
  JsonObject best;
  for (const auto& [name, at] : BestPictures(comparison)) best.Add(name, at);
  return JsonObject()
      .Add("format", kComparisonFormat)
      .Add("version", kComparisonVersion)
      .Add("made_by", "atelier " ATELIER_VERSION)
      .Add("measured_by", comparison.measured_by)
      .Add("sorted_by", NullIfEmpty(sort))
      .Add("measures", measures)
      .Add("images", images)
      .Add("best", best);
}

}  // namespace atelier
