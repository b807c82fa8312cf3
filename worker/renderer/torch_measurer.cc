#include "worker/renderer/torch_measurer.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "common/lru_map.h"
#include "common/quoted_text.h"
#include "common/render/convention.h"
#include "common/render/network.h"
#include "common/status_macros.h"
#include "worker/engine/backend.h"
#include "worker/engine/measures.h"
#include "worker/engine/network.h"
#include "worker/engine/preprocess.h"
#include "worker/engine/runtime.h"
#include "worker/engine/torch_call.h"
#include "worker/renderer/cpu.h"
#include "worker/renderer/device.h"
#include "worker/renderer/memory_room.h"
#include "worker/renderer/picture_tensor.h"
#include "worker/weights/network_weights.h"

namespace atelier {
namespace {

constexpr int64_t kKeptBytes = 32 << 20;

// One for each tap that the network has, in kMeasuredStyleTaps' order.
using StyleAtTaps = std::vector<engine::StyleMoments>;

int64_t BytesOf(const StyleAtTaps& style) {
  int64_t bytes = 0;
  for (const engine::StyleMoments& at : style) bytes += at.bytes();
  return bytes;
}

absl::StatusOr<Preprocessing> FindPreprocessing(absl::string_view name) {
  for (const ConventionSpec& convention : AllConventions()) {
    if (convention.preprocessing.name == name) return convention.preprocessing;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "measure.preprocessing: ", Quoted(name), " is not known; use ",
      absl::StrJoin(PreprocessingNames(), ", ")));
}

MeasureChoice Resolved(MeasureChoice by, const NetworkDescription& network) {
  if (!by.pooling.has_value()) by.pooling = network.pooling;
  if (by.preprocessing.empty()) by.preprocessing = network.preprocessing;
  if (by.preprocessing.empty()) {
    by.preprocessing = std::string(kDefaultPreprocessing);
  }
  return by;
}

// All that a network and its input depend on.
std::string KeyOf(const MeasureChoice& by) {
  return absl::StrCat(by.weights_digest, " ",
                      by.pooling.has_value() ? Name(*by.pooling) : "", " ",
                      by.preprocessing);
}

class TorchMeasurer : public Measurer {
 public:
  TorchMeasurer(engine::Backend backend, at::Device device, int threads,
                std::function<int64_t()> free_bytes)
      : backend_(backend),
        device_(device),
        threads_(threads),
        free_bytes_(std::move(free_bytes)) {}

  absl::StatusOr<Measured> Measure(const MeasureRequest& request) override {
    absl::MutexLock one_at_a_time(&mutex_);
    engine::ConfigureTorch(threads_);
    return engine::CallTorch("measuring",
                             [&] { return MeasureWithTorch(request); });
  }

 private:
  // A network with the choice that it was made by.
  struct Reader {
    std::string asked_by;  // KeyOf(request.by).
    MeasureChoice by;
    std::vector<std::string> style_taps;
    bool has_content_tap = false;
    std::unique_ptr<engine::Network> network;
    std::unique_ptr<engine::Preprocessor> preprocessor;
  };

  absl::StatusOr<Measured> MeasureWithTorch(const MeasureRequest& request)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    RETURN_IF_ERROR(Prepare(request));
    Measured measured;
    measured.by = reader_->by;
    measured.by.size_px = request.by.size_px;
    ASSIGN_OR_RETURN(const at::Tensor image,
                     ToTensor("image", request.image, device_));
    at::Tensor content;  // Undefined where there is none.
    if (!request.content.picture.rgb.empty()) {
      ASSIGN_OR_RETURN(content,
                       ToTensor("content", request.content.picture, device_));
      if (image.sizes() != content.sizes()) {
        return absl::InvalidArgumentError(
            "measuring: the content has not the image's size");
      }
    }
    MeasureLuma(image, content, measured.values);
    if (content.defined() || !request.styles.empty()) {
      RETURN_IF_ERROR(
          MeasureFeatures(request, image, content, measured.values));
    }
    for (auto value = measured.values.begin();
         value != measured.values.end();) {
      value = std::isfinite(value->second) ? std::next(value)
                                           : measured.values.erase(value);
    }
    return measured;
  }

  absl::Status Prepare(const MeasureRequest& request)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const std::string key = KeyOf(request.by);
    if (reader_ != nullptr && reader_->asked_by == key) return absl::OkStatus();
    reader_ = nullptr;
    ASSIGN_OR_RETURN(const WeightFile file, request.weights());
    auto reader = std::make_unique<Reader>();
    reader->asked_by = key;
    reader->by = Resolved(request.by, file.network);
    ASSIGN_OR_RETURN(const Preprocessing preprocessing,
                     FindPreprocessing(reader->by.preprocessing));
    engine::NetworkOptions options;
    options.padding = file.network.padding;
    options.pooling = *reader->by.pooling;
    for (absl::string_view tap : kMeasuredStyleTaps) {
      if (!FindTap(file.network, tap).ok()) continue;
      options.taps.emplace_back(tap);
    }
    reader->style_taps = options.taps;
    if (FindTap(file.network, kMeasuredContentTap).ok()) {
      options.taps.emplace_back(kMeasuredContentTap);
      reader->has_content_tap = true;
    }
    ASSIGN_OR_RETURN(
        reader->network,
        engine::MakeNetwork(backend_, ViewWeights(file), options, device_));
    reader->preprocessor =
        std::make_unique<engine::Preprocessor>(preprocessing, device_);
    reader_ = std::move(reader);
    return absl::OkStatus();
  }

  static void MeasureLuma(const at::Tensor& image, const at::Tensor& content,
                          std::map<std::string, double>& values) {
    const at::Tensor luma = engine::Luma(image);
    values["mean_wavelength"] = engine::MeanWavelength(luma);
    if (!content.defined()) return;
    const at::Tensor of = engine::Luma(content);
    values["psnr"] = engine::Psnr(luma, of);
    if (std::min(luma.size(0), luma.size(1)) >= engine::kSsimWindow) {
      values["ssim"] = engine::Ssim(luma, of);
    }
  }

  absl::Status MeasureFeatures(const MeasureRequest& request,
                               const at::Tensor& image,
                               const at::Tensor& content,
                               std::map<std::string, double>& values)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    // Styles first: the features of a pass are good until the next one.
    std::vector<std::pair<double, std::shared_ptr<const StyleAtTaps>>> styles;
    for (const MeasureInput& style : request.styles) {
      ASSIGN_OR_RETURN(auto at_taps, StyleOf(style));
      if (at_taps != nullptr) {
        styles.emplace_back(style.share, std::move(at_taps));
      }
    }
    at::Tensor content_features;
    if (reader_->has_content_tap && content.defined()) {
      ASSIGN_OR_RETURN(const std::vector<at::Tensor> read, Read(content));
      if (read.empty()) return absl::OkStatus();
      content_features = read.back().clone();
    }
    ASSIGN_OR_RETURN(const std::vector<at::Tensor> read, Read(image));
    if (read.empty()) return absl::OkStatus();
    if (content_features.defined()) {
      values["content_distance"] =
          engine::RelativeDistance(read.back(), content_features);
    }
    const bool all_are_known =
        !styles.empty() && styles.size() == request.styles.size();
    if (all_are_known) CompareStyles(read, styles, values);
    return absl::OkStatus();
  }

  void CompareStyles(
      const std::vector<at::Tensor>& read,
      const std::vector<std::pair<double, std::shared_ptr<const StyleAtTaps>>>&
          styles,
      std::map<std::string, double>& values)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const size_t taps = reader_->style_taps.size();
    if (taps == 0) return;
    double gram_sum = 0;
    double style_sum = 0;
    for (size_t i = 0; i < taps; ++i) {
      const engine::FeatureMoments moments = engine::MomentsOf(read[i]);
      double gram = 0;
      double wasserstein = 0;
      for (const auto& [share, style] : styles) {
        const engine::StyleMoments& at = (*style)[i];
        const double distance = engine::WassersteinDistance(moments, at);
        gram += share * engine::GramDistance(moments, at);
        wasserstein += share * distance;
        style_sum += share * distance / std::sqrt(at.mean_square);
      }
      values["gram_distance_" + reader_->style_taps[i]] = gram;
      values["wasserstein_" + reader_->style_taps[i]] = wasserstein;
      gram_sum += gram;
    }
    values["gram_distance"] = gram_sum / static_cast<double>(taps);
    values["style_distance"] = style_sum / static_cast<double>(taps);
  }

  // Null for a picture that is too small for the network.
  absl::StatusOr<std::shared_ptr<const StyleAtTaps>> StyleOf(
      const MeasureInput& style) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const std::string key = absl::StrCat(reader_->asked_by, " ", style.key);
    if (const auto* found = styles_.Find(key)) return *found;
    ASSIGN_OR_RETURN(const at::Tensor picture,
                     ToTensor("style", style.picture, device_));
    ASSIGN_OR_RETURN(const std::vector<at::Tensor> read, Read(picture));
    if (read.empty()) return nullptr;
    auto at_taps = std::make_shared<StyleAtTaps>();
    for (size_t i = 0; i < reader_->style_taps.size(); ++i) {
      at_taps->push_back(engine::ToStyleMoments(engine::MomentsOf(read[i])));
    }
    const int64_t bytes = BytesOf(*at_taps);
    styles_.MakeRoom(bytes, kKeptBytes);
    if (bytes <= kKeptBytes) styles_.Add(key, at_taps, bytes);
    return at_taps;
  }

  // The features at the taps; none for a picture that is too small.
  absl::StatusOr<std::vector<at::Tensor>> Read(const at::Tensor& picture)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const absl::StatusOr<engine::PassBytes> bytes =
        reader_->network->BytesFor(picture.sizes());
    if (absl::IsInvalidArgument(bytes.status())) {
      return std::vector<at::Tensor>();
    }
    RETURN_IF_ERROR(bytes.status());
    const int64_t room = free_bytes_();
    if (bytes->all > room) {
      return absl::ResourceExhaustedError(
          absl::StrCat("measuring takes ", ByteText(bytes->all), "; ",
                       ByteText(room), " are free"));
    }
    ASSIGN_OR_RETURN(
        const engine::Features features,
        reader_->network->Forward(reader_->preprocessor->Forward(picture)));
    return features.taps;
  }

  const engine::Backend backend_;
  const at::Device device_;
  const int threads_;
  const std::function<int64_t()> free_bytes_;
  absl::Mutex mutex_;
  std::unique_ptr<Reader> reader_ ABSL_GUARDED_BY(mutex_);
  LruMap<std::shared_ptr<const StyleAtTaps>> styles_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<std::unique_ptr<Measurer>> MakeTorchMeasurer(
    const TorchMeasurerOptions& options) {
  const int threads = options.threads == 0 ? UsableCores() : options.threads;
  ASSIGN_OR_RETURN(const c10::Device device, FindDevice(options.device));
  ASSIGN_OR_RETURN(const engine::BackendChoice choice,
                   engine::ChooseBackend(options.backend, device));
  return std::make_unique<TorchMeasurer>(choice.backend, device, threads,
                                         options.free_bytes);
}

}  // namespace atelier
