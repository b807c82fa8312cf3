#include "client/lib/axis_labels.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/unicode.h"

namespace atelier {
namespace {

constexpr size_t kMaxCharacters = 64;

using Paths = std::vector<std::string>;

// The last `depth` parts of a path in normal form.
absl::string_view Tail(absl::string_view path, size_t depth) {
  size_t begin = path.size();
  while (depth > 0 && begin > 0) {
    begin = path.rfind('/', begin - 1);
    if (begin == absl::string_view::npos) return path;
    --depth;
  }
  if (depth > 0) return path;
  return begin + 1 < path.size() ? path.substr(begin + 1) : path;
}

std::string JoinedTails(const Paths& paths, size_t depth) {
  return absl::StrJoin(paths, ",",
                       [depth](std::string* out, const std::string& path) {
                         absl::StrAppend(out, PrintableText(Tail(path, depth)));
                       });
}

bool IsWholeAt(const Paths& paths, size_t depth) {
  return std::all_of(paths.begin(), paths.end(), [&](const std::string& path) {
    return Tail(path, depth) == path;
  });
}

// Labels the values at these positions, which read alike at any lesser depth.
void LabelFrom(const std::vector<Paths>& values,
               const std::vector<size_t>& positions, size_t depth,
               std::vector<std::string>& labels) {
  std::map<std::string, std::vector<size_t>> alike;
  for (size_t position : positions) {
    alike[JoinedTails(values[position], depth)].push_back(position);
  }
  for (const auto& [label, group] : alike) {
    const Paths& first = values[group.front()];
    const bool is_one =
        std::all_of(group.begin(), group.end(),
                    [&](size_t position) { return values[position] == first; });
    const bool can_grow = std::any_of(
        group.begin(), group.end(),
        [&](size_t position) { return !IsWholeAt(values[position], depth); });
    if (!is_one && can_grow) {
      LabelFrom(values, group, depth + 1, labels);
      continue;
    }
    for (size_t position : group) labels[position] = label;
  }
}

// Shortens the labels. Those that are alike then, though their paths are not,
// are counted.
void Shorten(const std::vector<Paths>& values,
             std::vector<std::string>& labels) {
  std::map<std::string, const Paths*> taken;
  for (size_t i = 0; i < labels.size(); ++i) {
    std::string label = ShortenedText(labels[i], kMaxCharacters);
    for (int count = 2;; ++count) {
      const auto [at, is_new] = taken.emplace(label, &values[i]);
      if (is_new || *at->second == values[i]) break;
      const std::string end = absl::StrCat("#", count);
      label = absl::StrCat(
          ShortenedText(labels[i], kMaxCharacters - end.size()), end);
    }
    labels[i] = std::move(label);
  }
}

}  // namespace

bool IsLabel(absl::string_view text) {
  const size_t characters = CountCharacters(text);
  return characters >= 1 && characters <= kMaxCharacters &&
         PrintableText(text) == text;
}

std::vector<std::string> LabelsOfFiles(
    const std::vector<std::vector<std::string>>& values) {
  std::vector<Paths> normal = values;
  for (Paths& paths : normal) {
    for (std::string& path : paths) {
      path = std::filesystem::path(path).lexically_normal().string();
    }
  }
  std::vector<size_t> positions(normal.size());
  std::iota(positions.begin(), positions.end(), 0);
  std::vector<std::string> labels(normal.size());
  LabelFrom(normal, positions, 1, labels);
  Shorten(normal, labels);
  return labels;
}

}  // namespace atelier
