#include "common/number_text.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/quoted_text.h"

namespace atelier {
namespace {

// Longer texts are not corrected.
constexpr size_t kLongestMeant = 64;

bool AreDigits(absl::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_isdigit(c); });
}

// Takes the digits that a text begins with off it.
absl::string_view TakeDigits(absl::string_view& text) {
  size_t count = 0;
  while (count < text.size() && absl::ascii_isdigit(text[count])) ++count;
  const absl::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

bool TakeSign(absl::string_view& text) {
  const bool is_negative = absl::StartsWith(text, "-");
  if (is_negative || absl::StartsWith(text, "+")) text.remove_prefix(1);
  return is_negative;
}

struct Decimal {
  bool is_negative = false;
  absl::string_view whole;
  absl::string_view fraction;
  int exponent = 0;
};

std::optional<Decimal> ParseDecimal(absl::string_view text) {
  Decimal decimal;
  decimal.is_negative = TakeSign(text);
  decimal.whole = TakeDigits(text);
  if (absl::ConsumePrefix(&text, ".")) decimal.fraction = TakeDigits(text);
  if (decimal.whole.empty() && decimal.fraction.empty()) return std::nullopt;
  if (decimal.whole.size() > 1 && decimal.whole[0] == '0') return std::nullopt;
  if (text.empty()) return decimal;
  if (absl::ascii_tolower(text[0]) != 'e') return std::nullopt;
  text.remove_prefix(1);
  const bool is_small = TakeSign(text);
  if (!AreDigits(text)) return std::nullopt;
  // Beyond these every exponent is alike.
  constexpr int kMostExponent = 1'000'000;
  int exponent = 0;
  if (!absl::SimpleAtoi(text, &exponent)) exponent = kMostExponent;
  exponent = std::min(exponent, kMostExponent);
  decimal.exponent = is_small ? -exponent : exponent;
  return decimal;
}

// The digits of a whole number, with a sign; empty for any other.
std::string WholeDigits(absl::string_view text) {
  constexpr int64_t kMostDigits = 20;  // Of an uint64_t.
  const std::optional<Decimal> decimal = ParseDecimal(text);
  if (!decimal.has_value()) return "";
  std::string digits = absl::StrCat(decimal->whole, decimal->fraction);
  const size_t zeros = std::min(digits.find_first_not_of('0'), digits.size());
  if (zeros == digits.size()) return "0";
  digits.erase(0, zeros);
  // Where the point is among those digits.
  const int64_t point = static_cast<int64_t>(decimal->whole.size()) -
                        static_cast<int64_t>(zeros) + decimal->exponent;
  if (point <= 0 || point > kMostDigits) return "";
  const auto size = static_cast<size_t>(point);
  if (digits.find_first_not_of('0', size) != std::string::npos) return "";
  digits.resize(size, '0');
  return absl::StrCat(decimal->is_negative ? "-" : "", digits);
}

template <typename Integer>
bool ReadWhole(absl::string_view text, Integer& value) {
  return absl::SimpleAtoi(WholeDigits(absl::StripAsciiWhitespace(text)),
                          &value);
}

// "0x10", "0o17", "0b101".
std::string MeantOfBase(absl::string_view body) {
  int base = 0;
  for (const auto& [prefix, of_prefix] :
       {std::pair{"0x", 16}, {"0o", 8}, {"0b", 2}}) {
    if (!absl::ConsumePrefix(&body, prefix)) continue;
    base = of_prefix;
    break;
  }
  uint64_t value = 0;
  for (const char digit : body) {
    const char* const kDigits = "0123456789abcdef";
    const char* const at = std::find(kDigits, kDigits + base, digit);
    constexpr uint64_t kMost = uint64_t{1} << 59;
    if (at == kDigits + base || value >= kMost) return "";
    value = value * base + (at - kDigits);
  }
  return base == 0 || body.empty() ? "" : absl::StrCat(value);
}

// "12:30", in base 60 as YAML 1.1 has it.
std::string MeantOfSixties(absl::string_view body) {
  constexpr size_t kMostParts = 4;
  const std::vector<absl::string_view> parts = absl::StrSplit(body, ':');
  if (parts.size() < 2 || parts.size() > kMostParts) return "";
  uint64_t value = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    uint64_t part = 0;
    const size_t most_digits = i == 0 ? 9 : 2;
    if (!AreDigits(parts[i]) || parts[i].size() > most_digits ||
        !absl::SimpleAtoi(parts[i], &part) || (i > 0 && part >= 60)) {
      return "";
    }
    value = value * 60 + part;
  }
  return absl::StrCat(value);
}

// "1,000" without its separators, "1,5" with a point.
std::string WithoutSeparators(absl::string_view body) {
  std::string text = absl::StrReplaceAll(body, {{"_", ""}});
  for (const char separator : {',', ' ', '\''}) {
    const std::vector<absl::string_view> parts =
        absl::StrSplit(text, separator);
    if (parts.size() == 1) continue;
    const bool are_thousands =
        AreDigits(parts[0]) && parts[0].size() <= 3 &&
        std::all_of(parts.begin() + 1, parts.end(), [](absl::string_view part) {
          return AreDigits(part.substr(0, 3)) && part.size() >= 3 &&
                 (part.size() == 3 || part[3] == '.');
        });
    if (are_thousands) return absl::StrJoin(parts, "");
    if (separator == ',' && parts.size() == 2) {
      return absl::StrCat(parts[0], ".", parts[1]);
    }
    return "";
  }
  return text;
}

// The number that was meant by a text that is none; empty where nobody can say.
std::string Meant(absl::string_view text) {
  const bool is_negative = TakeSign(text);
  const std::string body = absl::AsciiStrToLower(text);
  std::string meant = MeantOfBase(absl::StrReplaceAll(body, {{"_", ""}}));
  if (meant.empty()) meant = MeantOfSixties(body);
  if (meant.empty()) {
    meant = WithoutSeparators(body);
    while (meant.size() > 1 && meant[0] == '0' &&
           absl::ascii_isdigit(meant[1])) {
      meant.erase(0, 1);
    }
  }
  if (is_negative) meant.insert(0, "-");
  return ParseDecimal(meant).has_value() ? meant : "";
}

// The nearest whole number, where a double knows it exactly.
std::string Rounded(absl::string_view text) {
  constexpr double kMostExact = 1e15;
  double value = 0;
  if (!ReadNumber(text, value) || std::abs(value) > kMostExact) return "";
  return absl::StrCat(std::llround(value));
}

}  // namespace

bool ReadNumber(absl::string_view text, double& value) {
  text = absl::StripAsciiWhitespace(text);
  return ParseDecimal(text).has_value() && absl::SimpleAtod(text, &value) &&
         std::isfinite(value);
}

bool ReadNumber(absl::string_view text, int& value) {
  return ReadWhole(text, value);
}

bool ReadNumber(absl::string_view text, int64_t& value) {
  return ReadWhole(text, value);
}

bool ReadNumber(absl::string_view text, uint64_t& value) {
  return ReadWhole(text, value);
}

std::string NumberCorrection(
    absl::string_view text, NumberKind kind,
    absl::FunctionRef<bool(absl::string_view)> is_allowed) {
  const absl::string_view word = absl::StripAsciiWhitespace(text);
  if (word.size() > kLongestMeant) return "";
  const bool is_decimal = ParseDecimal(word).has_value();
  const bool is_taken = kind == NumberKind::kAny || !WholeDigits(word).empty();
  if (is_decimal && is_taken) return "";
  const std::string meant = is_decimal ? Rounded(word) : Meant(word);
  if (meant.empty() || !is_allowed(meant)) return "";
  return absl::StrCat(Quoted(text), " is not a ", is_decimal ? "whole " : "",
                      "number; write ", meant);
}

}  // namespace atelier
