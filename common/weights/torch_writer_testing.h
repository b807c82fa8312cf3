// Files as torch.save writes them, for tests: byte for byte where nothing else
// is asked for (torch_file_test.cc holds it to PyTorch's own).
#ifndef ATELIER_COMMON_WEIGHTS_TORCH_WRITER_TESTING_H_
#define ATELIER_COMMON_WEIGHTS_TORCH_WRITER_TESTING_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace atelier {

struct TestTensor {
  std::string name;
  std::string storage_type = "FloatStorage";
  std::vector<int64_t> shape;
  std::string bytes;
  int element_bytes = 4;
};

/// A tensor that counts up from -1 in eighths, as testdata/README.md does.
TestTensor CountingTensor(const std::string& name,
                          const std::vector<int64_t>& shape);

/// Writes opcodes of protocol 2, remembering things as Python's pickler does.
class PickleWriter {
 public:
  explicit PickleWriter(bool python2 = false) : python2_(python2) {
    bytes_ = std::string("\x80\x02");
  }

  PickleWriter& Raw(const std::string& opcodes);
  PickleWriter& Put();
  /// A text, and Put; or the place of an equal one before.
  PickleWriter& Text(const std::string& text, bool remember = true);
  PickleWriter& Integer(int64_t value);
  PickleWriter& Global(const std::string& module, const std::string& name);
  PickleWriter& Tuple(const std::vector<int64_t>& items);
  std::string Finish() { return bytes_ + "."; }

 private:
  bool Recall(const std::string& what);

  std::string bytes_;
  const bool python2_;
  int count_ = 0;
  std::vector<std::pair<std::string, int>> remembered_;
};

struct TorchWriterOptions {
  std::string folder = "plain-zip";       ///< Zip: before every entry's name.
  std::vector<std::string> storage_keys;  ///< Legacy; made up when empty.
  bool python2 = false;    ///< As torchvision's first files: byte strings,
                           ///< _rebuild_tensor, and parameters around them.
  std::string byte_order;  ///< Zip: an entry, when given.
  std::vector<std::vector<int64_t>> strides;  ///< Instead of dense ones.
  int64_t offset = 0;                         ///< Of every tensor.
  bool shared_storage = false;  ///< Tensors of one size share a storage.
};

std::string WriteTorchZip(const std::vector<TestTensor>& tensors,
                          const TorchWriterOptions& options = {});
std::string WriteTorchLegacy(const std::vector<TestTensor>& tensors,
                             const TorchWriterOptions& options = {});

/// A zip of stored entries with torch.save's padding and end records.
std::string WriteZip(
    const std::vector<std::pair<std::string, std::string>>& entries);

/// The magic number, protocol and machine that a legacy file begins with.
std::string LegacyHeader();

/// `value` in `size` bytes, little-endian.
std::string LittleEndian(uint64_t value, int size);

}  // namespace atelier

#endif  // ATELIER_COMMON_WEIGHTS_TORCH_WRITER_TESTING_H_
