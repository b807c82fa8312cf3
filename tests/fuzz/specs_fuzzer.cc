// Any bytes as the file that a person submits.
#include <cstddef>
#include <cstdint>

#include "client/lib/spec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  atelier::SpecLimits limits;
  limits.max_axis_values = 1000;
  atelier::ParseSpec({reinterpret_cast<const char*>(data), size}, "spec.yaml",
                     limits)
      .status()
      .IgnoreError();
  return 0;
}
