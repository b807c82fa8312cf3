#include "common/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "gtest/gtest.h"
#include "tests/testing/scoped_variable.h"

namespace atelier {
namespace {

// A terminal of 57 columns.
class TerminalTest : public testing::Test {
 protected:
  TerminalTest() {
    master_ = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    EXPECT_EQ(grantpt(master_) + unlockpt(master_), 0);
    terminal_ = open(ptsname(master_), O_RDWR | O_NOCTTY | O_CLOEXEC);
    winsize size{};
    size.ws_col = 57;
    EXPECT_EQ(ioctl(terminal_, TIOCSWINSZ, &size), 0);
  }
  ~TerminalTest() override {
    close(terminal_);
    close(master_);
  }

  int master_ = -1;
  int terminal_ = -1;
};

TEST_F(TerminalTest, OnlyATerminalThatCanDoItIsSteered) {
  const struct {
    std::optional<std::string> term;
    std::optional<std::string> no_color;
    int columns;
    bool takes_escapes;
  } kCases[] = {
      {"xterm-256color", std::nullopt, 57, true},
      {"xterm", "", 57, true},
      {"xterm", "1", 57, false},
      {"dumb", std::nullopt, 0, false},
      {"", std::nullopt, 0, false},
      {std::nullopt, std::nullopt, 0, false},
  };
  for (const auto& c : kCases) {
    const ScopedVariable term("TERM", c.term);
    const ScopedVariable no_color("NO_COLOR", c.no_color);
    EXPECT_EQ(TerminalColumns(terminal_), c.columns);
    EXPECT_EQ(TakesEscapes(terminal_), c.takes_escapes);
  }
}

TEST_F(TerminalTest, AFileIsNone) {
  const ScopedVariable term("TERM", "xterm");
  const int file = open("/dev/null", O_WRONLY | O_CLOEXEC);
  EXPECT_EQ(TerminalColumns(file), 0);
  EXPECT_FALSE(TakesEscapes(file));
  EXPECT_FALSE(TakesEscapes(-1));
  close(file);
}

}  // namespace
}  // namespace atelier
