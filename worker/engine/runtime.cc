#include "worker/engine/runtime.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <dlfcn.h>
#include <torch/version.h>

#include <cstdlib>
#include <mutex>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace atelier::engine {
namespace {

// OpenBLAS is not linked by name: whichever BLAS the machine has chosen is
// loaded with Torch, and only then is it known whether it is OpenBLAS.
template <typename Function>
Function* FindLoaded(const char* symbol) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, symbol));
}

void ConfigureOnce() {
  // cuBLAS is deterministic only with this, read when CUDA starts.
  setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*overwrite=*/0);
  at::Context& context = at::globalContext();
  // Only a warning: max pooling's gradient on CUDA is on Torch's list, but with
  // windows that do not overlap nothing is added twice.
  context.setDeterministicAlgorithms(true, /*warn_only=*/true);
#if TORCH_VERSION_MAJOR > 2 || \
    (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 2)
  // Nothing here reads memory before it is written.
  context.setDeterministicFillUninitializedMemory(false);
#endif
  context.setDeterministicCuDNN(true);
  context.setBenchmarkCuDNN(false);
  context.setAllowTF32CuBLAS(false);
  context.setAllowTF32CuDNN(false);
  // Nothing here runs operators side by side. Torch refuses a second call.
  if (at::get_num_interop_threads() != 1) at::set_num_interop_threads(1);
}

// The lines of Torch's own report, less the flags it was compiled with.
std::vector<std::string> ConfigLines() {
  std::vector<std::string> lines;
  for (absl::string_view line : absl::StrSplit(at::show_config(), '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (absl::ConsumePrefix(&line, "- ") &&
        !absl::StartsWith(line, "Build settings")) {
      lines.emplace_back(line);
    }
  }
  return lines;
}

}  // namespace

void ConfigureTorch(int threads) {
  static std::once_flag configured;
  std::call_once(configured, ConfigureOnce);
  at::set_num_threads(threads);
  if (auto* set_threads = FindLoaded<void(int)>("openblas_set_num_threads")) {
    set_threads(threads);
  }
}

Blas FindBlas() {
  if (auto* config = FindLoaded<char*()>("openblas_get_config")) {
    return {std::string(absl::StripAsciiWhitespace(config()))};
  }
  const std::string config = at::show_config();
  for (absl::string_view line : ConfigLines()) {
    if (absl::StrContains(line, "Math Kernel Library")) {
      return {std::string(line)};
    }
  }
  // Built into Torch itself, as published binaries have it.
  if (absl::StrContains(config, "BLAS_INFO=open")) return {"OpenBLAS"};
  return {"unknown", false};
}

std::string EngineBuild() { return ATELIER_ENGINE_BUILD; }

std::string TorchBuild() {
  return absl::StrCat(TORCH_VERSION, "; ", absl::StrJoin(ConfigLines(), "; "));
}

}  // namespace atelier::engine
