#include "coordinator/api/http/zip_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "common/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(ZipWriterTest, IsReadAsItIsWritten) {
  const auto zip = ZipWriter::Create();
  ASSERT_TRUE(zip.ok()) << zip.status();
  ZipWriter& to = **zip;
  std::string all;
  const auto take = [&] {
    const std::string piece = to.Take();
    all += piece;
    return piece.size();
  };
  ASSERT_TRUE(to.BeginFile("夜景.png", 3, absl::FromUnixSeconds(1e9)).ok());
  ASSERT_TRUE(to.Append("ab").ok());
  EXPECT_GT(take(), 0) << "nothing is held back";
  ASSERT_TRUE(to.Append("c").ok());
  take();
  ASSERT_TRUE(to.BeginFile("empty", 0, absl::UnixEpoch()).ok());
  ASSERT_TRUE(to.End().ok());
  EXPECT_GT(take(), 0);
  EXPECT_EQ(take(), 0);
  EXPECT_TRUE(absl::StrContains(all, "abc")) << "as it is";
  // Bit 11 of the flags of the first file: the name is UTF-8.
  EXPECT_EQ(all[7] & 8, 8);

  const std::unique_ptr<archive, int (*)(archive*)> from(archive_read_new(),
                                                         archive_read_free);
  archive_read_support_format_zip_seekable(from.get());
  ASSERT_EQ(archive_read_open_memory(from.get(), all.data(), all.size()), 0)
      << archive_error_string(from.get());
  // libarchive gives names in the thread's encoding.
  const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  const locale_t before = uselocale(utf8);
  std::vector<std::pair<std::string, std::string>> files;
  for (archive_entry* entry = nullptr;
       archive_read_next_header(from.get(), &entry) == ARCHIVE_OK;) {
    std::string bytes(100, '\0');
    const auto size = archive_read_data(from.get(), bytes.data(), 100);
    EXPECT_GE(size, 0) << archive_error_string(from.get());
    bytes.resize(static_cast<size_t>(size < 0 ? 0 : size));
    files.emplace_back(archive_entry_pathname(entry), bytes);
    EXPECT_EQ(archive_entry_perm(entry), 0644);
  }
  uselocale(before);
  freelocale(utf8);
  EXPECT_THAT(files, ElementsAre(Pair("夜景.png", "abc"), Pair("empty", "")));
}

// What is 0 becomes a hole of the file.
TEST(ZipWriterTest, FilesBeyondFourGibibytesAreReadBack) {
  constexpr int64_t kPiece = int64_t{8} << 20;
  constexpr int64_t kLarge = (int64_t{4} << 30) + kPiece;
  const std::string zeros(kPiece, '\0');
  const auto zip = ZipWriter::Create();
  ASSERT_TRUE(zip.ok()) << zip.status();
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::tmpfile(), fclose);
  ASSERT_NE(file, nullptr);
  const auto pass = [&] {
    const std::string piece = (*zip)->Take();
    ASSERT_LT(piece.size(), 2 * zeros.size()) << "memory for a piece";
    if (piece == zeros) {
      ASSERT_EQ(fseeko(file.get(), kPiece, SEEK_CUR), 0);
    } else {
      ASSERT_EQ(fwrite(piece.data(), 1, piece.size(), file.get()),
                piece.size());
    }
  };
  ASSERT_TRUE((*zip)->BeginFile("large", kLarge, absl::UnixEpoch()).ok());
  pass();
  for (int64_t at = 0; at < kLarge; at += kPiece) {
    ASSERT_TRUE((*zip)->Append(zeros).ok());
    pass();
  }
  ASSERT_TRUE((*zip)->BeginFile("after", 3, absl::UnixEpoch()).ok());
  ASSERT_TRUE((*zip)->Append("abc").ok());
  ASSERT_TRUE((*zip)->End().ok());
  pass();
  ASSERT_EQ(fflush(file.get()), 0);
  ASSERT_EQ(fseeko(file.get(), 0, SEEK_SET), 0);

  const std::unique_ptr<archive, int (*)(archive*)> from(archive_read_new(),
                                                         archive_read_free);
  archive_read_support_format_zip_seekable(from.get());
  ASSERT_EQ(archive_read_open_fd(from.get(), fileno(file.get()), 65536), 0)
      << archive_error_string(from.get());
  archive_entry* entry = nullptr;
  ASSERT_EQ(archive_read_next_header(from.get(), &entry), ARCHIVE_OK);
  EXPECT_EQ(archive_entry_size(entry), kLarge);
  ASSERT_EQ(archive_read_next_header(from.get(), &entry), ARCHIVE_OK)
      << archive_error_string(from.get());
  EXPECT_STREQ(archive_entry_pathname(entry), "after");
  std::string bytes(4, '\0');
  EXPECT_EQ(archive_read_data(from.get(), bytes.data(), 4), 3);
  EXPECT_EQ(bytes.substr(0, 3), "abc");
}

TEST(ZipWriterTest, AFileThatIsLongerThanWasSaidIsAnError) {
  const auto zip = ZipWriter::Create();
  ASSERT_TRUE(zip.ok()) << zip.status();
  ASSERT_TRUE((*zip)->BeginFile("a", 3, absl::UnixEpoch()).ok());
  EXPECT_THAT(std::string((*zip)->Append("abcd").message()),
              HasSubstr("larger than was said"));
}

}  // namespace
}  // namespace atelier
