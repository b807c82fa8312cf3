// Valid jobs, as clients would describe them, for tests.
#ifndef ATELIER_COORDINATOR_API_VIEWS_JOB_SPECS_TESTING_H_
#define ATELIER_COORDINATOR_API_VIEWS_JOB_SPECS_TESTING_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "atelier/v1/jobs.pb.h"
#include "common/digest.h"

namespace atelier {

/// A network of two blocks, as its client would describe it.
inline v1::NetworkDescription SmallNetwork(const std::string& digest) {
  v1::NetworkDescription network;
  network.set_weights_digest(digest);
  network.set_name("small");
  network.set_padding(v1::PADDING_ZEROS);
  network.set_pooling(v1::POOLING_AVERAGE);
  for (int block = 0; block < 2; ++block) {
    network.add_blocks()->mutable_channels()->Add(4);
  }
  return network;
}

/// A valid job without axes over three artifacts: "content", "style" and
/// "weights" are the bytes as well as the names.
inline v1::JobSpec SmallJob() {
  v1::JobSpec spec;
  spec.set_name("small");
  v1::RenderSpec* base = spec.mutable_base();
  base->set_content_digest(HexDigest("content"));
  base->add_style_digests(HexDigest("style"));
  base->set_weights_digest(HexDigest("weights"));
  base->set_size_px(32);
  base->set_iterations(3);
  base->mutable_content_layers()->add_layers()->set_tap("conv1_1");
  base->mutable_style_layers()->add_layers()->set_tap("conv2_1");
  *spec.add_networks() = SmallNetwork(HexDigest("weights"));
  for (const char* name : {"content", "style"}) {
    v1::ImageDescription* image = spec.add_images();
    image->set_digest(HexDigest(name));
    image->set_width_px(64);
    image->set_height_px(48);
    image->set_name(name);
  }
  return spec;
}

/// Adds an axis over the number of iterations.
inline void AddIterationsAxis(v1::JobSpec& spec, std::vector<int> values) {
  v1::Axis* axis = spec.add_axes();
  axis->set_name(absl::StrCat("iterations", spec.axes_size()));
  for (int value : values) {
    v1::AxisValue* out = axis->add_values();
    out->set_label(absl::StrCat(value));
    out->mutable_set()->set_iterations(value);
  }
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_JOB_SPECS_TESTING_H_
