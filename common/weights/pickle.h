// Python pickles as data: a reader that can execute nothing.
//
// A pickle is a program for a stack machine that imports and calls whatever it
// names. This reader runs the part that builds lists, tuples, dicts, numbers
// and texts, and writes down the rest: an import becomes a name, a call becomes
// a record of what would have been called. Opcodes and names that are not on
// its lists are errors (docs/adr/0009).
// Opcodes: https://github.com/python/cpython/blob/main/Lib/pickletools.py.
#ifndef ATELIER_COMMON_WEIGHTS_PICKLE_H_
#define ATELIER_COMMON_WEIGHTS_PICKLE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace atelier {

/// VGG-19's state is some 5 KB of pickle and 900 nodes.
inline constexpr uint64_t kMaxPickleBytes = 4 << 20;
inline constexpr uint64_t kMaxPickleNodes = 1 << 17;
inline constexpr uint64_t kMaxPickleStack = 1 << 16;
inline constexpr uint64_t kMaxPickleTextBytes = 1 << 12;

/// A call of this makes a kDict, whatever else is allowed.
inline constexpr absl::string_view kOrderedDict = "collections.OrderedDict";

enum class PickleKind {
  kNone,
  kBool,     ///< integer is 0 or 1.
  kInteger,  ///< integer.
  kLong,     ///< More than 64 bits; text has them, little-endian.
  kReal,     ///< A float. Its value is not kept.
  kText,     ///< text.
  kTuple,    ///< items.
  kList,     ///< items.
  kDict,     ///< items: key, value, key, value ...
  kGlobal,   ///< text is "module.name".
  kCall,     ///< items: the kGlobal, the kTuple of its arguments. Not called.
  kPersistent,  ///< items: what stands for something outside the pickle.
};

/// Index of a node.
using PickleRef = uint32_t;

struct PickleNode {
  PickleKind kind = PickleKind::kNone;
  int64_t integer = 0;
  absl::string_view text;
  std::vector<PickleRef> items;
};

/// Nodes may hold one another more than once, and themselves: whoever walks
/// them needs a bound on depth.
/// Lifetime: that of the pickle's bytes.
struct Pickle {
  std::vector<PickleNode> nodes;
  PickleRef root = 0;
  uint64_t size_bytes = 0;  ///< Of the pickle, up to and with its STOP.

  const PickleNode& operator[](PickleRef ref) const { return nodes[ref]; }
};

/// Reads the pickle that begins at `at` in `file`. `globals` are the names, as
/// "module.name", that may occur.
/// Errors: InvalidArgument (names the opcode or global and its byte in the
///         file, or the bound that is exceeded).
absl::StatusOr<Pickle> ReadPickle(absl::string_view file, uint64_t at,
                                  absl::Span<const absl::string_view> globals);

}  // namespace atelier

#endif  // ATELIER_COMMON_WEIGHTS_PICKLE_H_
