#include "worker/agent/cgroup_memory.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

// A made-up /proc/self and cgroup tree.
class CgroupMemoryTest : public testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = folder_.path() + "/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  std::string Path(const std::string& name) const {
    return folder_.path() + "/" + name;
  }
  // "32 31 0:35 ROOT POINT rw,relatime - TYPE TYPE OPTIONS"
  void Mount(const std::string& root, const std::string& point,
             const std::string& type, const std::string& options) {
    mounts_ += absl::StrCat("32 31 0:35 ", root, " ", Path(point),
                            " rw,relatime shared:9 - ", type, " ", type, " ",
                            options, "\n");
    Write("proc/mountinfo", mounts_);
  }
  std::optional<CgroupMemory> Find() const {
    return FindCgroupMemory(Path("proc"));
  }

  TempFolder folder_;
  std::string mounts_ = "31 23 0:28 / /sys rw - sysfs sysfs rw\n";
};

TEST_F(CgroupMemoryTest, ReadsVersion2) {
  Write("proc/cgroup", "0::/a/b\n");
  Mount("/", "unified", "cgroup2", "rw,nsdelegate");
  Write("unified/a/b/memory.events", "low 0\nmax 7\noom 4\noom_kill 3\n");
  Write("unified/a/b/memory.max", "max\n");
  Write("unified/a/memory.max", "536870912\n");
  const auto found = Find();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->folder, Path("unified/a/b"));
  EXPECT_EQ(found->oom_kills, 3);
  EXPECT_EQ(found->limit_bytes, 536870912) << "of the cgroup around it";
  EXPECT_NE(found->id, 0);
}

TEST_F(CgroupMemoryTest, ReadsVersion1BesideAnEmptyVersion2) {
  Write("proc/cgroup", "9:cpu,cpuacct:/x\n4:memory:/a\n0::/\n");
  Mount("/", "unified", "cgroup2", "rw");
  Mount("/", "cpu", "cgroup", "rw,cpu,cpuacct");
  Mount("/", "memory", "cgroup", "rw,memory");
  Write("memory/a/memory.oom_control",
        "oom_kill_disable 0\nunder_oom 0\noom_kill 12\n");
  Write("memory/a/memory.limit_in_bytes", "1000000\n");
  Write("memory/memory.limit_in_bytes", "9223372036854771712\n");
  const auto found = Find();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->folder, Path("memory/a"));
  EXPECT_EQ(found->oom_kills, 12);
  EXPECT_EQ(found->limit_bytes, 1000000);
}

TEST_F(CgroupMemoryTest, ACgroupThatCountsNothingIsCountedByOneAroundIt) {
  Write("proc/cgroup", "0::/a/b/c\n");
  Mount("/", "unified", "cgroup2", "rw");
  Write("unified/a/b/c/cgroup.procs", "1\n");
  Write("unified/a/memory.events", "oom_kill 5\n");
  const auto found = Find();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->folder, Path("unified/a"));
  EXPECT_EQ(found->limit_bytes, 0);
}

TEST_F(CgroupMemoryTest, AContainerSeesItsPartOfTheTree) {
  Write("proc/cgroup", "4:memory:/docker/0123/job\n");
  Mount("/docker/0123", "memory", "cgroup", "rw,memory");
  Write("memory/job/memory.oom_control", "oom_kill 1\n");
  ASSERT_TRUE(Find().has_value());
  EXPECT_EQ(Find()->folder, Path("memory/job"));
}

TEST_F(CgroupMemoryTest, APathOutsideTheMountMeansTheMount) {
  for (const char* path : {"/../elsewhere", "/other"}) {
    SCOPED_TRACE(path);
    Write("proc/cgroup", absl::StrCat("0::", path, "\n"));
    Mount("/mine", "unified", "cgroup2", "rw");
    Write("unified/memory.events", "oom_kill 2\n");
    ASSERT_TRUE(Find().has_value());
    EXPECT_EQ(Find()->folder, Path("unified"));
  }
}

TEST_F(CgroupMemoryTest, AbsentFilesMeanNothing) {
  EXPECT_FALSE(Find().has_value());
  Write("proc/cgroup", "0::/a\n");
  EXPECT_FALSE(Find().has_value());
  Mount("/", "unified", "cgroup2", "rw");
  EXPECT_FALSE(Find().has_value());
  Write("unified/a/memory.events", "low 0\n");
  EXPECT_FALSE(Find().has_value()) << "an old kernel counts no kills";
  Write("unified/a/memory.events", "oom_kill \xff\n");
  EXPECT_FALSE(Find().has_value());
}

TEST_F(CgroupMemoryTest, AFolderThatWasMadeAgainIsAnother) {
  Write("a/memory.events", "oom_kill 2\n");
  const auto before = ReadCgroupMemory(Path("a"));
  std::filesystem::rename(Path("a"), Path("old"));
  EXPECT_FALSE(ReadCgroupMemory(Path("a")).has_value());
  Write("a/memory.events", "oom_kill 3\n");
  EXPECT_NE(ReadCgroupMemory(Path("a"))->id, before->id);
}

}  // namespace
}  // namespace atelier
