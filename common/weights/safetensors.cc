#include "common/weights/safetensors.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

using Json = nlohmann::json;

constexpr absl::string_view kMetadataKey = "__metadata__";
constexpr size_t kLengthBytes = 8;

// Where a tensor lies in the part of the file that follows the header.
struct Extent {
  uint64_t begin = 0;
  uint64_t end = 0;
  std::string name;
};

absl::Status TensorError(absl::string_view name, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("tensor ", Quoted(name), " ", what));
}

std::optional<int64_t> BytesPerElement(absl::string_view dtype) {
  struct Row {
    absl::string_view dtype;
    int64_t bytes;
  };
  static constexpr std::array<Row, 13> kRows = {{{"BOOL", 1},
                                                 {"U8", 1},
                                                 {"I8", 1},
                                                 {"U16", 2},
                                                 {"I16", 2},
                                                 {"F16", 2},
                                                 {"BF16", 2},
                                                 {"U32", 4},
                                                 {"I32", 4},
                                                 {"F32", 4},
                                                 {"U64", 8},
                                                 {"I64", 8},
                                                 {"F64", 8}}};
  for (const Row& row : kRows) {
    if (row.dtype == dtype) return row.bytes;
  }
  return std::nullopt;
}

uint64_t LoadLength(absl::string_view bytes) {
  uint64_t length = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) {
    length |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return length;
}

std::string StoreLength(uint64_t length) {
  std::string bytes(kLengthBytes, '\0');
  for (size_t i = 0; i < kLengthBytes; ++i) bytes[i] = length >> (8 * i);
  return bytes;
}

// The header's text, once its length is known to be sane.
absl::StatusOr<absl::string_view> HeaderText(absl::string_view bytes) {
  if (bytes.size() < kLengthBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", bytes.size(),
                     " bytes; a safetensors file begins with 8 bytes of "
                     "header length"));
  }
  const uint64_t length = LoadLength(bytes);
  const uint64_t rest = bytes.size() - kLengthBytes;
  if (length > rest) {
    return absl::InvalidArgumentError(
        absl::StrCat("says its header has ", length, " bytes, but only ", rest,
                     " follow: not a safetensors file, or a truncated one"));
  }
  if (length > kMaxSafetensorsHeaderBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("says its header has ", length, " bytes; at most ",
                     kMaxSafetensorsHeaderBytes, " are read"));
  }
  return bytes.substr(kLengthBytes, length);
}

absl::StatusOr<Json> ParseHeader(absl::string_view text) {
  std::set<std::string> seen;
  std::optional<std::string> repeated;
  // The parser keeps the last of two equal keys; the format forbids them.
  const auto on_event = [&](int depth, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::key && depth == 1) {
      const auto& key = value.get_ref<const std::string&>();
      if (!seen.insert(key).second) repeated = key;
    }
    return true;
  };
  Json header = Json::parse(text.begin(), text.end(), on_event,
                            /*allow_exceptions=*/false);
  if (header.is_discarded() || !header.is_object()) {
    return absl::InvalidArgumentError(
        "has a header that is not a JSON object: not a safetensors file, or a "
        "damaged one");
  }
  if (repeated.has_value()) {
    return TensorError(*repeated, "is in the header twice");
  }
  return header;
}

absl::StatusOr<std::map<std::string, std::string>> ReadMetadata(
    const Json& object) {
  std::map<std::string, std::string> metadata;
  if (!object.is_object()) {
    return absl::InvalidArgumentError("has metadata that is not an object");
  }
  for (const auto& [key, value] : object.items()) {
    if (!value.is_string()) {
      return absl::InvalidArgumentError(
          absl::StrCat("has metadata ", Quoted(key), " that is not a string"));
    }
    metadata[key] = value.get_ref<const std::string&>();
  }
  return metadata;
}

// A member that must be a list of unsigned numbers below 2^63.
absl::StatusOr<std::vector<int64_t>> ReadNumbers(absl::string_view name,
                                                 const Json& tensor,
                                                 const char* member) {
  const std::string complaint =
      absl::StrCat("needs a '", member, "' that is a list of whole numbers");
  const auto list = tensor.find(member);
  if (list == tensor.end() || !list->is_array()) {
    return TensorError(name, complaint);
  }
  std::vector<int64_t> numbers;
  for (const Json& number : *list) {
    if (!number.is_number_unsigned() ||
        number.get<uint64_t>() > std::numeric_limits<int64_t>::max()) {
      return TensorError(name, complaint);
    }
    numbers.push_back(number.get<int64_t>());
  }
  return numbers;
}

std::optional<int64_t> SizeInBytes(const std::vector<int64_t>& shape,
                                   int64_t bytes_per_element) {
  int64_t size = bytes_per_element;
  for (int64_t extent : shape) {
    if (__builtin_mul_overflow(size, extent, &size)) return std::nullopt;
  }
  return size;
}

// Checks one entry of the header against its own words and the file's end.
absl::StatusOr<TensorView> ReadTensor(const std::string& name,
                                      const Json& entry, absl::string_view rest,
                                      std::vector<Extent>& extents) {
  if (!entry.is_object()) return TensorError(name, "is not an object");
  const auto dtype = entry.find("dtype");
  if (dtype == entry.end() || !dtype->is_string()) {
    return TensorError(name, "needs a 'dtype' that is a string");
  }
  TensorView tensor;
  tensor.dtype = dtype->get<std::string>();
  const std::optional<int64_t> element = BytesPerElement(tensor.dtype);
  if (!element.has_value()) {
    return TensorError(
        name, absl::StrCat("is of unknown type ", Quoted(tensor.dtype)));
  }
  ASSIGN_OR_RETURN(tensor.shape, ReadNumbers(name, entry, "shape"));
  ASSIGN_OR_RETURN(const std::vector<int64_t> offsets,
                   ReadNumbers(name, entry, "data_offsets"));
  if (offsets.size() != 2 || offsets[0] > offsets[1]) {
    return TensorError(name,
                       absl::StrCat("has data_offsets ", ShapeText(offsets),
                                    "; [begin, end] is expected"));
  }
  if (static_cast<uint64_t>(offsets[1]) > rest.size()) {
    return TensorError(
        name, absl::StrCat("ends at byte ", offsets[1], ", but ", rest.size(),
                           " follow the header: the file is "
                           "truncated or damaged"));
  }
  const int64_t given = offsets[1] - offsets[0];
  if (SizeInBytes(tensor.shape, *element) != given) {
    return TensorError(
        name,
        absl::StrCat("has ", given, " bytes, which is not what ", tensor.dtype,
                     " ", ShapeText(tensor.shape), " takes"));
  }
  tensor.bytes = rest.substr(offsets[0], given);
  extents.push_back({static_cast<uint64_t>(offsets[0]),
                     static_cast<uint64_t>(offsets[1]), name});
  return tensor;
}

// The tensors must lie end to end: no byte in two, no byte in none.
absl::Status CheckCover(std::vector<Extent> extents, uint64_t size) {
  std::sort(extents.begin(), extents.end(),
            [](const Extent& a, const Extent& b) {
              return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
            });
  uint64_t at = 0;
  for (const Extent& extent : extents) {
    if (extent.begin != at) {
      return TensorError(
          extent.name,
          absl::StrCat("begins at byte ", extent.begin,
                       extent.begin < at ? ", inside" : ", after a gap from",
                       " the tensor before it, which ends at ", at));
    }
    at = extent.end;
  }
  if (at != size) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has ", size, " bytes after the header, but its tensors take ", at));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<NamedTensors> ReadSafetensors(absl::string_view bytes) {
  ASSIGN_OR_RETURN(const absl::string_view text, HeaderText(bytes));
  ASSIGN_OR_RETURN(const Json header, ParseHeader(text));
  const absl::string_view rest = bytes.substr(kLengthBytes + text.size());
  NamedTensors result;
  std::vector<Extent> extents;
  for (const auto& [name, entry] : header.items()) {
    if (name == kMetadataKey) {
      ASSIGN_OR_RETURN(result.metadata, ReadMetadata(entry));
      continue;
    }
    ASSIGN_OR_RETURN(result.tensors[name],
                     ReadTensor(name, entry, rest, extents));
  }
  RETURN_IF_ERROR(CheckCover(std::move(extents), rest.size()));
  return result;
}

std::string WriteSafetensors(
    const std::map<std::string, std::string>& metadata,
    const std::vector<std::pair<std::string, TensorView>>& tensors) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header[std::string(kMetadataKey)] = metadata;
  uint64_t at = 0;
  for (const auto& [name, tensor] : tensors) {
    const uint64_t end = at + tensor.bytes.size();
    header[name] = nlohmann::ordered_json{{"dtype", tensor.dtype},
                                          {"shape", tensor.shape},
                                          {"data_offsets", {at, end}}};
    at = end;
  }
  using nlohmann::ordered_json;
  std::string text =
      header.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  // Aligned, as the format's own writer does it.
  text.resize((text.size() + 7) / 8 * 8, ' ');
  std::string bytes = StoreLength(text.size());
  bytes.reserve(kLengthBytes + text.size() + at);
  bytes += text;
  for (const auto& [name, tensor] : tensors)
    absl::StrAppend(&bytes, tensor.bytes);
  return bytes;
}

}  // namespace atelier
