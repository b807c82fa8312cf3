// Some lines of a terminal that are written over as things go on.
//
//   Screen screen(err);
//   screen.Draw(lines, look);   // again and again
//   screen.Leave();             // what is shown stays
#ifndef ATELIER_CLIENT_CLI_SCREEN_H_
#define ATELIER_CLIENT_CLI_SCREEN_H_

#include <ostream>
#include <vector>

#include "client/cli/screen_line.h"

namespace atelier {

/// The cursor rests at the begin of the last line, so that the echo of Ctrl-C
/// stays on it. A drawing is one write, of the lines that are others than
/// before. Thread-compatible.
class Screen {
 public:
  explicit Screen(std::ostream& err) : err_(err) {}
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  /// In the place of what is shown, also where the terminal has another size
  /// than it had then. REQUIRES: at most look.rows lines, of look.room() cells.
  void Draw(const std::vector<ScreenLine>& lines, const TerminalLook& look);
  /// Ends the last line, for whatever is written next.
  void Leave();
  /// Takes all lines away.
  void Clear();

 private:
  // Lines of the terminal from the first to the one that the cursor is on,
  // where a terminal has broken lines that it has become too narrow for.
  int LinesAbove(const TerminalLook& look) const;

  std::ostream& err_;
  std::vector<ScreenLine> shown_;
  TerminalLook look_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_SCREEN_H_
