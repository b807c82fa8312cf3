#include "common/log/log.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/string_view.h"
#include "common/quoted_text.h"
#include "common/terminal.h"
#include "spdlog/pattern_formatter.h"
#include "spdlog/sinks/stdout_color_sinks.h"
#include "spdlog/spdlog.h"

namespace atelier {
namespace {

class EscapedPayload : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& line) override {
    const std::string text = EscapedText(
        absl::string_view(message.payload.data(), message.payload.size()));
    line.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<EscapedPayload>();
  }
};

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      break;
  }
  return spdlog::level::err;
}

}  // namespace

std::unique_ptr<spdlog::formatter> MakeLogFormatter() {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<EscapedPayload>('*');
  formatter->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %*");
  return formatter;
}

void StartLog(const std::string& name, const std::string& level) {
  auto log = spdlog::stderr_color_mt(name);
  auto* const sink = dynamic_cast<spdlog::sinks::stderr_color_sink_mt*>(
      log->sinks().front().get());
  if (sink != nullptr && !TakesEscapes(STDERR_FILENO)) {
    sink->set_color_mode(spdlog::color_mode::never);
  }
  log->set_formatter(MakeLogFormatter());
  log->set_level(spdlog::level::from_str(level));
  log->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(log));
}

bool IsLogged(LogLevel level) {
  return spdlog::default_logger_raw()->should_log(ToSpdlog(level));
}

void Log(LogLevel level, absl::string_view line) {
  spdlog::default_logger_raw()->log(
      ToSpdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace atelier
