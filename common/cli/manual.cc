#include "common/cli/manual.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace atelier {
namespace {

// A line of text: nothing in it is a request, and hyphens can be copied.
std::string Escaped(absl::string_view text) {
  const std::string escaped =
      absl::StrReplaceAll(text, {{"\\", "\\e"}, {"-", "\\-"}});
  const bool is_request =
      absl::StartsWith(text, ".") || absl::StartsWith(text, "'");
  return is_request ? absl::StrCat("\\&", escaped) : escaped;
}

std::string InQuotes(absl::string_view text) {
  return absl::StrCat(
      "\"", absl::StrReplaceAll(Escaped(text), {{"\"", "\\(dq"}}), "\"");
}

std::string Preformatted(absl::string_view text) {
  std::string lines = ".nf\n";
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    absl::StrAppend(&lines, Escaped(line), "\n");
  }
  return absl::StrCat(lines, ".fi\n");
}

// "\fB--output\fR, \fB-o\fR \fIFILE\fR".
std::string Heading(const OptionHelp& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) {
    names.push_back(absl::StrCat(option.positional ? "\\fI" : "\\fB",
                                 Escaped(name), "\\fR"));
  }
  std::string heading = absl::StrJoin(names, ", ");
  if (option.takes_value && !option.positional) {
    absl::StrAppend(&heading, " \\fI",
                    Escaped(option.choices.empty() || option.takes_files
                                ? option.value_name
                                : absl::StrJoin(option.choices, "|")),
                    "\\fR");
  }
  if (option.repeats) absl::StrAppend(&heading, " ...");
  return heading;
}

std::string Options(const std::vector<OptionHelp>& options) {
  std::string text;
  std::string group = "Options";  // Of those that name none.
  for (const OptionHelp& option : options) {
    if (option.group != group && !option.positional) {
      group = option.group;
      absl::StrAppend(&text, ".PP\n", Escaped(group), ":\n");
    }
    absl::StrAppend(&text, ".TP\n", Heading(option), "\n",
                    Escaped(option.help.empty() ? "\\&" : option.help),
                    option.required ? " (required)" : "",
                    option.value.empty()
                        ? ""
                        : absl::StrCat(" [", Escaped(option.value), "]"),
                    "\n");
  }
  return text;
}

std::string Synopsis(const std::string& name, const CommandHelp& command) {
  std::string line = absl::StrCat("\\fB", Escaped(name), "\\fR");
  for (const OptionHelp& option : command.options) {
    if (!option.positional) continue;
    absl::StrAppend(&line, " ", option.required ? "" : "[", "\\fI",
                    Escaped(option.names[0]), "\\fR",
                    option.required ? "" : "]");
  }
  if (!command.commands.empty()) absl::StrAppend(&line, " \\fICOMMAND\\fR");
  return absl::StrCat(line, " [\\fIOPTIONS\\fR]\n");
}

void AddCommand(const std::string& above, const CommandHelp& command,
                std::string& text) {
  const std::string name = absl::StrCat(above, " ", command.name);
  absl::StrAppend(&text, ".SS ", InQuotes(name), "\n", Escaped(command.about),
                  ".\n.PP\n", Synopsis(name, command),
                  Options(command.options));
  if (!command.footer.empty()) {
    absl::StrAppend(&text, ".PP\n", Preformatted(command.footer));
  }
  for (const CommandHelp& below : command.commands) {
    AddCommand(name, below, text);
  }
}

}  // namespace

std::string ManualPage(const CommandHelp& program, absl::string_view version) {
  std::string text =
      absl::StrCat(".TH ", InQuotes(absl::AsciiStrToUpper(program.name)),
                   " 1 \"\" ", InQuotes(version), "\n.SH NAME\n",
                   Escaped(program.name), " \\- ", Escaped(program.about),
                   "\n.SH SYNOPSIS\n", Synopsis(program.name, program),
                   ".SH OPTIONS\n", Options(program.options));
  if (!program.commands.empty()) absl::StrAppend(&text, ".SH COMMANDS\n");
  for (const CommandHelp& command : program.commands) {
    AddCommand(program.name, command, text);
  }
  if (!program.footer.empty()) {
    absl::StrAppend(&text, ".SH NOTES\n", Preformatted(program.footer));
  }
  return text;
}

}  // namespace atelier
