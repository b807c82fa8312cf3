#include "common/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace atelier {
namespace {

absl::string_view Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? absl::string_view() : value;
}

}  // namespace

TerminalSize SizeOfTerminal(int fd) {
  constexpr TerminalSize kUsual = {80, 24};
  const absl::string_view kind = Variable("TERM");
  if (kind.empty() || kind == "dumb" || isatty(fd) == 0) return {};
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) != 0) return kUsual;
  return {size.ws_col > 0 ? size.ws_col : kUsual.columns,
          size.ws_row > 0 ? size.ws_row : kUsual.rows};
}

int TerminalColumns(int fd) { return SizeOfTerminal(fd).columns; }

bool TakesEscapes(int fd) {
  return TerminalColumns(fd) > 0 && Variable("NO_COLOR").empty();
}

bool HasUtf8Locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string locale = absl::AsciiStrToLower(Variable(name));
    if (locale.empty()) continue;
    return absl::StrContains(locale, "utf-8") ||
           absl::StrContains(locale, "utf8");
  }
  return false;
}

}  // namespace atelier
