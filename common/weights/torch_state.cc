#include "common/weights/torch_state.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr absl::string_view kRebuildTensor = "torch._utils._rebuild_tensor";
constexpr absl::string_view kRebuildTensorV2 =
    "torch._utils._rebuild_tensor_v2";
constexpr absl::string_view kRebuildParameter =
    "torch._utils._rebuild_parameter";
constexpr absl::string_view kParameter = "torch.nn.parameter.Parameter";
constexpr size_t kMaxRank = 8;
constexpr size_t kMaxStorageKeyBytes = 64;

struct StorageType {
  absl::string_view global;
  absl::string_view dtype;
  int64_t element_bytes;
};

constexpr std::array<StorageType, 10> kStorageTypes = {
    {{"torch.FloatStorage", "F32", 4},
     {"torch.HalfStorage", "F16", 2},
     {"torch.BFloat16Storage", "BF16", 2},
     {"torch.DoubleStorage", "F64", 8},
     {"torch.LongStorage", "I64", 8},
     {"torch.IntStorage", "I32", 4},
     {"torch.ShortStorage", "I16", 2},
     {"torch.CharStorage", "I8", 1},
     {"torch.ByteStorage", "U8", 1},
     {"torch.BoolStorage", "BOOL", 1}}};

template <typename... Parts>
absl::Status StorageError(const Parts&... what) {
  return InvalidArgument("a storage ", what...,
                         ": the file is damaged, or not one "
                         "that torch.save wrote");
}

// Indices into the tuple that names a storage.
enum StorageField { kTag, kType, kKey, kLocation, kElements, kView };

absl::Status AddStorage(const Pickle& pickle, const PickleNode& id,
                        TorchStorages& storages) {
  const std::vector<PickleRef>& fields = id.items;
  if (id.kind != PickleKind::kTuple || fields.size() <= kElements ||
      fields.size() > kView + 1 || pickle[fields[kTag]].text != "storage") {
    return StorageError(
        "is named by something other than (\"storage\", type, "
        "key, location, size)");
  }
  const PickleNode& type = pickle[fields[kType]];
  const PickleNode& key = pickle[fields[kKey]];
  const PickleNode& elements = pickle[fields[kElements]];
  const auto* const known = std::find_if(
      kStorageTypes.begin(), kStorageTypes.end(), [&](const StorageType& row) {
        return type.kind == PickleKind::kGlobal && row.global == type.text;
      });
  if (known == kStorageTypes.end()) {
    return StorageError("has a type that is not a kind of storage");
  }
  if (key.kind != PickleKind::kText || key.text.empty() ||
      key.text.size() > kMaxStorageKeyBytes) {
    return StorageError("has a key that is not a short text");
  }
  if (fields.size() > kView &&
      pickle[fields[kView]].kind != PickleKind::kNone) {
    return StorageError(Quoted(key.text), " is a view of another");
  }
  TorchStorage storage{
      known->dtype, known->element_bytes, elements.integer, {}};
  int64_t bytes = 0;
  if (elements.kind != PickleKind::kInteger || storage.elements < 0 ||
      __builtin_mul_overflow(storage.elements, storage.element_bytes, &bytes)) {
    return StorageError(Quoted(key.text), " has a size that cannot be");
  }
  const auto [at, added] = storages.emplace(std::string(key.text), storage);
  if (!added && (at->second.dtype != storage.dtype ||
                 at->second.elements != storage.elements)) {
    return StorageError(Quoted(key.text), " is described in two ways");
  }
  return absl::OkStatus();
}

// The call that makes a tensor, out of the parameter that may be around it.
const PickleNode* TensorCall(const Pickle& pickle, PickleRef ref) {
  constexpr int kMaxWrappers = 2;
  for (int depth = 0; depth <= kMaxWrappers; ++depth) {
    const PickleNode& node = pickle[ref];
    if (node.kind != PickleKind::kCall) return nullptr;
    const absl::string_view callable = pickle[node.items[0]].text;
    if (callable == kRebuildTensor || callable == kRebuildTensorV2) {
      return &node;
    }
    const std::vector<PickleRef>& arguments = pickle[node.items[1]].items;
    if ((callable != kRebuildParameter && callable != kParameter) ||
        arguments.empty()) {
      return nullptr;
    }
    ref = arguments[0];
  }
  return nullptr;
}

std::optional<std::vector<int64_t>> Numbers(const Pickle& pickle,
                                            PickleRef ref) {
  const PickleNode& tuple = pickle[ref];
  if (tuple.kind != PickleKind::kTuple || tuple.items.size() > kMaxRank) {
    return std::nullopt;
  }
  std::vector<int64_t> numbers;
  for (const PickleRef item : tuple.items) {
    const PickleNode& number = pickle[item];
    if (number.kind != PickleKind::kInteger || number.integer < 0) {
      return std::nullopt;
    }
    numbers.push_back(number.integer);
  }
  return numbers;
}

std::optional<int64_t> Product(const std::vector<int64_t>& numbers) {
  int64_t product = 1;
  for (const int64_t number : numbers) {
    if (__builtin_mul_overflow(product, number, &product)) return std::nullopt;
  }
  return product;
}

// Row-major without gaps. The stride of a dimension of one says nothing.
// REQUIRES: a product that does not overflow.
bool IsDense(const std::vector<int64_t>& shape,
             const std::vector<int64_t>& strides) {
  int64_t expected = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    if (shape[i] != 1 && strides[i] != expected) return false;
    expected *= shape[i];
  }
  return true;
}

absl::StatusOr<const TorchStorage*> StorageOf(absl::string_view name,
                                              const Pickle& pickle,
                                              PickleRef ref,
                                              const TorchStorages& storages) {
  const PickleNode& node = pickle[ref];
  if (node.kind != PickleKind::kPersistent) {
    return TensorError(name, "is not a view of a storage");
  }
  // FindStorages has seen every node of this kind.
  const PickleNode& id = pickle[node.items[0]];
  return &storages.at(std::string(pickle[id.items[kKey]].text));
}

absl::StatusOr<TensorView> ReadTensor(absl::string_view name,
                                      const Pickle& pickle,
                                      const PickleNode& call,
                                      const TorchStorages& storages) {
  enum Argument { kStorage, kOffset, kShape, kStrides, kCount };
  const std::vector<PickleRef>& arguments = pickle[call.items[1]].items;
  if (arguments.size() < kCount) {
    return TensorError(name, "lacks its storage, offset, shape or strides");
  }
  ASSIGN_OR_RETURN(const TorchStorage* const storage,
                   StorageOf(name, pickle, arguments[kStorage], storages));
  const PickleNode& offset = pickle[arguments[kOffset]];
  const auto shape = Numbers(pickle, arguments[kShape]);
  const auto strides = Numbers(pickle, arguments[kStrides]);
  const auto elements = shape.has_value() ? Product(*shape) : std::nullopt;
  if (offset.kind != PickleKind::kInteger || offset.integer < 0 ||
      !elements.has_value() || !strides.has_value() ||
      strides->size() != shape->size()) {
    return TensorError(name, "has an offset, shape or strides that cannot be");
  }
  if (*elements > 0 && !IsDense(*shape, *strides)) {
    return TensorError(name, "of shape ", ShapeText(*shape), " has strides ",
                       ShapeText(*strides),
                       "; only dense tensors are read: save it with "
                       ".contiguous()");
  }
  if (offset.integer > storage->elements ||
      *elements > storage->elements - offset.integer) {
    return TensorError(name, "of shape ", ShapeText(*shape), " at ",
                       offset.integer, " leaves its storage of ",
                       storage->elements, " elements");
  }
  TensorView tensor;
  tensor.dtype = std::string(storage->dtype);
  tensor.shape = *shape;
  tensor.bytes = storage->bytes.substr(offset.integer * storage->element_bytes,
                                       *elements * storage->element_bytes);
  return tensor;
}

bool HoldsTensors(const Pickle& pickle, const PickleNode& node) {
  if (node.kind != PickleKind::kDict) return false;
  for (size_t i = 1; i < node.items.size(); i += 2) {
    if (TensorCall(pickle, node.items[i]) != nullptr) return true;
  }
  return false;
}

// The state dict itself, or the one among what stands in it.
absl::StatusOr<const PickleNode*> FindStateDict(const Pickle& pickle) {
  const PickleNode& root = pickle[pickle.root];
  if (HoldsTensors(pickle, root)) return &root;
  std::vector<const PickleNode*> found;
  std::vector<std::string> keys;
  std::set<PickleRef> seen;  // One dict may stand here a million times.
  for (size_t i = 1; root.kind == PickleKind::kDict && i < root.items.size();
       i += 2) {
    const PickleNode& key = pickle[root.items[i - 1]];
    const PickleNode& value = pickle[root.items[i]];
    if (!seen.insert(root.items[i]).second) continue;
    if (!HoldsTensors(pickle, value)) continue;
    if (key.kind == PickleKind::kText && key.text == "state_dict") {
      return &value;
    }
    found.push_back(&value);
    keys.push_back(Quoted(key.text));
  }
  if (found.size() == 1) return found[0];
  return absl::InvalidArgumentError(
      found.empty()
          ? "holds no state dict: a dict of tensors by name is expected"
          : absl::StrCat(
                "holds several dicts of tensors: ", absl::StrJoin(keys, ", "),
                "; save the one to use by itself"));
}

}  // namespace

absl::Span<const absl::string_view> TorchGlobals() {
  static const auto* const globals = [] {
    auto* const names = new std::vector<absl::string_view>{
        kOrderedDict, kRebuildTensor, kRebuildTensorV2, kRebuildParameter,
        kParameter};
    for (const StorageType& type : kStorageTypes) {
      names->push_back(type.global);
    }
    return names;
  }();
  return *globals;
}

absl::StatusOr<TorchStorages> FindStorages(const Pickle& pickle) {
  TorchStorages storages;
  for (const PickleNode& node : pickle.nodes) {
    if (node.kind != PickleKind::kPersistent) continue;
    RETURN_IF_ERROR(AddStorage(pickle, pickle[node.items[0]], storages));
  }
  return storages;
}

absl::StatusOr<NamedTensors> ReadStateDict(const Pickle& pickle,
                                           const TorchStorages& storages) {
  ASSIGN_OR_RETURN(const PickleNode* const dict, FindStateDict(pickle));
  NamedTensors result;
  for (size_t i = 0; i < dict->items.size(); i += 2) {
    const PickleNode* const call = TensorCall(pickle, dict->items[i + 1]);
    if (call == nullptr) continue;
    const PickleNode& key = pickle[dict->items[i]];
    if (key.kind != PickleKind::kText) {
      return absl::InvalidArgumentError("has a tensor whose name is not text");
    }
    ASSIGN_OR_RETURN(TensorView tensor,
                     ReadTensor(key.text, pickle, *call, storages));
    if (!result.tensors.emplace(std::string(key.text), std::move(tensor))
             .second) {
      return TensorError(key.text, "is in the file twice");
    }
  }
  return result;
}

}  // namespace atelier
