#include "worker/renderer/cpu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atelier {
namespace {

TEST(CpuTest, ReadsModelAndVectorExtensionsOfTheFirstProcessor) {
  const CpuDescription cpu = ParseCpuInfo(
      "processor\t: 0\n"
      "model name\t: AMD EPYC 7B13\n"
      "flags\t\t: fpu sse4_2 vme avx2 avx fma\n"
      "\n"
      "processor\t: 1\n"
      "model name\t: another\n"
      "flags\t\t: avx512f\n");
  EXPECT_EQ(cpu.model, "AMD EPYC 7B13");
  EXPECT_EQ(cpu.instruction_sets, "avx avx2 fma sse4_2");
}

TEST(CpuTest, ReadsArmFeaturesAndAdmitsAnUnknownModel) {
  const CpuDescription cpu =
      ParseCpuInfo("Features\t: fp asimd sve crc32\nCPU part\t: 0xd40\n");
  EXPECT_EQ(cpu.model, "unknown CPU");
  EXPECT_EQ(cpu.instruction_sets, "asimd sve");
}

TEST(CpuTest, ThisMachineHasCoresAndMemory) {
  EXPECT_GE(UsableCores(), 1);
  EXPECT_GT(UsableMemoryBytes(), int64_t{1} << 20);
}

}  // namespace
}  // namespace atelier
