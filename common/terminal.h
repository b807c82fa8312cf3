// What the terminal behind a stream can do.
#ifndef ATELIER_COMMON_TERMINAL_H_
#define ATELIER_COMMON_TERMINAL_H_

namespace atelier {

/// Its columns; 0 where there is none, or one that cannot write over a line
/// (TERM is "dumb" or not set).
int TerminalColumns(int fd);

/// Whether colours are welcome: there are columns, and NO_COLOR is empty.
bool TakesEscapes(int fd);

}  // namespace atelier

#endif  // ATELIER_COMMON_TERMINAL_H_
