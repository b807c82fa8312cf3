#include "worker/renderer/device.h"

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status_macros.h"
#include "worker/engine/runtime.h"
#include "worker/renderer/cpu.h"
#include "worker/renderer/gpu.h"

namespace atelier {
namespace {

constexpr absl::string_view kSlowBlas =
    "Torch's BLAS is not an optimized one, so renders may take many times as "
    "long; on Debian, install libopenblas0-pthread";

std::string DeviceNames() {
  std::string names = "cpu";
  for (int i = 0; i < GpuCount(); ++i) absl::StrAppend(&names, ", cuda:", i);
  return names;
}

void DescribeCpuDevice(int threads, DeviceReport& report) {
  const CpuDescription cpu = DescribeCpu();
  const engine::Blas blas = engine::FindBlas();
  report.model = cpu.model;
  report.memory_bytes = UsableMemoryBytes();
  if (!blas.optimized) report.warnings.emplace_back(kSlowBlas);
  // The model too: libraries cut their loops by its caches.
  absl::StrAppend(&report.profile_text, "device: cpu\nmodel: ", cpu.model,
                  "\ninstruction set: ", cpu.instruction_sets,
                  "\nthreads: ", threads, "\nblas: ", blas.version, "\n");
}

absl::Status DescribeGpuDevice(int index, DeviceReport& report) {
  ASSIGN_OR_RETURN(const GpuDescription gpu, DescribeGpu(index));
  report.model = gpu.model;
  report.memory_bytes = gpu.memory_bytes;
  absl::StrAppend(&report.profile_text, "device: cuda\nmodel: ", gpu.model,
                  "\ncompute capability: ", gpu.compute_capability,
                  "\nl-bfgs: block form\n");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<c10::Device> FindDevice(absl::string_view name) {
  if (name == "cpu") return c10::Device(c10::kCPU);
  absl::string_view number = name;
  int index = 0;
  if (absl::ConsumePrefix(&number, "cuda:") &&
      absl::SimpleAtoi(number, &index) && index >= 0 && index < GpuCount()) {
    return c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(index));
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "device: '", name, "' is not here; there are: ", DeviceNames()));
}

absl::StatusOr<DeviceReport> DescribeDevice(
    c10::Device device, int threads, const engine::BackendChoice& choice) {
  DeviceReport report;
  report.device = device.str();
  report.threads = threads;
  report.profile_text =
      absl::StrCat("engine: ", engine::EngineBuild(),
                   "\nbackend: ", engine::DescribeBackend(choice.backend),
                   "\ntorch: ", engine::TorchBuild(), "\n");
  if (!choice.fallback.empty()) {
    report.warnings.push_back(
        absl::StrCat("renders run on the reference backend, which is slower: ",
                     choice.fallback));
  }
  if (device.is_cpu()) {
    DescribeCpuDevice(threads, report);
  } else {
    RETURN_IF_ERROR(DescribeGpuDevice(device.index(), report));
  }
  return report;
}

}  // namespace atelier
