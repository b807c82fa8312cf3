#include "common/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "tests/testing/scoped_variable.h"

namespace atelier {
namespace {

// A terminal of 57 columns and 19 rows.
class TerminalTest : public testing::Test {
 protected:
  TerminalTest() {
    master_ = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    EXPECT_EQ(grantpt(master_) + unlockpt(master_), 0);
    terminal_ = open(ptsname(master_), O_RDWR | O_NOCTTY | O_CLOEXEC);
    winsize size{};
    size.ws_col = 57;
    size.ws_row = 19;
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
    EXPECT_EQ(SizeOfTerminal(terminal_).columns, c.columns);
    EXPECT_EQ(SizeOfTerminal(terminal_).rows, c.columns > 0 ? 19 : 0);
    EXPECT_EQ(TakesEscapes(terminal_), c.takes_escapes);
  }
}

TEST_F(TerminalTest, FollowsItsSize) {
  const ScopedVariable term("TERM", "xterm");
  winsize size{};
  size.ws_col = 100;
  size.ws_row = 50;
  ASSERT_EQ(ioctl(terminal_, TIOCSWINSZ, &size), 0);
  EXPECT_EQ(SizeOfTerminal(terminal_).columns, 100);
  EXPECT_EQ(SizeOfTerminal(terminal_).rows, 50);
  size = {};
  ASSERT_EQ(ioctl(terminal_, TIOCSWINSZ, &size), 0);
  EXPECT_EQ(SizeOfTerminal(terminal_).columns, 80) << "that does not know it";
  EXPECT_EQ(SizeOfTerminal(terminal_).rows, 24);
}

TEST(LocaleTest, TheFirstVariableThatIsSetSaysWhetherTextIsUtf8) {
  const struct {
    std::optional<std::string> all, ctype, lang;
    bool is_utf8;
  } kCases[] = {
      {std::nullopt, std::nullopt, std::nullopt, false},
      {std::nullopt, std::nullopt, "en_GB.UTF-8", true},
      {std::nullopt, std::nullopt, "C.utf8", true},
      {std::nullopt, "C", "en_GB.UTF-8", false},
      {"", "de_DE.UTF-8", "C", true},
      {"POSIX", "de_DE.UTF-8", "de_DE.UTF-8", false},
      {std::nullopt, std::nullopt, "de_DE.ISO-8859-1", false},
  };
  for (const auto& c : kCases) {
    const ScopedVariable all("LC_ALL", c.all);
    const ScopedVariable ctype("LC_CTYPE", c.ctype);
    const ScopedVariable lang("LANG", c.lang);
    EXPECT_EQ(HasUtf8Locale(), c.is_utf8)
        << c.all.value_or("-") << c.ctype.value_or("-") << c.lang.value_or("-");
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
