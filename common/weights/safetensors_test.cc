#include "common/weights/safetensors.h"

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

// A file made by hand, so that the reader is not tested by its own writer.
std::string File(const std::string& header, const std::string& body = "") {
  std::string length(8, '\0');
  for (int i = 0; i < 8; ++i) {
    length[i] = static_cast<char>(uint64_t{header.size()} >> (8 * i));
  }
  return length + header + body;
}

std::string ErrorOf(const std::string& bytes) {
  const absl::Status status = ReadSafetensors(bytes).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return std::string(status.message());
}

// Two tensors of 8 and 4 bytes.
constexpr char kTwo[] =
    R"({"__metadata__":{"padding":"zeros"},)"
    R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
    R"("b":{"dtype":"BF16","shape":[1,2],"data_offsets":[8,12]}})";

TEST(SafetensorsTest, ReadsTensorsWhereTheHeaderSaysTheyAre) {
  const std::string bytes = File(kTwo, "ABCDEFGHijkl");
  const auto read = ReadSafetensors(bytes);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->metadata, ElementsAre(Pair("padding", "zeros")));
  ASSERT_EQ(read->tensors.size(), 2);
  EXPECT_EQ(read->tensors.at("a").bytes, "ABCDEFGH");
  EXPECT_THAT(read->tensors.at("a").shape, ElementsAre(2));
  EXPECT_EQ(read->tensors.at("b").bytes, "ijkl");
  EXPECT_EQ(read->tensors.at("b").dtype, "BF16");
  EXPECT_THAT(read->tensors.at("b").shape, ElementsAre(1, 2));
}

TEST(SafetensorsTest, RefusesAFileCutAtEveryByte) {
  const std::string bytes = File(kTwo, "ABCDEFGHijkl");
  for (size_t length = 0; length < bytes.size(); ++length) {
    SCOPED_TRACE(length);
    EXPECT_FALSE(ReadSafetensors(bytes.substr(0, length)).ok());
  }
}

TEST(SafetensorsTest, RefusesAHeaderLongerThanTheFile) {
  std::string bytes = File(kTwo, "ABCDEFGHijkl");
  bytes[7] = '\x7f';
  EXPECT_THAT(ErrorOf(bytes),
              HasSubstr(absl::StrCat("says its header has ",
                                     (uint64_t{0x7f} << 56) + sizeof(kTwo) - 1,
                                     " bytes")));
}

TEST(SafetensorsTest, RefusesAHeaderBeyondTheBoundUnread) {
  const std::string header =
      "{}" + std::string(kMaxSafetensorsHeaderBytes, ' ');
  EXPECT_THAT(
      ErrorOf(File(header)),
      HasSubstr(absl::StrCat("header has ", header.size(), " bytes; at most ",
                             kMaxSafetensorsHeaderBytes)));
}

TEST(SafetensorsTest, SaysWhichTensorIsWrongAndHow) {
  struct Case {
    const char* header;
    const char* message;
  };
  const Case cases[] = {
      {"[]", "not a JSON object"},
      {"{\"a\":", "not a JSON object"},
      {"{\"a\":{}}", "tensor 'a' needs a 'dtype'"},
      {"{\"a\":7}", "tensor 'a' is not an object"},
      {"{\"__metadata__\":[]}", "metadata that is not an object"},
      {"{\"__metadata__\":{\"k\":1}}", "metadata 'k' that is not a string"},
      {R"({"a":{"dtype":"F99","shape":[1],"data_offsets":[0,8]}})",
       "tensor 'a' is of unknown type 'F99'"},
      {R"({"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}})",
       "tensor 'a' needs a 'shape' that is a list of whole numbers"},
      {R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})",
       "tensor 'a' needs a 'shape'"},
      {R"({"a":{"dtype":"F32","shape":[18446744073709551615],)"
       R"("data_offsets":[0,8]}})",
       "tensor 'a' needs a 'shape'"},
      {R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],)"
       R"("data_offsets":[0,8]}})",
       "tensor 'a' has 8 bytes, which is not what F32 [4611686018427387904, "
       "4]"},
      {R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})",
       "tensor 'a' has 8 bytes, which is not what F32 [3] takes"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})",
       "tensor 'a' has data_offsets [8, 0]; [begin, end] is expected"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}})",
       "tensor 'a' has data_offsets [0]"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8.0]}})",
       "tensor 'a' needs a 'data_offsets'"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}})",
       "tensor 'a' ends at byte 9, but 8 follow the header"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
       "has 8 bytes after the header, but its tensors take 4"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
       "tensor 'a' begins at byte 4, after a gap"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
       R"("b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
       "tensor 'b' begins at byte 4, inside the tensor before it, which ends "
       "at 8"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
       R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
       "tensor 'a' is in the header twice"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.header);
    EXPECT_THAT(ErrorOf(File(c.header, "12345678")), HasSubstr(c.message));
  }
}

TEST(SafetensorsTest, ShowsNamesFromTheFileEscapedAndCut) {
  const std::string long_name(10'000, 'n');
  const std::string message = ErrorOf(File("{\"" + long_name + "\":7}"));
  EXPECT_LT(message.size(), 200);
  EXPECT_THAT(ErrorOf(File(R"({"a\nb":7})")), HasSubstr("'a\\nb'"));
}

TEST(SafetensorsTest, ReadsAHeaderNestedAsDeepAsItIsLong) {
  const size_t depth = kMaxSafetensorsHeaderBytes / 2 - 16;
  EXPECT_THAT(ErrorOf(File("{\"a\":" + std::string(depth, '[') +
                           std::string(depth, ']') + "}")),
              HasSubstr("tensor 'a' is not an object"));
}

TEST(SafetensorsTest, WhatIsWrittenIsReadBack) {
  const std::string bytes = WriteSafetensors(
      {{"k", "quote \" and \n"}},
      {{"z", {"F16", {2, 1}, "wxyz"}}, {"a", {"U8", {3}, "123"}}});
  const auto read = ReadSafetensors(bytes);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->metadata, ElementsAre(Pair("k", "quote \" and \n")));
  EXPECT_EQ(read->tensors.at("z").bytes, "wxyz");
  EXPECT_EQ(read->tensors.at("a").bytes, "123");
  EXPECT_EQ((bytes.size() - 7) % 8, 0) << "the header is not aligned";
}

TEST(SafetensorsTest, NoDamageCrashesTheReader) {
  const std::string good = File(kTwo, "ABCDEFGHijkl");
  std::mt19937 random(7);
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    const int flips = 1 + random() % 3;
    for (int i = 0; i < flips; ++i) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (random() % 4 == 0) bytes.resize(random() % (bytes.size() + 1));
    const auto read = ReadSafetensors(bytes);
    if (!read.ok()) ++refused;
    if (!read.ok()) continue;
    for (const auto& [name, tensor] : read->tensors) {
      // The views must lie in the file.
      ASSERT_GE(tensor.bytes.data(), bytes.data());
      ASSERT_LE(tensor.bytes.data() + tensor.bytes.size(),
                bytes.data() + bytes.size());
    }
  }
  EXPECT_GT(refused, 10'000);
}

TEST(NamedTensorsTest, ReadsHalvesExactly) {
  // 1, -2, the largest half, the smallest, the smallest normal, minus zero.
  const uint16_t halves[] = {0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x8000};
  const auto values = FiniteFloats(
      "h", {"F16", {6}, {reinterpret_cast<const char*>(halves), 12}});
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_THAT(*values, ElementsAre(1, -2, 65504, 0x1p-24f, 0x1p-14f, -0.0f));
}

TEST(NamedTensorsTest, ReadsBfloatsExactly) {
  const uint16_t bfloats[] = {0x3f80, 0xc000, 0x4049, 0x0001};
  const auto values = FiniteFloats(
      "b", {"BF16", {4}, {reinterpret_cast<const char*>(bfloats), 8}});
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_THAT(*values, ElementsAre(1, -2, 3.140625, 0x1p-133f));
}

TEST(NamedTensorsTest, NamesTheElementThatIsNotFinite) {
  const float floats[] = {1, 2, NAN};
  EXPECT_EQ(FiniteFloats(
                "w", {"F32", {3}, {reinterpret_cast<const char*>(floats), 12}})
                .status()
                .message(),
            "tensor 'w' has nan at element 2; every weight must be finite");
  const uint16_t infinite[] = {0x7c00};
  EXPECT_THAT(
      FiniteFloats("w",
                   {"F16", {1}, {reinterpret_cast<const char*>(infinite), 2}})
          .status()
          .message(),
      HasSubstr("inf at element 0"));
}

}  // namespace
}  // namespace atelier
