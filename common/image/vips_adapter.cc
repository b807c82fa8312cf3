#include "common/image/vips_adapter.h"

#include <algorithm>
#include <memory>
#include <new>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// Warnings come back as errors where they matter; elsewhere they would only
// disturb a program's one line on standard error.
void DropMessage(const gchar*, GLogLevelFlags, const gchar*, gpointer) {}

}  // namespace

absl::Status InitialiseImages(const char* program) {
  if (vips_init(program) != 0) {
    const std::string why = vips_error_buffer();
    vips_error_clear();
    return absl::InternalError(absl::StrCat("libvips does not start: ", why));
  }
  g_log_set_handler(
      "VIPS",
      static_cast<GLogLevelFlags>(G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE |
                                  G_LOG_LEVEL_INFO),
      &DropMessage, nullptr);
  vips_block_untrusted_set(TRUE);
  // Pictures are read by rows on one thread; libvips would keep more rows the
  // more threads it may have.
  vips_concurrency_set(1);
  // The cache compares buffers by address, and ours are reused.
  vips_cache_set_max(0);
  return absl::OkStatus();
}

std::string TakeVipsComplaint(const std::exception& thrown) {
  std::string text = thrown.what();
  vips_error_clear();
  text = text.substr(0, text.find('\n'));
  absl::StripAsciiWhitespace(&text);
  return text;
}

bool IsOfMemory(absl::string_view complaint) {
  return absl::StrContains(complaint, "out of memory") ||
         complaint == std::bad_alloc().what();
}

VipsPixels ComputePixels(const vips::VImage& image) {
  VipsPixels pixels;
  pixels.memory.reset(image.write_to_memory(&pixels.bytes));
  return pixels;
}

std::string EscapeMarkup(absl::string_view text) {
  const std::unique_ptr<gchar, void (*)(void*)> valid(
      g_utf8_make_valid(text.data(), text.size()), &g_free);
  std::string plain(valid.get());
  plain.erase(std::remove_if(plain.begin(), plain.end(),
                             [](char c) { return absl::ascii_iscntrl(c); }),
              plain.end());
  const std::unique_ptr<gchar, void (*)(void*)> escaped(
      g_markup_escape_text(plain.data(), plain.size()), &g_free);
  return escaped.get();
}

absl::Status CheckImage(const Image& image) {
  const int64_t values = int64_t{3} * image.width_px * image.height_px;
  if (image.width_px > 0 && image.height_px > 0 &&
      static_cast<int64_t>(image.rgb.size()) == values) {
    return absl::OkStatus();
  }
  return InvalidArgument("image is ", image.width_px, "x", image.height_px,
                         " with ", image.rgb.size(),
                         " values; both sides must be positive, with three "
                         "values a pixel");
}

}  // namespace atelier
