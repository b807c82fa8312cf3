#include "client/lib/axis_ranges.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// Digits beyond those that tell neighbours apart.
constexpr int kMoreDigits = 5;
// Of a step: what its multiples may be off by.
constexpr double kSlack = 1e-9;
// Whole numbers up to here are written without an exponent.
constexpr double kMostPlain = 1e15;

double ParsedAs(const std::string& text) {
  double value = 0;
  return absl::SimpleAtod(text, &value) ? value : 0;
}

// The fewest digits that are this number.
std::string ShortText(double value) {
  if (value == 0) return "0";
  if (std::abs(value) < kMostPlain && value == std::floor(value)) {
    return absl::StrFormat("%.0f", value);
  }
  constexpr int kEnough = std::numeric_limits<double>::max_digits10;
  for (int digits = 1; digits < kEnough; ++digits) {
    std::string text = absl::StrFormat("%.*g", digits, value);
    if (ParsedAs(text) == value) return text;
  }
  return absl::StrFormat("%.*g", kEnough, value);
}

// Among numbers that are `step` apart.
std::string RoundedText(double value, double step) {
  const int decimals =
      kMoreDigits - static_cast<int>(std::floor(std::log10(std::abs(step))));
  const double unit = std::pow(10.0, decimals);
  if (!std::isfinite(unit * value)) return ShortText(value);
  return ShortText(ParsedAs(absl::StrFormat("%.*f", std::max(decimals, 0),
                                            std::round(value * unit) / unit)));
}

absl::Status CheckCount(int64_t count, int64_t most) {
  if (count >= 2 && count <= most) return absl::OkStatus();
  return InvalidArgument("count: ", count, " is not 2 to ", most);
}

absl::Status CheckEnds(double from, double to) {
  if (from != to) return absl::OkStatus();
  return InvalidArgument("both ends are ", ShortText(from));
}

absl::Status TooMany(int64_t most) {
  return InvalidArgument("the range has more than ", most, " values");
}

}  // namespace

absl::StatusOr<std::vector<std::string>> SteppedRange(double from, double to,
                                                      double step,
                                                      int64_t most) {
  const double steps = std::floor((to - from) / step + kSlack);
  if (step == 0 || !(steps >= 0)) {
    return InvalidArgument("step: ", ShortText(step), " does not lead from ",
                           ShortText(from), " to ", ShortText(to));
  }
  if (steps >= static_cast<double>(most)) return TooMany(most);
  std::vector<std::string> texts;
  for (int64_t i = 0; i <= static_cast<int64_t>(steps); ++i) {
    texts.push_back(
        i == 0 ? ShortText(from)
               : RoundedText(from + static_cast<double>(i) * step, step));
  }
  return texts;
}

absl::StatusOr<std::vector<std::string>> CountedRange(double from, double to,
                                                      int64_t count,
                                                      int64_t most) {
  RETURN_IF_ERROR(CheckCount(count, most));
  RETURN_IF_ERROR(CheckEnds(from, to));
  // Not of the difference, which may be too large for a double.
  const auto steps = static_cast<double>(count - 1);
  const double step = to / steps - from / steps;
  std::vector<std::string> texts = {ShortText(from)};
  for (int64_t i = 1; i + 1 < count; ++i) {
    texts.push_back(RoundedText(from + static_cast<double>(i) * step, step));
  }
  texts.push_back(ShortText(to));
  return texts;
}

absl::StatusOr<std::vector<std::string>> LogRange(double from, double to,
                                                  int64_t count, int64_t most) {
  RETURN_IF_ERROR(CheckCount(count, most));
  RETURN_IF_ERROR(CheckEnds(from, to));
  if (!(from > 0 && to > 0)) {
    return InvalidArgument("log: ", ShortText(std::min(from, to)),
                           " is not above 0");
  }
  const double ratio =
      (std::log(to) - std::log(from)) / static_cast<double>(count - 1);
  std::vector<std::string> texts = {ShortText(from)};
  for (int64_t i = 1; i + 1 < count; ++i) {
    const double value = from * std::exp(ratio * static_cast<double>(i));
    texts.push_back(RoundedText(value, value));
  }
  texts.push_back(ShortText(to));
  return texts;
}

absl::StatusOr<std::optional<std::vector<std::string>>> WholeRange(
    absl::string_view text, int64_t most) {
  const auto is_whole = [](absl::string_view part, uint64_t* value) {
    return !part.empty() &&
           std::all_of(
               part.begin(), part.end(),
               [](unsigned char c) { return absl::ascii_isdigit(c); }) &&
           absl::SimpleAtoi(part, value);
  };
  const std::pair<absl::string_view, absl::string_view> range_and_step =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  const std::pair<absl::string_view, absl::string_view> ends =
      absl::StrSplit(range_and_step.first, absl::MaxSplits('-', 1));
  uint64_t first = 0;
  uint64_t last = 0;
  uint64_t step = 1;
  const bool has_step = range_and_step.first.size() != text.size();
  if (!is_whole(ends.first, &first) || !is_whole(ends.second, &last) ||
      (has_step && !is_whole(range_and_step.second, &step))) {
    return std::nullopt;
  }
  if (last < first || step == 0) {
    return InvalidArgument("'", text,
                           "' is no range; write FIRST-LAST or "
                           "FIRST-LAST:STEP, the last not below the first");
  }
  // To other readers of YAML a zero before it makes a number octal.
  const std::string plain = absl::StrCat(first, "-", last, has_step ? ":" : "",
                                         has_step ? absl::StrCat(step) : "");
  if (plain != text) {
    return InvalidArgument("'", text, "' is no range; write ", plain);
  }
  const uint64_t steps = (last - first) / step;
  if (steps >= static_cast<uint64_t>(most)) return TooMany(most);
  std::vector<std::string> texts;
  for (uint64_t i = 0; i <= steps; ++i) {
    texts.push_back(absl::StrCat(first + i * step));
  }
  return texts;
}

}  // namespace atelier
