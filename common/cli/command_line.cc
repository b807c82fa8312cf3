#include "common/cli/command_line.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/cli/argument_reader.h"
#include "common/cli/completion.h"
#include "common/cli/manual.h"
#include "common/cli/suggestions.h"
#include "common/nearest.h"
#include "common/number_text.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr size_t kMostLineBytes = 2000;
constexpr size_t kLastBytes = 400;
constexpr absl::string_view kWrite = "; write ";
constexpr char kSize[] = "SIZE";

// What follows the last `mark` of CLI11's message; the value before it may hold
// anything, and be of any length.
absl::string_view After(absl::string_view message, absl::string_view mark) {
  const size_t at = message.rfind(mark);
  return at == absl::string_view::npos ? absl::string_view()
                                       : message.substr(at + mark.size());
}

std::string Allowed(absl::string_view message, const std::string& value) {
  if (const auto meant = After(message, kWrite); !meant.empty()) {
    return absl::StrCat(kWrite, meant);
  }
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
  return InvalidArgument(what, " (see '", reader.CommandName(), " --help')");
}

bool Has(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Each time that it is given adds an entry: what follows one is the next
// argument, but for a positional.
Option Collecting(CLI::Option* option) {
  option->allow_extra_args(option->get_positional())
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  return Option(option);
}

// CLI11 takes 010 for 8, and 1_000 for 1000.
std::string Misread(const std::string& text) {
  double number = 0;
  if (ReadNumber(text, number)) return "";
  return NumberCorrection(text, NumberKind::kAny,
                          [](absl::string_view) { return true; });
}

// 1e3 becomes 1000, which CLI11 knows.
std::string ReadWhole(std::string& text) {
  int64_t number = 0;
  if (!ReadNumber(text, number)) {
    return NumberCorrection(text, NumberKind::kWhole,
                            [](absl::string_view) { return true; });
  }
  text = absl::StrCat(number);
  return "";
}

// The number of a text such as 500MB.
std::string MisreadBytes(const std::string& text) {
  return Misread(text.substr(0, text.find_first_of("kKmMgGtTbB ")));
}

// The default as people write it: "10GB", not 10737418240.
void ShowSize(CLI::Option& option) {
  int64_t bytes = 0;
  if (!absl::SimpleAtoi(option.get_default_str(), &bytes)) return;
  constexpr const char* kUnits[] = {"", "KB", "MB", "GB", "TB"};
  size_t unit = 0;
  while (bytes != 0 && bytes % 1024 == 0 && unit + 1 < std::size(kUnits)) {
    bytes /= 1024;
    ++unit;
  }
  option.default_str(absl::StrCat(bytes, kUnits[unit]));
}

CLI::Validator RefusedIf(std::string (*misread)(const std::string&)) {
  return CLI::Validator([misread](std::string& text) { return misread(text); },
                        /*validator_desc=*/"");
}

template <typename T>
constexpr bool kIsWhole =
    std::is_same_v<T, int> || std::is_same_v<T, int64_t> ||
    std::is_same_v<T, std::optional<int>> ||
    std::is_same_v<T, std::optional<int64_t>>;
template <typename T>
constexpr bool kIsFraction = std::is_same_v<T, std::optional<double>> ||
                             std::is_same_v<T, std::vector<double>>;

absl::Status CheckTextOf(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    const std::string type = option->get_type_name();
    if (absl::StrContains(type, "FILE") || type == "DIR" || type == "SPEC") {
      continue;
    }
    for (const std::string& text : option->results()) {
      if (IsUtf8(text)) continue;
      return InvalidArgument(option->get_name(), ": ", Quoted(text),
                             " is not text in UTF-8");
    }
  }
  for (const CLI::App* command : app.get_subcommands()) {
    RETURN_IF_ERROR(CheckTextOf(*command));
  }
  return absl::OkStatus();
}

}  // namespace

Option Option::Required() { return Option(option_->required()); }
Option Option::Type(const std::string& name) {
  return Option(option_->type_name(name));
}
Option Option::Group(const std::string& name) {
  return Option(option_->group(name));
}
Option Option::Once() {
  return Option(option_->expected(1)->multi_option_policy(
      CLI::MultiOptionPolicy::TakeLast));
}
Option Option::Range(int64_t least, int64_t most) {
  option_->description(absl::StrCat(option_->get_description(), " (from ",
                                    least, " to ", most, ")"));
  // Else it stands beside the name of the value, too.
  return Option(option_->check(CLI::Range(least, most).description("")));
}
Option Option::OneOf(const std::vector<std::string>& values) {
  return Option(option_->check(CLI::IsMember(values)));
}
Option Option::Suggest(const std::vector<std::string>& words) {
  if (words.empty()) return *this;
  // Checks nothing: its name keeps them for Command::Help.
  return Option(option_->check(
      CLI::Validator([](std::string& /*text*/) { return std::string(); },
                     /*validator_desc=*/"", SuggestionsName(words))));
}
Option Option::Bytes() {
  // Else it stands beside the name of the value, too.
  option_->type_name(kSize)->transform(
      CLI::AsSizeValue(/*kb_is_1000=*/false).description(""));
  ShowSize(*option_);
  return Option(option_->transform(RefusedIf(MisreadBytes)));  // Comes first.
}
Option Option::EnvironmentVariable(const std::string& name) {
  return Option(option_->envname(name));
}
Option Option::ShowDefault() {
  option_->capture_default_str();
  if (option_->get_type_name() == kSize) ShowSize(*option_);
  return *this;
}

Command::Command(const std::string& name, const std::string& about)
    : program_(std::make_unique<CLI::App>(about, name)), app_(*program_) {
  // As everywhere: scripts rely on it. Commands inherit it.
  app_.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

Command::Command(CLI::App& app) : app_(app) {}

Command::~Command() = default;

template <typename T>
Option Command::AddOption(const std::string& names, T& value,
                          const std::string& help) {
  CLI::Option* const option = app_.add_option(names, value, help);
  if constexpr (std::is_same_v<T, std::vector<double>>) option->delimiter(',');
  // CLI11 would say INT and FLOAT.
  if constexpr (kIsWhole<T> || kIsFraction<T>) {
    option->type_name(std::is_same_v<T, std::vector<double>> ? "N,N" : "N");
  }
  if constexpr (kIsWhole<T>) {
    option->transform(CLI::Validator(ReadWhole, /*validator_desc=*/""));
  } else if constexpr (kIsFraction<T>) {
    option->check(RefusedIf(Misread));
  }
  return option->get_expected_max() > 1 ? Collecting(option) : Option(option);
}

using Text = const std::string&;
template Option Command::AddOption(Text, std::string&, Text);
template Option Command::AddOption(Text, int&, Text);
template Option Command::AddOption(Text, int64_t&, Text);
template Option Command::AddOption(Text, std::optional<std::string>&, Text);
template Option Command::AddOption(Text, std::optional<int>&, Text);
template Option Command::AddOption(Text, std::optional<int64_t>&, Text);
template Option Command::AddOption(Text, std::optional<double>&, Text);
template Option Command::AddOption(Text, std::vector<std::string>&, Text);
template Option Command::AddOption(Text, std::vector<double>&, Text);

Option Command::AddOption(const std::string& names,
                          std::function<void(const std::string&)> take,
                          const std::string& help) {
  using Texts = std::vector<std::string>;
  return Collecting(app_.add_option_function<Texts>(
      names,
      [take = std::move(take)](const Texts& texts) {
        std::for_each(texts.begin(), texts.end(), take);
      },
      help));
}

Option Command::AddFlag(const std::string& names, bool& value,
                        const std::string& help) {
  return Option(app_.add_flag(names, value, help));
}

Command& Command::AddCommand(const std::string& name,
                             const std::string& about) {
  commands_.push_back(
      absl::WrapUnique(new Command(*app_.add_subcommand(name, about))));
  return *commands_.back();
}

Command& Command::Group(const std::string& name) {
  app_.group(name);
  return *this;
}

void Command::RequireCommand() { app_.require_subcommand(1); }

void Command::SetVersion(const std::string& text) {
  version_ = text;
  app_.set_version_flag("--version", text);
  // Parse answers them.
  app_.add_flag_function(
      "--manual", [](int64_t) {}, "Print the manual page, for man -l -");
  AddOption(
      "--completion", [](const std::string&) {},
      "Print what makes a shell complete this program's command lines")
      .Type("SHELL")
      .OneOf(CompletionShells())
      .Once();
}

void Command::SetFooter(const std::string& text) { app_.footer(text); }

bool Command::IsChosen() const { return app_.parsed(); }

std::vector<std::string> Command::GivenOptions() const {
  std::vector<std::string> names;
  for (const CLI::Option* option : app_.parse_order()) {
    names.push_back(option->get_name());
  }
  return names;
}

Command::Action Command::ChosenAction() const {
  for (const auto& command : commands_) {
    if (command->IsChosen()) return command->ChosenAction();
  }
  return action_;
}

absl::Status Command::CheckText() const { return CheckTextOf(app_); }

absl::StatusOr<bool> Command::Parse(const std::vector<std::string>& arguments,
                                    std::ostream& out) {
  ArgumentReader reader(app_);
  if (const absl::Status read = reader.Read(arguments); !read.ok()) {
    return BadCommandLine(read.message(), reader);
  }
  const auto shell = reader.values().find("--completion");
  if (shell != reader.values().end() &&
      Has(CompletionShells(), shell->second)) {
    out << CompletionScript(Help(), shell->second);
    return false;
  }
  if (reader.values().count("--manual") > 0) {
    out << ManualPage(Help(), version_);
    return false;
  }
  std::vector<std::string> canonical = reader.canonical();
  // CLI11 takes them from the back.
  std::reverse(canonical.begin(), canonical.end());
  try {
    app_.parse(std::move(canonical));
  } catch (const CLI::Success& answer) {
    app_.exit(answer, out, out);
    return false;
  } catch (const CLI::ParseError& error) {
    return BadCommandLine(Reword(error.what(), reader), reader);
  }
  return true;
}

absl::Status MissingArguments(std::vector<std::string> names) {
  if (names.size() == 1) return InvalidArgument(names[0], " is required");
  const std::string last = std::move(names.back());
  names.pop_back();
  return InvalidArgument(absl::StrJoin(names, ", "), " and ", last,
                         " are required");
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
