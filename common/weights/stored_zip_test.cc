#include "common/weights/stored_zip.h"

#include <string>

#include "common/weights/torch_writer_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

std::string Two() { return WriteZip({{"a", "alpha"}, {"b/c", "beta"}}); }

std::string ErrorOf(const std::string& file) {
  const absl::Status status = ReadStoredZip(file).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return std::string(status.message());
}

// The file with `size` bytes at `at` in its first record of this signature
// replaced.
std::string Patched(std::string file, const std::string& signature, size_t at,
                    uint64_t value, int size) {
  const size_t found = file.find(signature);
  EXPECT_NE(found, std::string::npos);
  return file.replace(found + at, static_cast<size_t>(size),
                      LittleEndian(value, size));
}

TEST(StoredZipTest, FindsEntriesWhereTheyLie) {
  const std::string file = Two();
  const auto entries = ReadStoredZip(file);
  ASSERT_TRUE(entries.ok()) << entries.status();
  EXPECT_THAT(*entries, ElementsAre(Pair("a", "alpha"), Pair("b/c", "beta")));
}

TEST(StoredZipTest, ReadsPlainZipToo) {
  // Without the zip64 records, and with a comment that looks like an end.
  std::string file = Two();
  const size_t end64 = file.find("PK\x06\x06");
  const size_t end = file.find("PK\x05\x06");
  std::string plain = file.substr(0, end64) + file.substr(end);
  plain.replace(plain.size() - 2, 2, LittleEndian(4, 2));
  plain += "PK\x05\x06";
  EXPECT_TRUE(ReadStoredZip(plain).ok()) << ReadStoredZip(plain).status();
}

TEST(StoredZipTest, ReadsSizesFromTheZip64Field) {
  // The first entry's sizes and place moved to a zip64 field.
  const std::string file = Two();
  const size_t entry = file.find("PK\x01\x02");
  std::string wide = file;
  wide.replace(entry + 20, 8, std::string(8, '\xff'));
  wide.replace(entry + 42, 4, std::string(4, '\xff'));
  wide.replace(entry + 30, 2, LittleEndian(28, 2));
  wide.insert(entry + 47, LittleEndian(1, 2) + LittleEndian(24, 2) +
                              LittleEndian(5, 8) + LittleEndian(5, 8) +
                              LittleEndian(0, 8));
  const size_t end64 = wide.find("PK\x06\x06");
  const uint64_t size = end64 - entry;
  wide = Patched(wide, "PK\x06\x06", 40, size, 8);
  wide = Patched(wide, "PK\x06\x07", 8, end64, 8);
  EXPECT_THAT(ErrorOf(wide), HasSubstr("disagree"));
  wide = Patched(wide, "PK\x05\x06", 12, 0xffffffff, 4);
  const auto entries = ReadStoredZip(wide);
  ASSERT_TRUE(entries.ok()) << entries.status();
  EXPECT_EQ(entries->at("a"), "alpha");
}

TEST(StoredZipTest, RefusesAFileCutAtEveryByte) {
  const std::string file = Two();
  for (size_t length = 0; length < file.size(); ++length) {
    SCOPED_TRACE(length);
    EXPECT_FALSE(ReadStoredZip(file.substr(0, length)).ok());
  }
}

TEST(StoredZipTest, NamesAnEntryThatIsNotStored) {
  EXPECT_THAT(ErrorOf(Patched(Two(), "PK\x01\x02", 10, 8, 2)),
              HasSubstr("zip entry 'a' is compressed"));
  EXPECT_THAT(ErrorOf(Patched(Two(), "PK\x01\x02", 8, 1, 2)),
              HasSubstr("zip entry 'a' is encrypted"));
}

TEST(StoredZipTest, RefusesEntriesThatDoNotFit) {
  EXPECT_THAT(ErrorOf(WriteZip({{"a", "1"}, {"a", "2"}})),
              HasSubstr("'a' is there twice"));
  std::string long_entry = Patched(Two(), "PK\x01\x02", 20, 5000, 4);
  long_entry = Patched(long_entry, "PK\x01\x02", 24, 5000, 4);
  EXPECT_THAT(ErrorOf(long_entry), HasSubstr("'a' of 5000 bytes is not at"));
  EXPECT_THAT(ErrorOf(Patched(Two(), "PK\x01\x02", 42, 1, 4)),
              HasSubstr("'a' of 5 bytes is not at byte 1"));
  // The list says one name, the entry another.
  EXPECT_THAT(ErrorOf(Patched(Two(), "PK\x03\x04", 30, 'z', 1)),
              HasSubstr("'a' of 5 bytes is not at byte 0"));
}

TEST(StoredZipTest, BoundsTheNumberOfEntries) {
  std::string file = Patched(Two(), "PK\x06\x06", 32, 1 << 20, 8);
  file = Patched(file, "PK\x05\x06", 10, 0xffff, 2);
  EXPECT_THAT(ErrorOf(file), HasSubstr("1048576 entries"));
  EXPECT_THAT(ErrorOf(Patched(Two(), "PK\x05\x06", 10, 1, 2)),
              HasSubstr("disagree"));
}

}  // namespace
}  // namespace atelier
