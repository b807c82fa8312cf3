// The log of a server: lines on standard error, as spdlog writes them.
//
//   StartLog("atelier-worker", "info");
//   LogWarning("worker ", name, " is away: ", status.message());
#ifndef ATELIER_COMMON_LOG_LOG_H_
#define ATELIER_COMMON_LOG_LOG_H_

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace spdlog {
class formatter;
}  // namespace spdlog

namespace atelier {

/// Makes the log write to standard error from now on. `level`:
/// "debug", "info", "warning" or "error". Colours only on a terminal that takes
/// escapes (TakesEscapes).
void StartLog(const std::string& name, const std::string& level);

enum class LogLevel { kDebug, kInfo, kWarning, kError };

bool IsLogged(LogLevel level);

/// Writes a line where its level is logged. Thread-safe.
void Log(LogLevel level, absl::string_view line);

/// The same, of parts that are joined as absl::StrCat does it.
template <typename... Parts>
void LogDebug(const Parts&... parts) {
  if (!IsLogged(LogLevel::kDebug)) return;  // Most often.
  Log(LogLevel::kDebug, absl::StrCat(parts...));
}
template <typename... Parts>
void LogInfo(const Parts&... parts) {
  Log(LogLevel::kInfo, absl::StrCat(parts...));
}
template <typename... Parts>
void LogWarning(const Parts&... parts) {
  Log(LogLevel::kWarning, absl::StrCat(parts...));
}
template <typename... Parts>
void LogError(const Parts&... parts) {
  Log(LogLevel::kError, absl::StrCat(parts...));
}

/// "2026-01-31T12:00:00.123 info text". What is logged stays on its line and
/// steers no terminal, whatever it quotes: EscapedText.
std::unique_ptr<spdlog::formatter> MakeLogFormatter();

}  // namespace atelier

#endif  // ATELIER_COMMON_LOG_LOG_H_
