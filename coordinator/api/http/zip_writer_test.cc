#include "coordinator/api/http/zip_writer.h"

#include <archive.h>
#include <archive_entry.h>

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
  std::vector<std::pair<std::string, std::string>> files;
  for (archive_entry* entry = nullptr;
       archive_read_next_header(from.get(), &entry) == ARCHIVE_OK;) {
    std::string bytes(100, '\0');
    const auto size = archive_read_data(from.get(), bytes.data(), 100);
    ASSERT_GE(size, 0) << archive_error_string(from.get());
    bytes.resize(static_cast<size_t>(size));
    files.emplace_back(archive_entry_pathname_utf8(entry), bytes);
    EXPECT_EQ(archive_entry_perm(entry), 0644);
  }
  EXPECT_THAT(files, ElementsAre(Pair("夜景.png", "abc"), Pair("empty", "")));
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
