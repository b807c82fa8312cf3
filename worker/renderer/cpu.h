// What this machine's processor is, as Linux tells it.
#ifndef ATELIER_WORKER_RENDERER_CPU_H_
#define ATELIER_WORKER_RENDERER_CPU_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace atelier {

struct CpuDescription {
  std::string model;             ///< "AMD EPYC 7B13", or "unknown CPU".
  std::string instruction_sets;  ///< Vector extensions: "avx avx2 fma".
};

/// Reads the text of /proc/cpuinfo, x86 or ARM.
CpuDescription ParseCpuInfo(absl::string_view cpuinfo);

/// This machine's. Empty fields where /proc can't be read.
CpuDescription DescribeCpu();

/// Memory that this process may use: the machine's, or its cgroup's where that
/// is less.
int64_t UsableMemoryBytes();

/// Memory of this process that is in the machine's, now.
int64_t ResidentBytes();

/// Cores that this process may run on; at least 1.
int UsableCores();

}  // namespace atelier

#endif  // ATELIER_WORKER_RENDERER_CPU_H_
