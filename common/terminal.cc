#include "common/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/string_view.h"

namespace atelier {
namespace {

absl::string_view Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? absl::string_view() : value;
}

}  // namespace

int TerminalColumns(int fd) {
  constexpr int kUsual = 80;
  const absl::string_view kind = Variable("TERM");
  if (kind.empty() || kind == "dumb" || isatty(fd) == 0) return 0;
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
                                                              : kUsual;
}

bool TakesEscapes(int fd) {
  return TerminalColumns(fd) > 0 && Variable("NO_COLOR").empty();
}

}  // namespace atelier
