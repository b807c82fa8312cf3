#include "common/cli/command_help.h"

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/cli/command_line.h"
#include "common/cli/suggestions.h"

namespace atelier {
namespace {

// "TEXT:{one,two}": what IsMember adds to the name of a value.
constexpr absl::string_view kMembers = ":{";

bool IsNameOfFiles(absl::string_view word) {
  return word == "FILE" || word == "DIR" || word == "SPEC";
}

// What the name of a value says of it: words in small letters are choices.
void ReadValueName(OptionHelp& option) {
  absl::string_view name = option.value_name;
  if (const size_t at = name.find(kMembers); at != absl::string_view::npos) {
    absl::string_view members = name.substr(at + kMembers.size());
    absl::ConsumeSuffix(&members, "}");
    option.choices = absl::StrSplit(members, ',');
    option.value_name = std::string(name.substr(0, at));
    return;
  }
  for (absl::string_view word : absl::StrSplit(name, '|')) {
    if (IsNameOfFiles(word)) {
      option.takes_files = true;
    } else if (!word.empty() && word[0] >= 'a' && word[0] <= 'z') {
      option.choices.emplace_back(word);
    }
  }
}

std::vector<std::string> Suggestions(CLI::Option& option) {
  std::vector<std::string> words;
  try {
    for (int i = 0; words.empty(); ++i) {
      words = SuggestionsOf(option.get_validator(i)->get_name());
    }
  } catch (const CLI::OptionNotFound&) {
    // There are no more.
  }
  return words;
}

OptionHelp HelpOf(CLI::Option& from) {
  OptionHelp option;
  option.positional = from.get_positional();
  for (const std::string& name : from.get_lnames()) {
    option.names.push_back(absl::StrCat("--", name));
  }
  for (const std::string& name : from.get_snames()) {
    option.names.push_back(absl::StrCat("-", name));
  }
  if (option.positional) option.names = {from.get_name(/*positional=*/true)};
  option.takes_value = from.get_expected_max() > 0;
  option.required = from.get_required();
  option.repeats = from.get_expected_max() > 1;
  if (option.takes_value) {
    option.value_name = from.get_type_name();
    ReadValueName(option);
    if (option.choices.empty()) option.choices = Suggestions(from);
  }
  option.value = from.get_default_str();
  option.help = from.get_description();
  option.group = from.get_group();
  return option;
}

CommandHelp HelpOf(CLI::App& app) {
  CommandHelp help;
  help.name = app.get_name();
  help.about = app.get_description();
  help.group = app.get_group();
  help.footer = app.get_footer();
  for (CLI::Option* const option : app.get_options()) {
    help.options.push_back(HelpOf(*option));
  }
  for (CLI::App* const command :
       app.get_subcommands([](CLI::App* /*command*/) { return true; })) {
    help.commands.push_back(HelpOf(*command));
  }
  return help;
}

}  // namespace

CommandHelp Command::Help() const { return HelpOf(app_); }

}  // namespace atelier
