#include "common/log/log.h"

#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spdlog/sinks/ostream_sink.h"
#include "spdlog/spdlog.h"

namespace atelier {
namespace {

TEST(LogTest, WhatIsLoggedStaysOnItsLineAndSteersNothing) {
  std::ostringstream out;
  spdlog::logger log("test",
                     std::make_shared<spdlog::sinks::ostream_sink_st>(out));
  log.set_formatter(MakeLogFormatter());
  log.warn("worker {}: {}", "w\n2026-01-01T00:00:00.000 error forged",
           "\x1b[2J\u202e\xff 画風");
  const std::string line = out.str();
  EXPECT_THAT(line, testing::EndsWith(
                        " warning worker w\\n2026-01-01T00:00:00.000 error "
                        "forged: \\x1b[2J\\u202e\\xff 画風\n"));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

}  // namespace
}  // namespace atelier
