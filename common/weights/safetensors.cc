#include "common/weights/safetensors.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "common/weights/byte_reader.h"

namespace atelier {
namespace {

using Json = nlohmann::json;

constexpr char kMetadataKey[] = "__metadata__";
constexpr size_t kLengthBytes = 8;

std::optional<int64_t> BytesPerElement(absl::string_view dtype) {
  static constexpr std::pair<absl::string_view, int64_t> kSizes[] = {
      {"BOOL", 1}, {"U8", 1},   {"I8", 1},  {"U16", 2}, {"I16", 2},
      {"F16", 2},  {"BF16", 2}, {"U32", 4}, {"I32", 4}, {"F32", 4},
      {"U64", 8},  {"I64", 8},  {"F64", 8}};
  for (const auto& [name, bytes] : kSizes) {
    if (name == dtype) return bytes;
  }
  return std::nullopt;
}

std::string StoreLength(uint64_t length) {
  std::string bytes(kLengthBytes, '\0');
  for (size_t i = 0; i < kLengthBytes; ++i) bytes[i] = length >> (8 * i);
  return bytes;
}

// Of the header's text, by the first bytes of a file of `file_bytes`.
absl::StatusOr<uint64_t> HeaderLength(absl::string_view first,
                                      uint64_t file_bytes) {
  if (file_bytes < kLengthBytes) {
    return InvalidArgument("has ", file_bytes,
                           " bytes; a safetensors file begins with 8 bytes of "
                           "header length");
  }
  const uint64_t length = ByteReader(first).U64();
  const uint64_t rest = file_bytes - kLengthBytes;
  if (length > rest) {
    return InvalidArgument(
        "says its header has ", length, " bytes, but only ", rest,
        " follow: not a safetensors file, or a truncated one");
  }
  if (length > kMaxSafetensorsHeaderBytes) {
    return InvalidArgument("says its header has ", length, " bytes; at most ",
                           kMaxSafetensorsHeaderBytes, " are read");
  }
  return length;
}

std::string JsonText(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<Json> ParseJson(absl::string_view text) {
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
      return InvalidArgument("has metadata ", Quoted(key),
                             " that is not a string");
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
// `first` and `rest`: where the bytes after the header begin, and how many.
absl::StatusOr<TensorPlace> ReadPlace(const std::string& name,
                                      const Json& entry, uint64_t first,
                                      uint64_t rest) {
  if (!entry.is_object()) return TensorError(name, "is not an object");
  const auto dtype = entry.find("dtype");
  if (dtype == entry.end() || !dtype->is_string()) {
    return TensorError(name, "needs a 'dtype' that is a string");
  }
  TensorPlace tensor;
  tensor.dtype = dtype->get<std::string>();
  const std::optional<int64_t> element = BytesPerElement(tensor.dtype);
  if (!element.has_value()) {
    return TensorError(name, "is of unknown type ", Quoted(tensor.dtype));
  }
  ASSIGN_OR_RETURN(tensor.shape, ReadNumbers(name, entry, "shape"));
  ASSIGN_OR_RETURN(const std::vector<int64_t> offsets,
                   ReadNumbers(name, entry, "data_offsets"));
  if (offsets.size() != 2 || offsets[0] > offsets[1]) {
    return TensorError(name, "has data_offsets ", ShapeText(offsets),
                       "; [begin, end] is expected");
  }
  if (static_cast<uint64_t>(offsets[1]) > rest) {
    return TensorError(name, "ends at byte ", offsets[1], ", but ", rest,
                       " follow the header: the file is truncated or damaged");
  }
  const int64_t given = offsets[1] - offsets[0];
  if (SizeInBytes(tensor.shape, *element) != given) {
    return TensorError(name, "has ", given, " bytes, which is not what ",
                       tensor.dtype, " ", ShapeText(tensor.shape), " takes");
  }
  tensor.begin = first + offsets[0];
  tensor.size = given;
  return tensor;
}

// The tensors must lie end to end: no byte in two, no byte in none.
absl::Status CheckCover(const std::map<std::string, TensorPlace>& tensors,
                        uint64_t first, uint64_t size) {
  std::vector<std::tuple<uint64_t, uint64_t, std::string>> extents;
  for (const auto& [name, tensor] : tensors) {
    const uint64_t begin = tensor.begin - first;
    extents.emplace_back(begin, begin + tensor.size, name);
  }
  std::sort(extents.begin(), extents.end());
  uint64_t at = 0;
  for (const auto& [begin, end, name] : extents) {
    if (begin != at) {
      return TensorError(name, "begins at byte ", begin,
                         begin < at ? ", inside" : ", after a gap from",
                         " the tensor before it, which ends at ", at);
    }
    at = end;
  }
  if (at != size) {
    return InvalidArgument(
        "has ", size, " bytes after the header, but its tensors take ", at);
  }
  return absl::OkStatus();
}

absl::StatusOr<SafetensorsHeader> ParseHeader(absl::string_view text,
                                              uint64_t file_bytes) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(text));
  const uint64_t first = kLengthBytes + text.size();
  const uint64_t rest = file_bytes - first;
  SafetensorsHeader header;
  for (const auto& [name, entry] : json.items()) {
    if (name == kMetadataKey) {
      ASSIGN_OR_RETURN(header.metadata, ReadMetadata(entry));
      continue;
    }
    ASSIGN_OR_RETURN(header.tensors[name], ReadPlace(name, entry, first, rest));
  }
  RETURN_IF_ERROR(CheckCover(header.tensors, first, rest));
  return header;
}

}  // namespace

absl::StatusOr<NamedTensors> ReadSafetensors(absl::string_view bytes) {
  ASSIGN_OR_RETURN(const uint64_t length, HeaderLength(bytes, bytes.size()));
  ASSIGN_OR_RETURN(
      SafetensorsHeader header,
      ParseHeader(bytes.substr(kLengthBytes, length), bytes.size()));
  NamedTensors result;
  result.metadata = std::move(header.metadata);
  for (auto& [name, place] : header.tensors) {
    result.tensors[name] = {std::move(place.dtype), std::move(place.shape),
                            bytes.substr(place.begin, place.size)};
  }
  return result;
}

absl::StatusOr<SafetensorsHeader> ReadSafetensorsHeader(std::istream& in) {
  in.seekg(0, std::ios::end);
  const auto file_bytes = static_cast<int64_t>(in.tellg());
  in.seekg(0);
  std::string first(kLengthBytes, '\0');
  in.read(first.data(), kLengthBytes);
  ASSIGN_OR_RETURN(const uint64_t length,
                   HeaderLength(first, std::max<int64_t>(0, file_bytes)));
  std::string text(length, '\0');
  in.read(text.data(), static_cast<std::streamsize>(length));
  if (!in) return absl::InvalidArgumentError("cannot be read");
  return ParseHeader(text, file_bytes);
}

std::string MakeSafetensorsHeader(
    const std::map<std::string, std::string>& metadata,
    const std::vector<std::pair<std::string, TensorView>>& tensors) {
  std::vector<std::string> members;
  if (!metadata.empty()) {
    members.push_back(
        absl::StrCat(JsonText(kMetadataKey), ":", JsonText(metadata)));
  }
  uint64_t at = 0;
  for (const auto& [name, tensor] : tensors) {
    const uint64_t end =
        at + *SizeInBytes(tensor.shape, *BytesPerElement(tensor.dtype));
    members.push_back(absl::StrCat(
        JsonText(name), R"(:{"dtype":)", JsonText(tensor.dtype), R"(,"shape":)",
        JsonText(tensor.shape), R"(,"data_offsets":[)", at, ",", end, "]}"));
    at = end;
  }
  std::string text = absl::StrCat("{", absl::StrJoin(members, ","), "}");
  // Aligned, as the format's own writer does it.
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return StoreLength(text.size()) + text;
}

std::string WriteSafetensors(
    const std::map<std::string, std::string>& metadata,
    const std::vector<std::pair<std::string, TensorView>>& tensors) {
  std::string bytes = MakeSafetensorsHeader(metadata, tensors);
  size_t size = bytes.size();
  for (const auto& [name, tensor] : tensors) size += tensor.bytes.size();
  bytes.reserve(size);
  for (const auto& [name, tensor] : tensors)
    absl::StrAppend(&bytes, tensor.bytes);
  return bytes;
}

}  // namespace atelier
