#include "common/cli/command_line.h"

#include <algorithm>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/cli/argument_reader.h"
#include "common/nearest.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr size_t kMostLineBytes = 2000;
constexpr size_t kLastBytes = 400;

// What follows the last `mark` of CLI11's message; the value before it may hold
// anything, and be of any length.
absl::string_view After(absl::string_view message, absl::string_view mark) {
  const size_t at = message.rfind(mark);
  return at == absl::string_view::npos ? absl::string_view()
                                       : message.substr(at + mark.size());
}

std::string Allowed(absl::string_view message, const std::string& value) {
  if (const auto range = After(message, " not in range "); !range.empty()) {
    return absl::StrCat("; from ", range);
  }
  if (auto members = After(message, " not in {"); !members.empty()) {
    absl::ConsumeSuffix(&members, "}");
    const std::vector<absl::string_view> words = absl::StrSplit(members, ',');
    const absl::string_view nearest = Nearest(value, words);
    return absl::StrCat(
        "; one of ", absl::StrJoin(words, ", "),
        nearest.empty() ? "" : absl::StrCat("; did you mean '", nearest, "'?"));
  }
  if (absl::StrContains(message, "unit not recognized") ||
      absl::StrContains(message, "unit provided")) {
    return "; bytes, as 500MB or 4GB";
  }
  return absl::StartsWith(message, "Could not convert") ? "; a number" : "";
}

// CLI11's words for a value that it does not take, made ours.
std::string Reword(absl::string_view message, const ArgumentReader& reader) {
  for (const auto& [name, value] : reader.values()) {
    if (absl::StartsWith(message, absl::StrCat(name, ": ")) ||
        absl::StartsWith(message,
                         absl::StrCat("Could not convert: ", name, " = "))) {
      return absl::StrCat(name, ": ", Quoted(value), " is not allowed",
                          Allowed(message, value));
    }
  }
  return std::string(message);
}

absl::Status BadCommandLine(absl::string_view what,
                            const ArgumentReader& reader) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, " (see '", reader.CommandName(), " --help')"));
}

}  // namespace

absl::StatusOr<bool> ParseCommandLine(CLI::App& app,
                                      const std::vector<std::string>& arguments,
                                      std::ostream& out) {
  ArgumentReader reader(app);
  if (const absl::Status read = reader.Read(arguments); !read.ok()) {
    return BadCommandLine(read.message(), reader);
  }
  std::vector<std::string> canonical = reader.canonical();
  // CLI11 takes them from the back.
  std::reverse(canonical.begin(), canonical.end());
  try {
    app.parse(std::move(canonical));
  } catch (const CLI::Success& answer) {
    app.exit(answer, out, out);
    return false;
  } catch (const CLI::ParseError& error) {
    return BadCommandLine(Reword(error.what(), reader), reader);
  }
  return true;
}

std::vector<std::string> ArgumentsOf(int argc, char** argv) {
  return {argv + std::min(argc, 1), argv + argc};
}

std::string ErrorLine(absl::string_view program, absl::string_view message) {
  std::string text = EscapedText(absl::StrReplaceAll(message, {{"\n", " "}}));
  if (text.size() > kMostLineBytes) {
    // What is wrong with a long name stands behind it.
    absl::string_view tail =
        absl::string_view(text).substr(text.size() - kLastBytes);
    while (!IsUtf8(tail)) tail.remove_prefix(1);
    text = absl::StrCat(ClippedText(text, kMostLineBytes - kLastBytes), tail);
  }
  return absl::StrCat(program, ": ", text, "\n");
}

}  // namespace atelier
