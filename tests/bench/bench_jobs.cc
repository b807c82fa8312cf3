#include "tests/bench/bench_jobs.h"

#include "absl/strings/str_cat.h"
#include "common/digest.h"

namespace atelier {
namespace {

constexpr char kContent[] = "content";
constexpr char kStyle[] = "style";
constexpr char kWeights[] = "weights";
constexpr char kPicture[] = "picture";
constexpr int kChannels[] = {64, 128, 256, 512};

v1::JobSpec BaseJob(const std::string& name) {
  v1::JobSpec spec;
  spec.set_name(name);
  v1::RenderSpec& base = *spec.mutable_base();
  base.set_content_digest(HexDigest(kContent));
  base.add_style_digests(HexDigest(kStyle));
  base.set_weights_digest(HexDigest(kWeights));
  base.set_size_px(512);
  v1::NetworkDescription& network = *spec.add_networks();
  network.set_weights_digest(HexDigest(kWeights));
  network.set_name("bench");
  network.set_padding(v1::PADDING_ZEROS);
  network.set_pooling(v1::POOLING_MAX);
  for (int channels : kChannels) {
    v1::NetworkDescription::Block& block = *network.add_blocks();
    for (int i = 0; i < 4; ++i) block.add_channels(channels);
  }
  network.add_blocks()->add_channels(512);
  for (const char* picture : {kContent, kStyle}) {
    v1::ImageDescription& image = *spec.add_images();
    image.set_digest(HexDigest(picture));
    image.set_width_px(512);
    image.set_height_px(384);
    image.set_name(picture);
  }
  return spec;
}

void AddAxis(v1::JobSpec& spec, const char* name, int64_t length,
             void (v1::RenderSpec::*set)(double)) {
  v1::Axis& axis = *spec.add_axes();
  axis.set_name(name);
  for (int64_t i = 1; i <= length; ++i) {
    v1::AxisValue& value = *axis.add_values();
    value.set_label(absl::StrCat(i));
    (value.mutable_set()->*set)(static_cast<double>(i));
  }
}

}  // namespace

std::vector<std::string> BenchArtifacts() {
  return {kContent, kStyle, kWeights, kPicture};
}

std::string BenchPictureDigest() { return HexDigest(kPicture); }

v1::JobSpec SweepOf(int64_t tasks) {
  int64_t rows = 1;
  for (int64_t i = 1; i * i <= tasks; ++i) {
    if (tasks % i == 0) rows = i;
  }
  v1::JobSpec spec = BaseJob(absl::StrCat("sweep of ", tasks));
  AddAxis(spec, "style_weight", rows, &v1::RenderSpec::set_style_weight);
  AddAxis(spec, "content_weight", tasks / rows,
          &v1::RenderSpec::set_content_weight);
  return spec;
}

v1::JobSpec WatchedSweepOf(int64_t tasks) {
  v1::JobSpec spec = SweepOf(tasks);
  spec.add_worker_tags(kWatchedTag);
  return spec;
}

v1::JobSpec SingleTask(int64_t number) {
  v1::JobSpec spec = BaseJob(absl::StrCat("single ", number));
  spec.mutable_base()->set_style_weight(static_cast<double>(number + 1));
  spec.mutable_base()->set_size_px(256);  // No render of a sweep.
  return spec;
}

}  // namespace atelier
