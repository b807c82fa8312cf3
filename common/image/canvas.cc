#include "common/image/canvas.h"

#include <algorithm>

namespace atelier {

Canvas::Canvas(int width_px, int height_px, const Colour& background) {
  image_.width_px = width_px;
  image_.height_px = height_px;
  for (float value : background) {
    image_.rgb.insert(image_.rgb.end(), size_t(width_px) * height_px, value);
  }
}

void Canvas::Blend(int x, int y, const Colour& colour, float share) {
  if (x < 0 || y < 0 || x >= image_.width_px || y >= image_.height_px) return;
  const size_t area = size_t(image_.width_px) * image_.height_px;
  const size_t i = size_t(y) * image_.width_px + x;
  for (size_t c = 0; c < 3; ++c) {
    float& value = image_.rgb[c * area + i];
    value += share * (colour[c] - value);
  }
}

void Canvas::Fill(const Box& box, const Colour& colour) {
  for (int y = box.y; y < box.y + box.height; ++y) {
    for (int x = box.x; x < box.x + box.width; ++x) Blend(x, y, colour, 1);
  }
}

void Canvas::Frame(const Box& around, int thickness_px, const Colour& colour) {
  const int t = thickness_px;
  const auto [x, y, width, height] = around;
  Fill({x - t, y - t, width + 2 * t, t}, colour);
  Fill({x - t, y + height, width + 2 * t, t}, colour);
  Fill({x - t, y, t, height}, colour);
  Fill({x + width, y, t, height}, colour);
}

void Canvas::Place(const Image& picture, int x, int y) {
  const size_t area = size_t(picture.width_px) * picture.height_px;
  for (size_t i = 0; i < area; ++i) {
    Colour colour;
    for (size_t c = 0; c < 3; ++c) {
      colour[c] = std::clamp(picture.rgb[c * area + i], 0.0f, 1.0f);
    }
    Blend(x + i % picture.width_px, y + i / picture.width_px, colour, 1);
  }
}

void Canvas::Write(const TextMask& text, int x, int y, const Colour& colour) {
  for (size_t i = 0; i < text.coverage.size(); ++i) {
    Blend(x + i % text.width_px, y + text.top_px + i / text.width_px, colour,
          text.coverage[i] / 255.0f);
  }
}

}  // namespace atelier
