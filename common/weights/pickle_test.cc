#include "common/weights/pickle.h"

#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr absl::string_view kAllowed[] = {kOrderedDict, "torch.FloatStorage"};

absl::StatusOr<Pickle> Read(const std::string& bytes) {
  return ReadPickle(bytes, 0, kAllowed);
}

// What is wrong with these opcodes of protocol 2.
std::string ErrorOf(const std::string& opcodes) {
  const absl::Status status = Read("\x80\x02" + opcodes).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return std::string(status.message());
}

TEST(PickleTest, ReadsNumbers) {
  const struct {
    std::string opcodes;
    int64_t value;
  } kCases[] = {
      {"K\xff", 255},
      {"M\x01\x02", 513},
      {"J\xff\xff\xff\xff", -1},
      {std::string("\x8a\x00", 2), 0},
      {"\x8a\x01\xfe", -2},
      {"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f", INT64_MAX},
      {"\x88", 1},
  };
  for (const auto& c : kCases) {
    const auto pickle = Read(c.opcodes + ".");
    ASSERT_TRUE(pickle.ok()) << pickle.status();
    EXPECT_EQ((*pickle)[pickle->root].integer, c.value);
  }
}

TEST(PickleTest, ReadsBothSpellingsOfProtocol4) {
  // {"a": (None,)} as protocol 4 frames and memoizes it.
  const std::string bytes(
      "\x80\x04\x95\x0b\0\0\0\0\0\0\0}\x94\x8c\x01"
      "a\x94N\x85\x94s.",
      22);
  const auto pickle = Read(bytes);
  ASSERT_TRUE(pickle.ok()) << pickle.status();
  const PickleNode& dict = (*pickle)[pickle->root];
  EXPECT_EQ(dict.kind, PickleKind::kDict);
  ASSERT_THAT(dict.items, SizeIs(2));
  EXPECT_EQ((*pickle)[dict.items[0]].text, "a");
  EXPECT_EQ((*pickle)[dict.items[1]].kind, PickleKind::kTuple);
  EXPECT_EQ(pickle->size_bytes, bytes.size());
}

TEST(PickleTest, ReadsAnOrderedDictOfPython2) {
  const std::string bytes =
      "\x80\x02"
      "ccollections\nOrderedDict\n](](U\x01kK\x05"
      "ee\x85R.";
  const auto pickle = Read(bytes);
  ASSERT_TRUE(pickle.ok()) << pickle.status();
  const PickleNode& dict = (*pickle)[pickle->root];
  EXPECT_EQ(dict.kind, PickleKind::kDict);
  ASSERT_THAT(dict.items, SizeIs(2));
  EXPECT_EQ((*pickle)[dict.items[0]].text, "k");
  EXPECT_EQ((*pickle)[dict.items[1]].integer, 5);
}

TEST(PickleTest, StopsAtItsEnd) {
  const auto pickle = ReadPickle("xxN.N.", 2, kAllowed);
  ASSERT_TRUE(pickle.ok()) << pickle.status();
  EXPECT_EQ(pickle->size_bytes, 2);
}

TEST(PickleTest, NamesTheGlobalThatIsNotAllowed) {
  EXPECT_EQ(ErrorOf("cos\nsystem\n."),
            "pickle at byte 2: names 'os.system', which a file of weights has "
            "no need of; nothing was run (save the model's state_dict() rather "
            "than the model)");
  // Joined otherwise, the same words would be allowed.
  EXPECT_THAT(ErrorOf("ctorch.Float\nStorage\n."), HasSubstr("'torch.Float."));
  EXPECT_THAT(ErrorOf("\x8c\x02os\x8c\x06system\x93."),
              HasSubstr("'os.system'"));
}

TEST(PickleTest, NamesTheOpcodeThatIsNotAllowed) {
  EXPECT_EQ(ErrorOf("Ni."),
            "pickle at byte 3: opcode 0x69 ('i') is not one that weights need");
  for (const char* opcode : {"i", "o", "\x82", "\x83", "\x84", "P", "\x92", "0",
                             "1", "2", "I", "L", "\x8b", "\x97"}) {
    EXPECT_THAT(ErrorOf(opcode), HasSubstr("is not one that weights need"));
  }
}

TEST(PickleTest, ReadsNoOpcodeBeyondItsTable) {
  const std::string allowed =
      "\x80\x95.(N\x88\x89KMJ\x8aGUT\x8cX\x8d)\x85\x86"
      "\x87t]}aesuqr\x94hjc\x93R\x81"
      "bQ";
  for (int code = 0; code < 256; ++code) {
    const std::string opcode(1, static_cast<char>(code));
    const bool refused =
        absl::StrContains(Read(opcode).status().message(), "opcode 0x");
    EXPECT_EQ(refused, !absl::StrContains(allowed, opcode)) << code;
  }
}

TEST(PickleTest, RefusesWhatDoesNotAddUp) {
  const struct {
    std::string opcodes;
    const char* message;
  } kCases[] = {
      {".", "not there"},
      {"NN.", "left over"},
      {"(N.", "left over"},
      {"N\x86.", "not there"},
      {"N(\x85.", "not there"},  // Not from below the mark.
      {"t.", "there is none"},
      {"h\x05.", "slot 5, which is empty"},
      {"Nr\xff\xff\xff\xff.", "memo slot 4294967295"},
      {"NNa.", "not a list"},
      {"N(K\x01K\x02u.", "not a dict"},
      {"}(Nu.", "a key without a value"},
      {"N)R.", "not a name"},
      {"NNb.", "no object"},
      {"ccollections\nOrderedDict\nN\x85R.", "other than pairs"},
      {"X\xff\xff\xff\xff.", "a text of 4294967295 bytes"},
      {"\x8d\xff\xff\xff\xff\xff\xff\xff\xff.", "a text of"},
      {"\x80\x06.", "protocol 6"},
      {"ctorch", "without an end"},
      {"N", "no end"},
      {"J\x01", "past the end"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(ErrorOf(c.opcodes), HasSubstr(c.message));
  }
}

TEST(PickleTest, BoundsEverythingThatGrows) {
  EXPECT_THAT(ErrorOf(std::string(kMaxPickleStack + 1, 'N') + "."),
              HasSubstr("deeper than"));
  EXPECT_THAT(ErrorOf(std::string(kMaxPickleStack + 1, '(') + "."),
              HasSubstr("marks"));
  std::string many = "]";
  for (uint64_t i = 0; i <= kMaxPickleNodes; ++i) many += "Na";
  EXPECT_THAT(ErrorOf(many + "."), HasSubstr("values"));
  // Many dicts made of one list of 50,000 pairs.
  std::string dicts = "](]NaNaq\x01";
  for (int i = 1; i < 50'000; ++i) dicts += "h\x01";
  dicts += "e\x85q\x02";
  for (int i = 0; i < 3; ++i) dicts += "ccollections\nOrderedDict\nh\x02R";
  EXPECT_THAT(ErrorOf(dicts + "."), HasSubstr("pairs"));
  std::string longest(kMaxPickleBytes, 'N');
  for (size_t i = 1; i < longest.size(); i += 2) longest[i] = '\x85';
  EXPECT_FALSE(Read(longest).ok());
}

TEST(PickleTest, AListMayHoldItself) {
  const auto pickle = Read(
      "]q\x01h\x01"
      "a.");
  ASSERT_TRUE(pickle.ok()) << pickle.status();
  EXPECT_EQ((*pickle)[pickle->root].items[0], pickle->root);
}

}  // namespace
}  // namespace atelier
