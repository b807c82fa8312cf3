#include "worker/renderer/cpu.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/file.h"

namespace atelier {
namespace {

constexpr int64_t kMaxProcFileBytes = 16 << 20;

// Extensions that libraries choose their kernels by.
bool IsVectorExtension(absl::string_view flag) {
  for (absl::string_view prefix :
       {"sse4", "avx", "fma", "amx", "asimd", "sve", "sme", "i8mm", "bf16"}) {
    if (absl::StartsWith(flag, prefix)) return true;
  }
  return false;
}

std::string VectorExtensions(absl::string_view flags) {
  std::vector<std::string> found;
  for (absl::string_view flag :
       absl::StrSplit(flags, ' ', absl::SkipWhitespace())) {
    if (IsVectorExtension(flag)) found.emplace_back(flag);
  }
  std::sort(found.begin(), found.end());
  return absl::StrJoin(found, " ");
}

}  // namespace

CpuDescription ParseCpuInfo(absl::string_view cpuinfo) {
  CpuDescription cpu;
  for (absl::string_view line : absl::StrSplit(cpuinfo, '\n')) {
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(line, absl::MaxSplits(':', 1));
    const absl::string_view name = absl::StripAsciiWhitespace(field.first);
    const absl::string_view value = absl::StripAsciiWhitespace(field.second);
    if (name == "model name" && cpu.model.empty()) {
      cpu.model = std::string(value);
    } else if ((name == "flags" || name == "Features") &&
               cpu.instruction_sets.empty()) {
      cpu.instruction_sets = VectorExtensions(value);
    }
  }
  if (cpu.model.empty()) cpu.model = "unknown CPU";
  return cpu;
}

CpuDescription DescribeCpu() {
  return ParseCpuInfo(
      ReadFile("/proc/cpuinfo", kMaxProcFileBytes).value_or(""));
}

int64_t UsableMemoryBytes() {
  const int64_t machine =
      int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  const std::string limit =
      ReadFile("/sys/fs/cgroup/memory.max", kMaxProcFileBytes).value_or("max");
  int64_t bytes = 0;
  return absl::SimpleAtoi(limit, &bytes) ? std::min(bytes, machine) : machine;
}

int64_t ResidentBytes() {
  const std::string pages =
      ReadFile("/proc/self/statm", kMaxProcFileBytes).value_or("");
  const std::vector<absl::string_view> fields = absl::StrSplit(pages, ' ');
  int64_t resident = 0;
  if (fields.size() < 2 || !absl::SimpleAtoi(fields[1], &resident)) return 0;
  return resident * sysconf(_SC_PAGESIZE);
}

int UsableCores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
    return std::max(1, CPU_COUNT(&allowed));
  }
  return std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace atelier
