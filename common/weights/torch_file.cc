#include "common/weights/torch_file.h"

#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "common/weights/byte_reader.h"
#include "common/weights/pickle.h"
#include "common/weights/stored_zip.h"
#include "common/weights/torch_state.h"

namespace atelier {
namespace {

constexpr absl::string_view kPickleEntry = "/data.pkl";
constexpr int64_t kLegacyProtocol = 1001;

// The number 0x1950a86a20f9469cfc6c, little-endian.
absl::string_view LegacyMagic() {
  return {"\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10};
}

// A pickle of protocol 2 that begins with that number.
std::string LegacyBeginning() {
  return absl::StrCat(absl::string_view("\x80\x02\x8a\x0a", 4), LegacyMagic());
}

absl::StatusOr<std::string> FindFolder(
    const std::map<std::string, absl::string_view>& entries) {
  std::optional<std::string> folder;
  for (const auto& [name, bytes] : entries) {
    absl::string_view rest = name;
    if (!absl::ConsumeSuffix(&rest, kPickleEntry)) continue;
    if (folder.has_value()) {
      return absl::InvalidArgumentError("zip: has more than one data.pkl");
    }
    folder = std::string(rest);
  }
  if (folder.has_value()) return *std::move(folder);
  return absl::InvalidArgumentError(
      "zip: has no data.pkl: not a file that torch.save wrote");
}

absl::Status CheckByteOrder(
    const std::map<std::string, absl::string_view>& entries,
    const std::string& folder) {
  const auto found = entries.find(absl::StrCat(folder, "/byteorder"));
  if (found == entries.end() || found->second == "little") {
    return absl::OkStatus();
  }
  return InvalidArgument("has byte order ", Quoted(found->second),
                         "; only little-endian files are read");
}

absl::Status FindBytes(const std::map<std::string, absl::string_view>& entries,
                       const std::string& folder, TorchStorages& storages) {
  for (auto& [key, storage] : storages) {
    const std::string name = absl::StrCat(folder, "/data/", key);
    const auto found = entries.find(name);
    if (found == entries.end()) {
      return InvalidArgument("zip: has no entry ", Quoted(name));
    }
    if (found->second.size() != static_cast<size_t>(storage.SizeBytes())) {
      return InvalidArgument("zip entry ", Quoted(name), " has ",
                             found->second.size(), " bytes; ", storage.elements,
                             " of ", storage.dtype, " take ",
                             storage.SizeBytes());
    }
    storage.bytes = found->second;
  }
  return absl::OkStatus();
}

// The value of a key of a small dict; null where there is none.
const PickleNode* ValueOf(const Pickle& pickle, absl::string_view key) {
  const PickleNode& dict = pickle[pickle.root];
  if (dict.kind != PickleKind::kDict) return nullptr;
  for (size_t i = 0; i < dict.items.size(); i += 2) {
    if (pickle[dict.items[i]].text == key) return &pickle[dict.items[i + 1]];
  }
  return nullptr;
}

// The pickles of the legacy form, one after the other.
class LegacyReader {
 public:
  explicit LegacyReader(absl::string_view file) : file_(file) {}

  absl::Status ReadHeader() {
    ASSIGN_OR_RETURN(const Pickle magic, NextPickle());
    ASSIGN_OR_RETURN(const Pickle protocol, NextPickle());
    ASSIGN_OR_RETURN(const Pickle machine, NextPickle());
    if (magic[magic.root].text != LegacyMagic()) {
      return absl::InvalidArgumentError("does not begin with PyTorch's number");
    }
    if (protocol[protocol.root].integer != kLegacyProtocol) {
      return InvalidArgument("has protocol ", protocol[protocol.root].integer,
                             "; ", kLegacyProtocol, " is read");
    }
    const PickleNode* const little = ValueOf(machine, "little_endian");
    if (little == nullptr || little->kind != PickleKind::kBool ||
        little->integer == 0) {
      return absl::InvalidArgumentError(
          "was not written on a little-endian machine; only such files are "
          "read");
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Pickle> NextPickle() {
    auto pickle = ReadPickle(file_, at_, TorchGlobals());
    if (pickle.ok()) at_ += pickle->size_bytes;
    return pickle;
  }

  // Gives each storage its bytes; `keys` says in which order they lie.
  absl::Status ReadStorages(const Pickle& keys, TorchStorages& storages) {
    const PickleNode& list = keys[keys.root];
    if (list.kind != PickleKind::kList ||
        list.items.size() != storages.size()) {
      return InvalidArgument("lists ", list.items.size(),
                             " storages, but its tensors are views of ",
                             storages.size());
    }
    std::set<absl::string_view> seen;
    for (const PickleRef ref : list.items) {
      const absl::string_view key = keys[ref].text;
      const auto found = storages.find(std::string(key));
      const bool is_first = seen.insert(key).second;
      if (found == storages.end() || !is_first) {
        return InvalidArgument("lists storage ", Quoted(key),
                               is_first ? ", which no tensor uses" : " twice");
      }
      RETURN_IF_ERROR(ReadStorage(found->first, found->second));
    }
    if (at_ == file_.size()) return absl::OkStatus();
    return InvalidArgument("has ", file_.size() - at_,
                           " bytes after its last storage");
  }

 private:
  absl::Status ReadStorage(absl::string_view key, TorchStorage& storage) {
    ByteReader read(file_, at_);
    const uint64_t elements = read.U64();
    if (!read.ok() || elements != static_cast<uint64_t>(storage.elements)) {
      return InvalidArgument("storage ", Quoted(key), " has ", elements,
                             " elements at byte ", at_, "; its tensors say ",
                             storage.elements,
                             ": the file is truncated or damaged");
    }
    storage.bytes = read.Take(static_cast<uint64_t>(storage.SizeBytes()));
    if (!read.ok()) {
      return InvalidArgument("storage ", Quoted(key), " needs ",
                             storage.SizeBytes(), " bytes from byte ",
                             read.at(), ", but the file ends at ", file_.size(),
                             ": it is truncated");
    }
    at_ = read.at();
    return absl::OkStatus();
  }

  absl::string_view file_;
  uint64_t at_ = 0;
};

}  // namespace

bool IsTorchZip(absl::string_view file) {
  return absl::StartsWith(file, absl::string_view("PK\x03\x04", 4));
}

bool IsTorchLegacy(absl::string_view file) {
  return absl::StartsWith(file, LegacyBeginning());
}

absl::StatusOr<NamedTensors> ReadTorchZip(absl::string_view file) {
  ASSIGN_OR_RETURN(const auto entries, ReadStoredZip(file));
  ASSIGN_OR_RETURN(const std::string folder, FindFolder(entries));
  RETURN_IF_ERROR(CheckByteOrder(entries, folder));
  const absl::string_view entry =
      entries.at(absl::StrCat(folder, kPickleEntry));
  const auto at = static_cast<uint64_t>(entry.data() - file.data());
  ASSIGN_OR_RETURN(
      const Pickle pickle,
      ReadPickle(file.substr(0, at + entry.size()), at, TorchGlobals()));
  ASSIGN_OR_RETURN(TorchStorages storages, FindStorages(pickle));
  RETURN_IF_ERROR(FindBytes(entries, folder, storages));
  return ReadStateDict(pickle, storages);
}

absl::StatusOr<NamedTensors> ReadTorchLegacy(absl::string_view file) {
  LegacyReader reader(file);
  RETURN_IF_ERROR(reader.ReadHeader());
  ASSIGN_OR_RETURN(const Pickle state, reader.NextPickle());
  ASSIGN_OR_RETURN(const Pickle keys, reader.NextPickle());
  ASSIGN_OR_RETURN(TorchStorages storages, FindStorages(state));
  RETURN_IF_ERROR(reader.ReadStorages(keys, storages));
  return ReadStateDict(state, storages);
}

}  // namespace atelier
