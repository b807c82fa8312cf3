// Inside this room only: how libvips is called so that nothing of it leaks.
#ifndef ATELIER_COMMON_IMAGE_VIPS_ADAPTER_H_
#define ATELIER_COMMON_IMAGE_VIPS_ADAPTER_H_

#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <vips/vips8>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/image/image.h"

namespace atelier {

/// What libvips last complained of, on one line; forgets it.
std::string TakeVipsComplaint(const std::exception& thrown);

/// Whether a complaint is that there was no memory.
bool IsOfMemory(absl::string_view complaint);

/// Runs `call`, which returns a Status or StatusOr; an exception becomes
/// `code`, or ResourceExhausted where there was no memory, with "what:
/// complaint".
template <typename F>
auto CallVips(absl::StatusCode code, absl::string_view what, F&& call)
    -> decltype(call()) {
  try {
    return call();
  } catch (const std::exception& thrown) {
    const std::string complaint = TakeVipsComplaint(thrown);
    return absl::Status(
        IsOfMemory(complaint) ? absl::StatusCode::kResourceExhausted : code,
        std::string(what) + ": " + complaint);
  }
}

/// Pixels that libvips made, freed with their owner.
struct VipsPixels {
  std::unique_ptr<void, void (*)(void*)> memory{nullptr, &g_free};
  size_t bytes = 0;
};

/// Computes all of `image`. Throws vips::VError.
VipsPixels ComputePixels(const vips::VImage& image);

/// Text with the five characters XML gives a meaning escaped, bytes that are
/// not UTF-8 replaced and control characters dropped.
std::string EscapeMarkup(absl::string_view text);

/// Whether the image has pixels, and as many as it says.
absl::Status CheckImage(const Image& image);

}  // namespace atelier

#endif  // ATELIER_COMMON_IMAGE_VIPS_ADAPTER_H_
