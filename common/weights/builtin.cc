#include "common/weights/builtin.h"

#include <cstddef>

// The assembler takes the file in as it is: three megabytes as a C array would
// cost seconds of compiling. ATELIER_BUILTIN_NETWORK_FILE is its full path.
asm(R"(
  .pushsection .rodata
  .balign 16
  .globl atelier_builtin_network
  .hidden atelier_builtin_network
atelier_builtin_network:
  .incbin ")" ATELIER_BUILTIN_NETWORK_FILE R"("
  .globl atelier_builtin_network_end
  .hidden atelier_builtin_network_end
atelier_builtin_network_end:
  .byte 0
  .popsection
)");

extern "C" {
extern const char atelier_builtin_network[];
extern const char atelier_builtin_network_end[];
}

namespace atelier {

absl::string_view BuiltinNetworkBytes() {
  return {atelier_builtin_network,
          static_cast<size_t>(atelier_builtin_network_end -
                              atelier_builtin_network)};
}

}  // namespace atelier
