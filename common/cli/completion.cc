#include "common/cli/completion.h"

#include <functional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace atelier {
namespace {

// A command and those above it: {"weights", "list"}; empty for the program.
using Path = std::vector<std::string>;
using VisitCommand =
    std::function<void(const Path& path, const CommandHelp& command)>;

void VisitCommands(const Path& path, const CommandHelp& command,
                   const VisitCommand& visit) {
  visit(path, command);
  for (const CommandHelp& below : command.commands) {
    Path to = path;
    to.push_back(below.name);
    VisitCommands(to, below, visit);
  }
}

std::string Identifier(absl::string_view name) {
  return absl::StrReplaceAll(name, {{"-", "_"}});
}

// For a shell, between single quotes.
std::string SingleQuoted(absl::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

// The first line, as one word of the shell's script.
std::string Line(absl::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

std::vector<std::string> Words(const CommandHelp& command) {
  std::vector<std::string> words;
  for (const CommandHelp& below : command.commands) {
    words.push_back(below.name);
  }
  for (const OptionHelp& option : command.options) {
    if (option.positional) {
      words.insert(words.end(), option.choices.begin(), option.choices.end());
    } else {
      words.push_back(option.names[0]);
    }
  }
  return words;
}

bool TakesFilesAsWords(const CommandHelp& command) {
  for (const OptionHelp& option : command.options) {
    if (option.positional && option.takes_files) return true;
  }
  return false;
}

// The cases of a path and the word before: what completes a flag's value.
std::string BashValues(const Path& path, const CommandHelp& command) {
  std::string cases;
  for (const OptionHelp& option : command.options) {
    if (option.positional || !option.takes_value) continue;
    std::vector<std::string> patterns;
    for (const std::string& name : option.names) {
      patterns.push_back(
          SingleQuoted(absl::StrCat(absl::StrJoin(path, " "), " ", name)));
    }
    absl::StrAppend(&cases, "    ", absl::StrJoin(patterns, "|"), ") words=",
                    SingleQuoted(absl::StrJoin(option.choices, " ")),
                    " files=", option.takes_files ? "1" : "", " ;;\n");
  }
  return cases;
}

std::string BashScript(const CommandHelp& program) {
  const std::string function = absl::StrCat("_", Identifier(program.name));
  std::vector<std::string> paths;
  std::string values;
  std::string words;
  VisitCommands({}, program, [&](const Path& path, const CommandHelp& command) {
    const std::string text = absl::StrJoin(path, " ");
    if (!path.empty()) paths.push_back(SingleQuoted(text));
    values += BashValues(path, command);
    absl::StrAppend(&words, "      ", SingleQuoted(text), ") words=",
                    SingleQuoted(absl::StrJoin(Words(command), " ")),
                    " files=", TakesFilesAsWords(command) ? "1" : "", " ;;\n");
  });
  const std::string known =
      paths.empty() ? ""
                    : absl::StrCat(
                          "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
                          "    case \"${path:+$path }${COMP_WORDS[i]}\" in\n"
                          "      ",
                          absl::StrJoin(paths, " | "),
                          ") path=\"${path:+$path }${COMP_WORDS[i]}\" ;;\n"
                          "    esac\n"
                          "  done\n");
  return absl::StrCat(
      "# Completion of ", program.name, " for bash, made by '", program.name,
      " --completion bash'.\n", function,
      "() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} "
      "before=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  local path= words= files= i\n"
      // --flag=value is three words.
      "  if [ \"$before\" = = ]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
      "  if [ \"$cur\" = = ]; then cur=; fi\n",
      known, "  case \"$path $before\" in\n", values,
      "    *) case \"$path\" in\n", words,
      "    esac ;;\n"
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
      "  if [ -n \"$files\" ]; then\n"
      "    local IFS=$'\\n'\n"
      "    COMPREPLY+=($(compgen -f -- \"$cur\"))\n"
      "  fi\n"
      "}\n"
      "complete -o filenames -F ",
      function, " ", program.name, "\n");
}

// Of _arguments: within brackets and before colons.
std::string ZshEscaped(absl::string_view text) {
  return absl::StrReplaceAll(
      text, {{"\\", "\\\\"}, {"[", "\\["}, {"]", "\\]"}, {":", "\\:"}});
}

std::string ZshAction(const OptionHelp& option) {
  std::string words = absl::StrJoin(option.choices, " ");
  if (option.takes_files) {
    return words.empty() ? "_files"
                         : absl::StrCat("{_alternative \"words:word:(", words,
                                        ")\" \"files:file:_files\"}");
  }
  return words.empty() ? " " : absl::StrCat("(", words, ")");
}

std::string ZshValue(const OptionHelp& option) {
  if (!option.takes_value) return "";
  return absl::StrCat(":", ZshEscaped(option.value_name), ":",
                      ZshAction(option));
}

std::string ZshArguments(const CommandHelp& command) {
  std::string arguments;
  for (const OptionHelp& option : command.options) {
    if (option.positional) {
      absl::StrAppend(&arguments, " \\\n    ",
                      SingleQuoted(absl::StrCat(option.repeats ? "*:" : ":",
                                                ZshEscaped(option.names[0]),
                                                ":", ZshAction(option))));
      continue;
    }
    for (const std::string& name : option.names) {
      const bool is_long = name.size() > 2;
      absl::StrAppend(
          &arguments, " \\\n    ",
          SingleQuoted(absl::StrCat(
              option.repeats ? "*" : "", name,
              option.takes_value ? (is_long ? "=" : "+") : "", "[",
              ZshEscaped(Line(option.help)), "]", ZshValue(option))));
    }
  }
  return arguments;
}

std::string ZshFunction(const std::string& function,
                        const CommandHelp& command) {
  if (command.commands.empty()) {
    return absl::StrCat(function, "() {\n  _arguments -s",
                        ZshArguments(command), "\n}\n");
  }
  std::string commands;
  std::string calls;
  for (const CommandHelp& below : command.commands) {
    absl::StrAppend(&commands, "\n        ",
                    SingleQuoted(absl::StrCat(ZshEscaped(below.name), ":",
                                              Line(below.about))));
    absl::StrAppend(&calls, "        ", below.name, ") ", function, "_",
                    Identifier(below.name), " ;;\n");
  }
  return absl::StrCat(function,
                      "() {\n"
                      "  local context state line curcontext=\"$curcontext\"\n"
                      "  _arguments -C",
                      ZshArguments(command),
                      " \\\n    '1: :->command' '*:: :->arguments'\n"
                      "  case $state in\n"
                      "    command)\n"
                      "      local -a commands=(",
                      commands,
                      ")\n"
                      "      _describe command commands ;;\n"
                      "    arguments)\n"
                      "      case $words[1] in\n",
                      calls,
                      "      esac ;;\n"
                      "  esac\n"
                      "}\n");
}

std::string ZshScript(const CommandHelp& program) {
  const std::string name = absl::StrCat("_", Identifier(program.name));
  std::string script = absl::StrCat("#compdef ", program.name, "\n# Made by '",
                                    program.name, " --completion zsh'.\n");
  VisitCommands({}, program, [&](const Path& path, const CommandHelp& command) {
    std::string function = name;
    for (const std::string& part : path) {
      absl::StrAppend(&function, "_", Identifier(part));
    }
    script += ZshFunction(function, command);
  });
  // Of a file in $fpath it is the body of the function; sourced, it is not.
  absl::StrAppend(&script, "if [ \"$funcstack[1]\" = ", name, " ]; then ", name,
                  " \"$@\"; else compdef ", name, " ", program.name, "; fi\n");
  return script;
}

std::string FishCondition(const Path& path, const CommandHelp& command) {
  std::vector<std::string> conditions;
  if (path.empty() && !command.commands.empty()) {
    return "__fish_use_subcommand";
  }
  for (const std::string& part : path) {
    conditions.push_back(absl::StrCat("__fish_seen_subcommand_from ", part));
  }
  return absl::StrJoin(conditions, "; and ");
}

std::string FishScript(const CommandHelp& program) {
  std::string script = absl::StrCat(
      "# Completion of ", program.name, " for fish, made by '", program.name,
      " --completion fish'.\ncomplete -c ", program.name, " -f\n");
  VisitCommands({}, program, [&](const Path& path, const CommandHelp& command) {
    const std::string condition = FishCondition(path, command);
    const std::string begin = absl::StrCat(
        "complete -c ", program.name, condition.empty() ? "" : " -n ",
        condition.empty() ? "" : SingleQuoted(condition));
    for (const CommandHelp& below : command.commands) {
      absl::StrAppend(&script, begin, " -a ", below.name, " -d ",
                      SingleQuoted(Line(below.about)), "\n");
    }
    for (const OptionHelp& option : command.options) {
      absl::StrAppend(&script, begin);
      if (!option.positional) {
        for (const std::string& name : option.names) {
          const bool is_long = name.size() > 2;
          absl::StrAppend(&script, is_long ? " -l " : " -s ",
                          name.substr(is_long ? 2 : 1));
        }
        if (option.takes_value) absl::StrAppend(&script, " -r");
      }
      if (option.takes_files) absl::StrAppend(&script, " -F");
      if (!option.choices.empty()) {
        absl::StrAppend(&script, " -a ",
                        SingleQuoted(absl::StrJoin(option.choices, " ")));
      }
      absl::StrAppend(&script, " -d ", SingleQuoted(Line(option.help)), "\n");
    }
  });
  return script;
}

}  // namespace

std::vector<std::string> CompletionShells() { return {"bash", "fish", "zsh"}; }

std::string CompletionScript(const CommandHelp& program,
                             absl::string_view shell) {
  if (shell == "bash") return BashScript(program);
  return shell == "fish" ? FishScript(program) : ZshScript(program);
}

}  // namespace atelier
