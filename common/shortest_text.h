// A number as people and hashes read it.
#ifndef ATELIER_COMMON_SHORTEST_TEXT_H_
#define ATELIER_COMMON_SHORTEST_TEXT_H_

#include <charconv>
#include <iterator>
#include <string>

namespace atelier {

/// The shortest text that reads back as the same number: "0.1", "1e+05", "0"
/// also for -0.
inline std::string ShortestText(double value) {
  char text[32];
  return std::string(
      text, std::to_chars(std::begin(text), std::end(text), value + 0.0).ptr);
}

}  // namespace atelier

#endif  // ATELIER_COMMON_SHORTEST_TEXT_H_
