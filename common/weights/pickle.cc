#include "common/weights/pickle.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "common/weights/byte_reader.h"
#include "common/weights/named_tensors.h"

namespace atelier {
namespace {

constexpr uint8_t kMaxProtocol = 5;

class Machine {
 public:
  Machine(absl::string_view file, uint64_t at,
          absl::Span<const absl::string_view> globals)
      : begin_(std::min<uint64_t>(at, file.size())),
        read_(file.substr(
                  0, begin_ + std::min(file.size() - begin_, kMaxPickleBytes)),
              begin_),
        globals_(globals) {}

  absl::StatusOr<Pickle> Run() {
    while (!stopped_) RETURN_IF_ERROR(Step());
    pickle_.size_bytes = read_.at() - begin_;
    return std::move(pickle_);
  }

 private:
  using Handler = absl::Status (Machine::*)();
  struct Opcode {
    uint8_t code;
    Handler handler;
  };
  static const std::array<Opcode, 39> kOpcodes;

  absl::Status Step() {
    opcode_at_ = read_.at();
    const uint8_t code = read_.U8();
    if (!read_.ok()) {
      return Error("no end within ", kMaxPickleBytes,
                   " bytes: the file is truncated or damaged");
    }
    const auto* const found =
        std::find_if(kOpcodes.begin(), kOpcodes.end(),
                     [&](const Opcode& opcode) { return opcode.code == code; });
    if (found == kOpcodes.end()) {
      const std::string letter =
          absl::ascii_isgraph(code)
              ? absl::StrCat(" ('", std::string(1, static_cast<char>(code)),
                             "')")
              : "";
      return Error("opcode 0x", absl::Hex(code, absl::kZeroPad2), letter,
                   " is not one that weights need");
    }
    RETURN_IF_ERROR((this->*found->handler)());
    return read_.ok() ? absl::OkStatus()
                      : Error("an operand runs past the end of the pickle");
  }

  template <typename... Parts>
  absl::Status Error(const Parts&... what) const {
    return InvalidArgument("pickle at byte ", opcode_at_, ": ", what...);
  }

  // The stack. Nothing is taken from below the last mark.
  absl::Status Push(PickleNode node) {
    if (pickle_.nodes.size() >= kMaxPickleNodes) {
      return Error("more than ", kMaxPickleNodes, " values");
    }
    pickle_.nodes.push_back(std::move(node));
    return PushRef(static_cast<PickleRef>(pickle_.nodes.size() - 1));
  }

  absl::Status PushRef(PickleRef ref) {
    if (stack_.size() >= kMaxPickleStack) {
      return Error("a stack deeper than ", kMaxPickleStack);
    }
    stack_.push_back(ref);
    return absl::OkStatus();
  }

  absl::StatusOr<PickleRef> Pop() {
    ASSIGN_OR_RETURN(const PickleRef top, Top());
    stack_.pop_back();
    return top;
  }

  absl::StatusOr<PickleRef> Top() const {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) {
      return Error("takes a value that is not there");
    }
    return stack_.back();
  }

  absl::StatusOr<std::vector<PickleRef>> PopToMark() {
    if (marks_.empty()) {
      return Error("takes values up to a mark; there is none");
    }
    const size_t mark = marks_.back();
    auto items = PopMany(stack_.size() - mark);
    marks_.pop_back();
    return items;
  }

  absl::StatusOr<std::vector<PickleRef>> PopMany(size_t count) {
    if (stack_.size() - (marks_.empty() ? 0 : marks_.back()) < count) {
      return Error("takes values that are not there");
    }
    std::vector<PickleRef> items(stack_.end() - static_cast<ptrdiff_t>(count),
                                 stack_.end());
    stack_.resize(stack_.size() - count);
    return items;
  }

  // Adds to the list or dict on top.
  absl::Status Fill(PickleKind kind, const char* name,
                    const std::vector<PickleRef>& items) {
    ASSIGN_OR_RETURN(const PickleRef top, Top());
    PickleNode& node = pickle_.nodes[top];
    if (node.kind != kind) {
      return Error("fills something that is not a ", name);
    }
    node.items.insert(node.items.end(), items.begin(), items.end());
    return absl::OkStatus();
  }

  absl::Status PushInteger(int64_t value) {
    return Push({PickleKind::kInteger, value, {}, {}});
  }

  absl::Status PushText(uint64_t size) {
    if (size > kMaxPickleTextBytes) {
      return Error("a text of ", size, " bytes; at most ", kMaxPickleTextBytes,
                   " are read");
    }
    return Push({PickleKind::kText, 0, read_.Take(size), {}});
  }

  absl::Status PushTuple(size_t count) {
    ASSIGN_OR_RETURN(std::vector<PickleRef> items, PopMany(count));
    return Push({PickleKind::kTuple, 0, {}, std::move(items)});
  }

  absl::Status PushGlobal(absl::string_view module, absl::string_view name) {
    const auto* const allowed = std::find_if(
        globals_.begin(), globals_.end(), [&](absl::string_view candidate) {
          return candidate.size() == module.size() + 1 + name.size() &&
                 absl::StrCat(module, ".", name) == candidate;
        });
    if (allowed == globals_.end()) {
      return Error(
          "names ", Quoted(absl::StrCat(module, ".", name)),
          ", which a file of weights has no need of; nothing was run (save the "
          "model's state_dict() rather than the model)");
    }
    return Push({PickleKind::kGlobal, 0, *allowed, {}});
  }

  absl::Status Remember(uint64_t slot) {
    ASSIGN_OR_RETURN(const PickleRef top, Top());
    if (slot >= kMaxPickleNodes) {
      return Error("memo slot ", slot, "; they are counted to ",
                   kMaxPickleNodes);
    }
    if (slot >= memo_.size()) memo_.resize(slot + 1);
    if (!memo_[slot].has_value()) ++remembered_;
    memo_[slot] = top;
    return absl::OkStatus();
  }

  absl::Status Recall(uint64_t slot) {
    if (slot >= memo_.size() || !memo_[slot].has_value()) {
      return Error("recalls memo slot ", slot, ", which is empty");
    }
    return PushRef(*memo_[slot]);
  }

  absl::Status Proto() {
    const uint8_t version = read_.U8();
    if (version <= kMaxProtocol) return absl::OkStatus();
    return Error("protocol ", version, "; up to ", kMaxProtocol, " are read");
  }

  absl::Status Frame() {
    read_.U64();  // Where the frame ends; nothing here depends on it.
    return absl::OkStatus();
  }

  absl::Status Stop() {
    ASSIGN_OR_RETURN(pickle_.root, Pop());
    if (!stack_.empty() || !marks_.empty()) {
      return Error("ends with values left over");
    }
    stopped_ = true;
    return absl::OkStatus();
  }

  absl::Status Mark() {
    if (marks_.size() >= kMaxPickleStack) {
      return Error("more than ", kMaxPickleStack, " marks");
    }
    marks_.push_back(stack_.size());
    return absl::OkStatus();
  }

  absl::Status None() { return Push({PickleKind::kNone, 0, {}, {}}); }
  absl::Status True() { return Push({PickleKind::kBool, 1, {}, {}}); }
  absl::Status False() { return Push({PickleKind::kBool, 0, {}, {}}); }
  absl::Status Int1() { return PushInteger(read_.U8()); }
  absl::Status Int2() { return PushInteger(read_.U16()); }
  absl::Status Int4() { return PushInteger(static_cast<int32_t>(read_.U32())); }
  absl::Status Long1() {
    constexpr size_t kInt64Bytes = 8;
    const absl::string_view bytes = read_.Take(read_.U8());
    if (bytes.size() > kInt64Bytes) {
      return Push({PickleKind::kLong, 0, bytes, {}});
    }
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.size(); ++i) {
      value |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    const bool negative =
        !bytes.empty() &&
        (static_cast<unsigned char>(bytes.back()) & 0x80) != 0;
    if (negative && bytes.size() < kInt64Bytes) {
      value |= ~uint64_t{0} << (8 * bytes.size());
    }
    return PushInteger(static_cast<int64_t>(value));
  }

  absl::Status Real() {
    read_.U64();
    return Push({PickleKind::kReal, 0, {}, {}});
  }

  absl::Status Text1() { return PushText(read_.U8()); }
  absl::Status Text4() { return PushText(read_.U32()); }
  absl::Status Text8() { return PushText(read_.U64()); }
  absl::Status EmptyTuple() { return PushTuple(0); }
  absl::Status Tuple1() { return PushTuple(1); }
  absl::Status Tuple2() { return PushTuple(2); }
  absl::Status Tuple3() { return PushTuple(3); }
  absl::Status TupleToMark() {
    ASSIGN_OR_RETURN(std::vector<PickleRef> items, PopToMark());
    return Push({PickleKind::kTuple, 0, {}, std::move(items)});
  }

  absl::Status EmptyList() { return Push({PickleKind::kList, 0, {}, {}}); }
  absl::Status EmptyDict() { return Push({PickleKind::kDict, 0, {}, {}}); }
  absl::Status Append() {
    ASSIGN_OR_RETURN(const PickleRef item, Pop());
    return Fill(PickleKind::kList, "list", {item});
  }

  absl::Status Appends() {
    ASSIGN_OR_RETURN(const std::vector<PickleRef> items, PopToMark());
    return Fill(PickleKind::kList, "list", items);
  }

  absl::Status SetItem() {
    ASSIGN_OR_RETURN(const std::vector<PickleRef> items, PopMany(2));
    return Fill(PickleKind::kDict, "dict", items);
  }

  absl::Status SetItems() {
    ASSIGN_OR_RETURN(const std::vector<PickleRef> items, PopToMark());
    if (items.size() % 2 != 0) return Error("a key without a value");
    return Fill(PickleKind::kDict, "dict", items);
  }

  absl::Status Put1() { return Remember(read_.U8()); }
  absl::Status Put4() { return Remember(read_.U32()); }
  absl::Status Memoize() { return Remember(remembered_); }
  absl::Status Get1() { return Recall(read_.U8()); }
  absl::Status Get4() { return Recall(read_.U32()); }
  absl::Status Global() {
    const absl::string_view module = read_.TakeUntil('\n');
    const absl::string_view name = read_.TakeUntil('\n');
    if (!read_.ok()) return Error("a name without an end");
    return PushGlobal(module, name);
  }

  absl::Status StackGlobal() {
    ASSIGN_OR_RETURN(const std::vector<PickleRef> words, PopMany(2));
    const PickleNode& module = pickle_[words[0]];
    const PickleNode& name = pickle_[words[1]];
    if (module.kind != PickleKind::kText || name.kind != PickleKind::kText) {
      return Error("a name that is not text");
    }
    return PushGlobal(module.text, name.text);
  }

  // REDUCE and NEWOBJ: "call this with these" and "make one of these".
  absl::Status Call() {
    ASSIGN_OR_RETURN(std::vector<PickleRef> items, PopMany(2));
    const PickleNode& callable = pickle_[items[0]];
    const PickleNode& arguments = pickle_[items[1]];
    if (callable.kind != PickleKind::kGlobal ||
        arguments.kind != PickleKind::kTuple) {
      return Error("a call of something that is not a name");
    }
    if (callable.text != kOrderedDict) {
      return Push({PickleKind::kCall, 0, {}, std::move(items)});
    }
    PickleNode dict{PickleKind::kDict, 0, {}, {}};
    if (arguments.items.empty()) return Push(std::move(dict));
    // Python 2 gives the pairs at once, as a list of lists.
    const PickleNode& pairs = pickle_[arguments.items[0]];
    if (arguments.items.size() != 1 || pairs.kind != PickleKind::kList) {
      return Error("an OrderedDict of something other than pairs");
    }
    // The one place where a few bytes could ask for many: bounded like nodes.
    pairs_ += pairs.items.size();
    if (pairs_ > kMaxPickleNodes) {
      return Error("more than ", kMaxPickleNodes, " pairs");
    }
    for (const PickleRef ref : pairs.items) {
      const std::vector<PickleRef>& pair = pickle_[ref].items;
      if (pair.size() != 2) return Error("an OrderedDict's pair that is none");
      dict.items.insert(dict.items.end(), pair.begin(), pair.end());
    }
    return Push(std::move(dict));
  }

  // What BUILD sets are attributes of an object: none that weights are read
  // from.
  absl::Status Build() {
    RETURN_IF_ERROR(Pop().status());
    ASSIGN_OR_RETURN(const PickleRef top, Top());
    const PickleKind kind = pickle_[top].kind;
    if (kind == PickleKind::kDict || kind == PickleKind::kCall) {
      return absl::OkStatus();
    }
    return Error("gives attributes to something that is no object");
  }

  absl::Status PersistentId() {
    ASSIGN_OR_RETURN(const PickleRef id, Pop());
    return Push({PickleKind::kPersistent, 0, {}, {id}});
  }

  const uint64_t begin_;
  uint64_t opcode_at_ = 0;
  ByteReader read_;
  const absl::Span<const absl::string_view> globals_;
  Pickle pickle_;
  std::vector<PickleRef> stack_;
  std::vector<size_t> marks_;
  std::vector<std::optional<PickleRef>> memo_;
  uint64_t remembered_ = 0;
  uint64_t pairs_ = 0;
  bool stopped_ = false;
};

// Every opcode that is run. What protocols 2 to 5 need for plain data, names
// and calls; Python 2's byte strings are texts.
const std::array<Machine::Opcode, 39> Machine::kOpcodes = {{
    {0x80, &Machine::Proto},       {0x95, &Machine::Frame},
    {'.', &Machine::Stop},         {'(', &Machine::Mark},
    {'N', &Machine::None},         {0x88, &Machine::True},
    {0x89, &Machine::False},       {'K', &Machine::Int1},
    {'M', &Machine::Int2},         {'J', &Machine::Int4},
    {0x8a, &Machine::Long1},       {'G', &Machine::Real},
    {'U', &Machine::Text1},        {'T', &Machine::Text4},
    {0x8c, &Machine::Text1},       {'X', &Machine::Text4},
    {0x8d, &Machine::Text8},       {')', &Machine::EmptyTuple},
    {0x85, &Machine::Tuple1},      {0x86, &Machine::Tuple2},
    {0x87, &Machine::Tuple3},      {'t', &Machine::TupleToMark},
    {']', &Machine::EmptyList},    {'}', &Machine::EmptyDict},
    {'a', &Machine::Append},       {'e', &Machine::Appends},
    {'s', &Machine::SetItem},      {'u', &Machine::SetItems},
    {'q', &Machine::Put1},         {'r', &Machine::Put4},
    {0x94, &Machine::Memoize},     {'h', &Machine::Get1},
    {'j', &Machine::Get4},         {'c', &Machine::Global},
    {0x93, &Machine::StackGlobal}, {'R', &Machine::Call},
    {0x81, &Machine::Call},        {'b', &Machine::Build},
    {'Q', &Machine::PersistentId},
}};

}  // namespace

absl::StatusOr<Pickle> ReadPickle(absl::string_view file, uint64_t at,
                                  absl::Span<const absl::string_view> globals) {
  return Machine(file, at, globals).Run();
}

}  // namespace atelier
