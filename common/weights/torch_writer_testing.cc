#include "common/weights/torch_writer_testing.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

constexpr uint64_t kAlignment = 64;

std::vector<int64_t> DenseStrides(const std::vector<int64_t>& shape) {
  std::vector<int64_t> strides(shape.size());
  // Unsigned, for shapes that are too large on purpose.
  uint64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    strides[i] = static_cast<int64_t>(stride);
    stride *= static_cast<uint64_t>(shape[i]);
  }
  return strides;
}

uint32_t Crc32(const std::string& bytes) {
  uint32_t crc = ~uint32_t{0};
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) {
      crc = crc >> 1 ^ (crc % 2 != 0 ? 0xedb88320u : 0);
    }
  }
  return ~crc;
}

void WriteHooks(PickleWriter& out) {
  out.Global("collections", "OrderedDict").Raw(")R").Put();
}

void WriteStorage(PickleWriter& out, const TestTensor& tensor,
                  const std::string& key, bool legacy) {
  const auto elements =
      static_cast<int64_t>(tensor.bytes.size()) / tensor.element_bytes;
  out.Raw("(").Text("storage").Global("torch", tensor.storage_type);
  out.Text(key, /*remember=*/false).Put().Text("cpu").Integer(elements);
  out.Raw(legacy ? "Nt" : "t").Put().Raw("Q");
}

struct StateWriter {
  const TorchWriterOptions& options;
  const std::vector<std::string>& keys;
  bool legacy = false;

  void WriteTensor(PickleWriter& out, const TestTensor& tensor,
                   size_t index) const {
    const std::vector<int64_t> strides = index < options.strides.size()
                                             ? options.strides[index]
                                             : DenseStrides(tensor.shape);
    if (options.python2) out.Global("torch.nn.parameter", "Parameter");
    out.Global("torch._utils",
               options.python2 ? "_rebuild_tensor" : "_rebuild_tensor_v2");
    out.Raw("(");
    WriteStorage(out, tensor, keys[index], legacy);
    out.Integer(options.offset).Tuple(tensor.shape).Tuple(strides);
    if (!options.python2) {
      out.Raw("\x89");
      WriteHooks(out);
    }
    out.Raw("t").Put().Raw("R").Put();
    if (!options.python2) return;
    // Parameter's arguments; then its state: needs no gradient, no hooks.
    out.Raw("\x85").Put().Raw("\x81").Put().Raw("\x89\x89");
    WriteHooks(out);
    out.Raw("\x87").Put().Raw("b");
  }

  std::string Write(const std::vector<TestTensor>& tensors) const {
    PickleWriter out(options.python2);
    WriteHooks(out);
    out.Raw("(");
    for (size_t i = 0; i < tensors.size(); ++i) {
      out.Text(tensors[i].name, /*remember=*/false).Put();
      WriteTensor(out, tensors[i], i);
    }
    return out.Raw("u").Finish();
  }
};

}  // namespace

std::string LittleEndian(uint64_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) {
    bytes += static_cast<char>(value >> (8 * i));
  }
  return bytes;
}

TestTensor CountingTensor(const std::string& name,
                          const std::vector<int64_t>& shape) {
  const int64_t count = std::accumulate(shape.begin(), shape.end(), int64_t{1},
                                        std::multiplies<>());
  std::vector<float> values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(i) / 8 - 1;
  }
  TestTensor tensor;
  tensor.name = name;
  tensor.shape = shape;
  tensor.bytes.assign(reinterpret_cast<const char*>(values.data()),
                      values.size() * sizeof(float));
  return tensor;
}

PickleWriter& PickleWriter::Raw(const std::string& opcodes) {
  bytes_ += opcodes;
  return *this;
}

PickleWriter& PickleWriter::Put() {
  constexpr int kLastShort = 255;
  bytes_ += count_ <= kLastShort ? "q" + LittleEndian(count_, 1)
                                 : "r" + LittleEndian(count_, 4);
  ++count_;
  return *this;
}

bool PickleWriter::Recall(const std::string& what) {
  const auto found =
      std::find_if(remembered_.begin(), remembered_.end(),
                   [&](const auto& entry) { return entry.first == what; });
  if (found == remembered_.end()) {
    remembered_.emplace_back(what, count_);
    return false;
  }
  bytes_ += "h" + LittleEndian(found->second, 1);
  return true;
}

PickleWriter& PickleWriter::Text(const std::string& text, bool remember) {
  if (remember && Recall("'" + text)) return *this;
  bytes_ += python2_ ? "U" + LittleEndian(text.size(), 1)
                     : "X" + LittleEndian(text.size(), 4);
  bytes_ += text;
  return remember ? Put() : *this;
}

PickleWriter& PickleWriter::Integer(int64_t value) {
  if (value >= 0 && value < 1 << 8) {
    bytes_ += "K" + LittleEndian(value, 1);
  } else if (value >= 0 && value < 1 << 16) {
    bytes_ += "M" + LittleEndian(value, 2);
  } else if (value == static_cast<int32_t>(value)) {
    bytes_ += "J" + LittleEndian(value, 4);
  } else {
    bytes_ += "\x8a\x08" + LittleEndian(value, 8);
  }
  return *this;
}

PickleWriter& PickleWriter::Global(const std::string& module,
                                   const std::string& name) {
  if (Recall(module + "." + name)) return *this;
  bytes_ += "c" + module + "\n" + name + "\n";
  return Put();
}

PickleWriter& PickleWriter::Tuple(const std::vector<int64_t>& items) {
  constexpr std::array<char, 4> kShort = {')', '\x85', '\x86', '\x87'};
  const bool is_long = items.size() >= kShort.size();
  if (is_long) bytes_ += "(";
  for (const int64_t item : items) Integer(item);
  bytes_ += is_long ? 't' : kShort[items.size()];
  return items.empty() ? *this : Put();
}

std::string WriteZip(
    const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string file;
  std::string directory;
  for (const auto& [name, bytes] : entries) {
    const std::string crc = LittleEndian(Crc32(bytes), 4);
    const std::string sizes =
        LittleEndian(bytes.size(), 4) + LittleEndian(bytes.size(), 4);
    const std::string name_size = LittleEndian(name.size(), 2);
    // Versions or none, flags (sizes follow, UTF-8), stored, no time.
    const std::string how = std::string("\x08\x08\0\0\0\0\0\0", 8);
    directory += "PK\x01\x02" + std::string(4, '\0') + how + crc + sizes +
                 name_size + std::string(12, '\0') +
                 LittleEndian(file.size(), 4) + name;
    const uint64_t start = file.size() + 30 + name.size() + 4;
    const uint64_t padding = (kAlignment - start % kAlignment) % kAlignment;
    file += "PK\x03\x04" + std::string(2, '\0') + how + std::string(12, '\0') +
            name_size + LittleEndian(padding + 4, 2) + name + "FB" +
            LittleEndian(padding, 2) + std::string(padding, 'Z') + bytes +
            "PK\x07\x08" + crc + sizes;
  }
  const uint64_t at = file.size();
  const uint64_t end = at + directory.size();
  const uint64_t count = entries.size();
  file += directory + "PK\x06\x06" + LittleEndian(44, 8) + "\x1e\x03-" +
          std::string(9, '\0') + LittleEndian(count, 8) +
          LittleEndian(count, 8) + LittleEndian(directory.size(), 8) +
          LittleEndian(at, 8);
  file += "PK\x06\x07" + LittleEndian(0, 4) + LittleEndian(end, 8) +
          LittleEndian(1, 4);
  file += "PK\x05\x06" + LittleEndian(0, 4) + LittleEndian(count, 2) +
          LittleEndian(count, 2) + LittleEndian(directory.size(), 4) +
          LittleEndian(at, 4) + LittleEndian(0, 2);
  return file;
}

std::string WriteTorchZip(const std::vector<TestTensor>& tensors,
                          const TorchWriterOptions& options) {
  std::vector<std::string> keys;
  std::vector<std::pair<std::string, std::string>> entries;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const auto alike = std::find_if(
        tensors.begin(), tensors.end(), [&](const TestTensor& tensor) {
          return options.shared_storage && tensor.shape == tensors[i].shape;
        });
    keys.push_back(absl::StrCat(
        alike == tensors.end() ? i : size_t(alike - tensors.begin())));
  }
  const StateWriter state{options, keys};
  entries.emplace_back(options.folder + "/data.pkl", state.Write(tensors));
  if (!options.byte_order.empty()) {
    entries.emplace_back(options.folder + "/byteorder", options.byte_order);
  }
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (keys[i] != absl::StrCat(i)) continue;
    entries.emplace_back(absl::StrCat(options.folder, "/data/", i),
                         tensors[i].bytes);
  }
  entries.emplace_back(options.folder + "/version", "3\n");
  return WriteZip(entries);
}

std::string LegacyHeader() {
  PickleWriter magic;
  magic.Raw("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19");
  PickleWriter protocol;
  protocol.Integer(1001);
  PickleWriter machine;
  machine.Raw("}").Put().Raw("(").Text("protocol_version").Integer(1001);
  machine.Text("little_endian").Raw("\x88").Text("type_sizes").Raw("}").Put();
  machine.Raw("(").Text("short").Integer(2).Text("int").Integer(4);
  machine.Text("long").Integer(4).Raw("uu");
  return magic.Finish() + protocol.Finish() + machine.Finish();
}

std::string WriteTorchLegacy(const std::vector<TestTensor>& tensors,
                             const TorchWriterOptions& options) {
  std::vector<std::string> keys = options.storage_keys;
  for (size_t i = keys.size(); i < tensors.size(); ++i) {
    keys.push_back(absl::StrCat(77477888 + 64 * i));
  }
  const StateWriter state{options, keys, /*legacy=*/true};
  std::vector<size_t> order(tensors.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return keys[a] < keys[b]; });
  PickleWriter list(options.python2);
  list.Raw("]").Put().Raw("(");
  for (const size_t i : order) list.Text(keys[i]);
  std::string file =
      LegacyHeader() + state.Write(tensors) + list.Raw("e").Finish();
  for (const size_t i : order) {
    file += LittleEndian(
        tensors[i].bytes.size() / static_cast<size_t>(tensors[i].element_bytes),
        8);
    file += tensors[i].bytes;
  }
  return file;
}

}  // namespace atelier
