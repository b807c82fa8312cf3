// What the terminal behind a stream can do.
#ifndef ATELIER_COMMON_TERMINAL_H_
#define ATELIER_COMMON_TERMINAL_H_

namespace atelier {

struct TerminalSize {
  int columns = 0;
  int rows = 0;
};

/// As it is now; 0 columns where there is no terminal, or one that cannot write
/// over a line (TERM is "dumb" or not set).
TerminalSize SizeOfTerminal(int fd);

/// The columns alone.
int TerminalColumns(int fd);

/// Whether colours are welcome: there are columns, and NO_COLOR is empty.
bool TakesEscapes(int fd);

/// Whether text is UTF-8 by the locale that the environment names (LC_ALL, else
/// LC_CTYPE, else LANG).
bool HasUtf8Locale();

}  // namespace atelier

#endif  // ATELIER_COMMON_TERMINAL_H_
