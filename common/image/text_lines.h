// Inside this room only: texts of several lines on a sheet.
#ifndef ATELIER_COMMON_IMAGE_TEXT_LINES_H_
#define ATELIER_COMMON_IMAGE_TEXT_LINES_H_

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/image/canvas.h"

namespace atelier {

/// Breaks texts into lines. Remembers how wide words are: sheets say the same
/// ones again and again. Errors: Internal, as DrawText. Thread-compatible.
class TextBreaker {
 public:
  /// At most `max_lines` lines, none of them wider than `max_width_px` where it
  /// can be broken: after a space, or else after one of "_-,;:/". Of what is
  /// longer the last line has all the rest, for DrawText to cut. What must not
  /// reach a page is escaped.
  /// REQUIRES: max_lines > 0.
  /// Lifetime of the lines: of the breaker.
  absl::StatusOr<absl::Span<const std::string>> Break(const std::string& text,
                                                      const TextStyle& style,
                                                      int max_width_px,
                                                      int max_lines);

  /// Of the widest piece that Break keeps on one line where it has the room.
  absl::StatusOr<int> WidestWord(const std::string& text,
                                 const TextStyle& style);

  /// Of the whole text on one line.
  absl::StatusOr<int> Width(const std::string& text, const TextStyle& style);

 private:
  // Words, in pieces where one is wider than a line.
  absl::StatusOr<std::vector<std::string>> Pieces(const std::string& text,
                                                  const TextStyle& style,
                                                  int max_width_px);

  absl::StatusOr<std::vector<std::string>> BreakAnew(const std::string& text,
                                                     const TextStyle& style,
                                                     int max_width_px,
                                                     int max_lines);

  using Key = std::tuple<std::string, int, bool>;
  std::map<Key, int> widths_;
  std::map<Key, int> widest_words_;
  // By the width and the number of lines, too.
  std::map<std::tuple<std::string, int, bool, int, int>,
           std::vector<std::string>>
      broken_;
};

}  // namespace atelier

#endif  // ATELIER_COMMON_IMAGE_TEXT_LINES_H_
