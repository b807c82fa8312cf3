#include "common/cli/argument_reader.h"

#include <algorithm>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/cli/command_line.h"
#include "common/nearest.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr char kEndOfFlags[] = "--";
constexpr size_t kMostNamed = 8;

bool TakesValue(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

// "-o" of "-oFILE" and "-o=FILE", "--output" of "--output=FILE".
absl::string_view NameOf(absl::string_view argument) {
  if (absl::StartsWith(argument, "--")) {
    return argument.substr(0, argument.find('='));
  }
  return argument.substr(0, 2);
}

bool LooksLikeFlag(absl::string_view argument) {
  if (argument.size() < 2 || argument[0] != '-') return false;
  const auto second = static_cast<unsigned char>(argument[1]);
  return !absl::ascii_isdigit(second) && second != '.';
}

// What word processors make of "--" and "-".
std::string WithHyphens(absl::string_view argument) {
  for (absl::string_view dash :
       {"\xe2\x80\x94", "\xe2\x80\x93", "\xe2\x88\x92", "\xe2\x80\x90"}) {
    if (absl::ConsumePrefix(&argument, dash)) {
      return absl::StrCat("--", absl::StripPrefix(argument, "-"));
    }
  }
  return "";
}

std::string List(const std::vector<std::string>& words) {
  const size_t shown = std::min(words.size(), kMostNamed);
  std::string text =
      absl::StrJoin(words.begin(), words.begin() + shown, " ",
                    [](std::string* out, const std::string& word) {
                      absl::StrAppend(out, Quoted(word));
                    });
  if (shown < words.size()) {
    absl::StrAppend(&text, " and ", words.size() - shown, " more");
  }
  return text;
}

std::vector<absl::string_view> FlagNames(const CLI::App& command,
                                         std::vector<std::string>& storage) {
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      storage.push_back(absl::StrCat("--", name));
    }
  }
  return {storage.begin(), storage.end()};
}

}  // namespace

std::vector<const CLI::App*> ArgumentReader::Commands() const {
  return command_->get_subcommands([](const CLI::App*) { return true; });
}

std::vector<const CLI::Option*> ArgumentReader::Positionals() const {
  return command_->get_options(
      [](const CLI::Option* option) { return option->get_positional(); });
}

const CLI::Option* ArgumentReader::FindFlag(absl::string_view argument) const {
  if (!LooksLikeFlag(argument)) return nullptr;
  const std::string name(NameOf(argument));
  for (const CLI::Option* option : command_->get_options()) {
    if (!option->get_positional() && option->check_name(name)) return option;
  }
  return nullptr;
}

std::string ArgumentReader::CommandName() const {
  const CLI::App* root = command_;
  while (root->get_parent() != nullptr) root = root->get_parent();
  return absl::StrCat(root->get_name(), path_.empty() ? "" : " ",
                      absl::StrJoin(path_, " "));
}

std::vector<std::string> ArgumentReader::canonical() const {
  Arguments all = path_;
  all.insert(all.end(), flags_.begin(), flags_.end());
  if (!words_.empty()) all.emplace_back(kEndOfFlags);
  all.insert(all.end(), words_.begin(), words_.end());
  return all;
}

// Whoever is lost asks anywhere on the line, or as git and others have it: tool
// help command.
bool ArgumentReader::AsksForHelp(const Arguments& arguments) {
  const auto end = std::find(arguments.begin(), arguments.end(), kEndOfFlags);
  auto asks =
      std::find_if(arguments.begin(), end, [](const std::string& argument) {
        return argument == "--help" || argument == "-h";
      });
  const bool is_command =
      !arguments.empty() && arguments[0] == "help" && !Commands().empty();
  if (asks == end && !is_command) return false;
  for (auto at = arguments.begin(); at != asks; ++at) {
    for (const CLI::App* command : Commands()) {
      if (command->get_name() != *at) continue;
      command_ = command;
      path_.push_back(*at);
      break;
    }
  }
  flags_ = {"--help"};
  return true;
}

absl::Status ArgumentReader::UnknownFlag(const std::string& argument) const {
  const std::string name = argument.substr(0, argument.find('='));
  for (const CLI::App* command : Commands()) {
    const CLI::Option* const option = command->get_option_no_throw(name);
    if (option != nullptr && option->nonpositional()) {
      return InvalidArgument(
          "flag ", Quoted(name),
          " belongs to a command, and comes after it: ", CommandName(), " ",
          command->get_name(), " ", name);
    }
  }
  std::vector<std::string> storage;
  const std::string meant = WithHyphens(name);
  const absl::string_view nearest =
      Nearest(meant.empty() ? name : meant, FlagNames(*command_, storage));
  return InvalidArgument(
      "unknown flag ", Quoted(name),
      nearest.empty() ? "" : absl::StrCat("; did you mean '", nearest, "'?"));
}

absl::Status ArgumentReader::Take(const CLI::Option& option,
                                  const std::string& value) {
  const std::string name = option.get_name();
  if (value.empty()) return InvalidArgument(name, ": is empty");
  values_[name] = value;
  flags_.push_back(absl::StrCat(name, "=", value));
  return absl::OkStatus();
}

absl::Status ArgumentReader::TakeValue(const CLI::Option& option,
                                       const Arguments& arguments, size_t& at) {
  absl::string_view rest = arguments[at];
  const absl::string_view name = NameOf(rest);
  rest.remove_prefix(name.size());
  const bool has_sign = absl::ConsumePrefix(&rest, "=");
  if (has_sign || !rest.empty()) return Take(option, std::string(rest));
  const bool is_last = at + 1 == arguments.size();
  if (is_last || arguments[at + 1] == kEndOfFlags) {
    return InvalidArgument(option.get_name(), ": a value is missing");
  }
  const std::string& next = arguments[at + 1];
  if (FindFlag(next) != nullptr) {
    return InvalidArgument(option.get_name(), ": a value is missing before ",
                           Quoted(next), "; one that looks like a flag is ",
                           "written ", option.get_name(), "=VALUE");
  }
  ++at;
  return Take(option, next);
}

absl::Status ArgumentReader::ReadFlag(const Arguments& arguments, size_t& at) {
  const std::string& argument = arguments[at];
  const CLI::Option* const option = FindFlag(argument);
  // "-output" is no "-o" with the value "utput".
  const bool lacks_hyphen = NameOf(argument).size() < argument.size() &&
                            argument[1] != '-' &&
                            FindFlag(absl::StrCat("-", argument)) != nullptr;
  if (option == nullptr || lacks_hyphen) return UnknownFlag(argument);
  if (TakesValue(*option)) return TakeValue(*option, arguments, at);
  if (argument == NameOf(argument)) {
    values_[option->get_name()] = "";
    flags_.push_back(option->get_name());
    return absl::OkStatus();
  }
  const std::string value = argument.substr(argument.find('=') + 1);
  if (absl::StartsWith(argument, "--") &&
      (value == "true" || value == "false")) {
    flags_.push_back(absl::StrCat(option->get_name(), "=", value));
    return absl::OkStatus();
  }
  return InvalidArgument(option->get_name(), ": takes no value; ",
                         Quoted(argument), " was given");
}

absl::Status ArgumentReader::ReadWord(const std::string& word) {
  const std::vector<const CLI::App*> commands = Commands();
  if (commands.empty() || !Positionals().empty()) {
    words_.push_back(word);
    return absl::OkStatus();
  }
  std::vector<absl::string_view> names;
  for (const CLI::App* command : commands) {
    if (command->get_name() == word) {
      command_ = command;
      path_.push_back(word);
      return absl::OkStatus();
    }
    names.push_back(command->get_name());
  }
  return InvalidArgument("unknown command ", Quoted(word),
                         Suggest(word, names));
}

absl::Status ArgumentReader::CheckCount() {
  const std::vector<const CLI::Option*> positionals = Positionals();
  // One that collects comes last, and takes all that is left.
  const bool is_open =
      !positionals.empty() && positionals.back()->get_expected_max() > 1;
  const size_t room = is_open ? std::max(positionals.size(), words_.size())
                              : positionals.size();
  for (size_t i = 0; i < std::min(room, words_.size()); ++i) {
    const std::string name =
        positionals[std::min(i, positionals.size() - 1)]->get_name(
            /*positional=*/true);
    if (words_[i].empty()) return InvalidArgument(name, ": is empty");
    values_[name] = words_[i];
  }
  if (words_.size() <= room) return absl::OkStatus();
  const Arguments extra(words_.begin() + static_cast<ptrdiff_t>(room),
                        words_.end());
  return InvalidArgument("unexpected argument", extra.size() > 1 ? "s" : "",
                         ": ", List(extra));
}

absl::Status ArgumentReader::CheckRequired() const {
  const std::vector<const CLI::App*> commands = Commands();
  if (!commands.empty() && command_->get_require_subcommand_min() > 0) {
    std::vector<std::string> names;
    for (const CLI::App* command : commands) {
      names.push_back(command->get_name());
    }
    return InvalidArgument("a subcommand is required: ",
                           absl::StrJoin(names, ", "));
  }
  std::vector<std::string> missing;
  size_t words = words_.size();
  for (const CLI::Option* option : command_->get_options()) {
    const std::string name = option->get_name(option->get_positional());
    const bool is_there = option->get_positional()
                              ? words > 0 && words-- > 0
                              : values_.count(option->get_name()) > 0;
    if (option->get_required() && !is_there) missing.push_back(name);
  }
  return missing.empty() ? absl::OkStatus() : MissingArguments(missing);
}

absl::Status ArgumentReader::Read(const Arguments& arguments) {
  if (AsksForHelp(arguments)) return absl::OkStatus();
  bool is_past_flags = false;
  for (size_t at = 0; at < arguments.size(); ++at) {
    const std::string& argument = arguments[at];
    absl::Status status;
    if (is_past_flags) {
      words_.push_back(argument);
    } else if (argument == kEndOfFlags) {
      is_past_flags = true;
    } else if (const std::string meant = WithHyphens(argument);
               LooksLikeFlag(argument) || FindFlag(meant) != nullptr) {
      status = meant.empty() ? ReadFlag(arguments, at) : UnknownFlag(argument);
    } else {
      status = ReadWord(argument);
    }
    if (!status.ok()) return status;
  }
  // What only asks needs nothing that is required.
  for (const char* const asks : {"--version", "--manual", "--completion"}) {
    if (values_.count(asks) > 0) return absl::OkStatus();
  }
  const absl::Status count = CheckCount();
  return count.ok() ? CheckRequired() : count;
}

}  // namespace atelier
