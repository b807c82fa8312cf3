// Inside this room only: a picture to draw a sheet on.
#ifndef ATELIER_COMMON_IMAGE_CANVAS_H_
#define ATELIER_COMMON_IMAGE_CANVAS_H_

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/image/image.h"

namespace atelier {

/// RGB in [0,1].
using Colour = std::array<float, 3>;

struct Box {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

/// One drawn line of text: how much of each pixel it covers.
struct TextMask {
  int width_px = 0;
  int height_px = 0;
  int top_px = 0;  ///< From the top of the line to the first inked row.
  std::vector<unsigned char> coverage;
};

struct TextStyle {
  int size_px = 12;
  bool bold = false;
};

/// Draws one line, no wider than `max_width_px`: smaller by up to a fifth where
/// that is enough, else cut with an ellipsis, between characters as readers see
/// them. What must not reach a page is escaped. Empty text is an empty mask.
/// Errors: Internal (libvips or its fonts).
absl::StatusOr<TextMask> DrawText(const std::string& text,
                                  const TextStyle& style, int max_width_px);

/// Clips what lies outside. Thread-compatible.
class Canvas {
 public:
  /// REQUIRES: both sides positive.
  Canvas(int width_px, int height_px, const Colour& background);

  void Fill(const Box& box, const Colour& colour);
  void Frame(const Box& around, int thickness_px, const Colour& colour);
  /// Puts the picture's top left corner at (x, y); values are clamped.
  void Place(const Image& picture, int x, int y);
  /// Puts the line's left end and top at (x, y).
  void Write(const TextMask& text, int x, int y, const Colour& colour);

  Image Take() && { return std::move(image_); }

 private:
  void Blend(int x, int y, const Colour& colour, float share);

  Image image_;
};

}  // namespace atelier

#endif  // ATELIER_COMMON_IMAGE_CANVAS_H_
