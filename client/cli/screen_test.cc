#include "client/cli/screen.h"

#include <sstream>
#include <string>
#include <vector>

#include "client/cli/terminal_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ScreenTest : public testing::Test {
 protected:
  void Draw(const std::vector<std::string>& texts) {
    std::vector<ScreenLine> lines;
    for (const std::string& text : texts) {
      lines.push_back({text, static_cast<int>(text.size())});
    }
    screen_.Draw(lines, look_);
    Pass();
  }
  // What was written, on its way to the terminal.
  void Pass() {
    written_ = err_.str();
    err_.str("");
    terminal_.Write(written_);
  }

  TerminalLook look_ = {20, 5};
  std::ostringstream err_;
  std::string written_;
  FakeTerminal terminal_{20, 5};
  Screen screen_{err_};
};

TEST_F(ScreenTest, WritesOverWhatItShows) {
  terminal_.Write("$ atelier watch J\r\n");
  Draw({"one", "two", "three"});
  EXPECT_THAT(terminal_.Lines(),
              ElementsAre("$ atelier watch J", "one", "two", "three"));
  Draw({"one", "2", "three"});
  EXPECT_THAT(terminal_.Lines(),
              ElementsAre("$ atelier watch J", "one", "2", "three"));
  EXPECT_THAT(written_, Not(HasSubstr("one"))) << "that line is there";
  Draw({"one", "2"});
  Draw({"uno", "dos"});
  EXPECT_THAT(terminal_.Lines(),
              ElementsAre("$ atelier watch J", "uno", "dos"));
  Draw({"uno", "dos", "tres", "cuatro"});
  EXPECT_THAT(terminal_.Lines(),
              ElementsAre("$ atelier watch J", "uno", "dos", "tres", "cuatro"));
}

TEST_F(ScreenTest, WritesNothingWhereNothingIsNew) {
  Draw({"one", "two"});
  Draw({"one", "two"});
  EXPECT_THAT(written_, IsEmpty());
}

TEST_F(ScreenTest, FillsAWholeTerminalAndScrollsOnlyOnce) {
  terminal_.Write("$ atelier watch J\r\n");
  for (const char* last : {"5", "6", "7"}) {
    Draw({"1", "2", "3", "4", last});
    EXPECT_THAT(terminal_.Lines(), ElementsAre("1", "2", "3", "4", last));
  }
  EXPECT_EQ(terminal_.scrolled_lines(), 1);
}

TEST_F(ScreenTest, LeavesTheCursorBelowOrTakesAllAway) {
  terminal_.Write("$ atelier watch J\r\n");
  Draw({"one", "two"});
  screen_.Clear();
  Pass();
  EXPECT_THAT(terminal_.Lines(), ElementsAre("$ atelier watch J"));
  Draw({"one", "two"});
  screen_.Leave();
  Pass();
  terminal_.Write("\ratelier: failed");
  EXPECT_THAT(terminal_.Lines(), ElementsAre("$ atelier watch J", "one", "two",
                                             "atelier: failed"));
  screen_.Clear();
  screen_.Leave();
  EXPECT_THAT(err_.str(), IsEmpty()) << "there is nothing of its own";
}

TEST_F(ScreenTest, WritesOverTheEchoOfKeys) {
  Draw({"one", "a line of 19 cells."});
  terminal_.Write("^C");
  Draw({"one", "a line of 19 cells!"});
  EXPECT_THAT(terminal_.Lines(), ElementsAre("one", "a line of 19 cells!"));
  terminal_.Write("^C");
  screen_.Leave();
  Pass();
  EXPECT_THAT(terminal_.Lines(), ElementsAre("one", "a line of 19 cells!"));
}

TEST_F(ScreenTest, FollowsATerminalThatBecomesNarrower) {
  terminal_.Write("$ watch\r\n");
  Draw({"a line of 18 cells", "another of 18 cell"});
  terminal_.Resize(10, 7);
  look_ = {10, 7};
  Draw({"short", "lines"});
  EXPECT_THAT(terminal_.Lines(), ElementsAre("$ watch", "short", "lines"));
}

TEST_F(ScreenTest, FollowsATerminalThatBecomesWiderOrLower) {
  terminal_.Write("$ watch\r\n");
  Draw({"one", "two", "three"});
  terminal_.Resize(40, 6);
  look_ = {40, 6};
  Draw({"one", "two", "a line of thirty and more cells"});
  EXPECT_THAT(
      terminal_.Lines(),
      ElementsAre("$ watch", "one", "two", "a line of thirty and more cells"));
  terminal_.Resize(40, 2);
  look_ = {40, 2};
  Draw({"first", "last"});
  EXPECT_THAT(terminal_.Lines(), ElementsAre("first", "last"));
}

}  // namespace
}  // namespace atelier
