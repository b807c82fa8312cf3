// The network that comes with Atelier, compiled in. README.md beside this file
// says how it was made and what it can do.
#ifndef ATELIER_COMMON_WEIGHTS_BUILTIN_H_
#define ATELIER_COMMON_WEIGHTS_BUILTIN_H_

#include "absl/strings/string_view.h"

namespace atelier {

/// The safetensors file named kBuiltinNetwork. Lives as long as the process.
absl::string_view BuiltinNetworkBytes();

}  // namespace atelier

#endif  // ATELIER_COMMON_WEIGHTS_BUILTIN_H_
