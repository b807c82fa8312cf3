// Decoders as tests of them start them.
#ifndef ATELIER_WORKER_DECODER_DECODER_FIXTURE_TESTING_H_
#define ATELIER_WORKER_DECODER_DECODER_FIXTURE_TESTING_H_

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/image/image.h"
#include "gtest/gtest.h"
#include "worker/decoder/decoder.h"

namespace atelier {

/// Starts libvips before the first test of a binary: tests make pictures.
inline const testing::Environment* const kImagesEnvironment = [] {
  class ImagesEnvironment : public testing::Environment {
    void SetUp() override {
      ASSERT_TRUE(InitialiseImages("decoder_test").ok());
    }
  };
  return testing::AddGlobalTestEnvironment(new ImagesEnvironment);
}();

inline std::string ProgramBeside(const std::string& name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

inline absl::StatusOr<std::unique_ptr<Decoder>> StartDecoder(
    std::vector<std::string> command,
    absl::Duration time_limit = absl::Minutes(1)) {
  DecoderOptions options;
  options.command = std::move(command);
  options.time_limit = time_limit;
  return Decoder::Start(std::move(options));
}

inline std::unique_ptr<Decoder> StartRealDecoder() {
  return StartDecoder({ProgramBeside("atelier-decoder")}).value();
}

/// Red rises to the right, green downwards, blue falls along the diagonal.
inline Image Slopes(int width_px, int height_px) {
  Image image{width_px, height_px, {}};
  const size_t area = static_cast<size_t>(width_px) * height_px;
  image.rgb.resize(3 * area);
  for (int y = 0; y < height_px; ++y) {
    for (int x = 0; x < width_px; ++x) {
      const size_t at = static_cast<size_t>(y) * width_px + x;
      image.rgb[at] = (x + 0.5F) / width_px;
      image.rgb[area + at] = (y + 0.5F) / height_px;
      image.rgb[2 * area + at] = 1 - (image.rgb[at] + image.rgb[area + at]) / 2;
    }
  }
  return image;
}

inline absl::StatusOr<std::pair<int, int>> AsItIs(int width_px, int height_px) {
  return std::pair{width_px, height_px};
}

}  // namespace atelier

#endif  // ATELIER_WORKER_DECODER_DECODER_FIXTURE_TESTING_H_
