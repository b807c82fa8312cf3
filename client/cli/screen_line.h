// One line of a terminal: text, colours, and how wide it is.
//
//   LineBuilder line(look);
//   line.Add("1500 ").Add("42%", LineStyle::kRunning).PadTo(12);
//   lines.push_back(line.Take());
#ifndef ATELIER_CLIENT_CLI_SCREEN_LINE_H_
#define ATELIER_CLIENT_CLI_SCREEN_LINE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace atelier {

/// What a terminal is and takes.
struct TerminalLook {
  int columns = 0;  ///< 0: none.
  int rows = 0;
  bool takes_colors = false;
  bool is_utf8 = false;

  /// Cells of a line; the last column stays free, for a terminal may wrap when
  /// it is written.
  int room() const { return columns - 1; }
};

enum class LineStyle { kPlain, kFaint, kGood, kBusy, kBad, kReused };

struct ScreenLine {
  std::string text;  ///< With the escapes of its colours.
  int cells = 0;     ///< At most TerminalLook.room().
};

/// Text may come from anywhere: it is escaped, and where the terminal takes
/// ASCII alone each other character is a '?' for each of its cells. What does
/// not fit is cut. Lifetime: of the look. Thread-compatible.
class LineBuilder {
 public:
  explicit LineBuilder(const TerminalLook& look) : look_(look) {}

  LineBuilder& Add(absl::string_view text, LineStyle style = LineStyle::kPlain);
  /// Spaces up to so many cells from the line's begin.
  LineBuilder& PadTo(int cells);
  int cells() const { return line_.cells; }
  /// Leaves an empty line behind.
  ScreenLine Take();

 private:
  void Turn(LineStyle style);

  const TerminalLook& look_;
  ScreenLine line_;
  LineStyle style_ = LineStyle::kPlain;
};

/// The text in ASCII, as LineBuilder writes it; an ellipsis is '~'.
std::string AsciiText(absl::string_view text);

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_SCREEN_LINE_H_
