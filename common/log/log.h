// The log of a server: lines on standard error, as spdlog writes them.
#ifndef ATELIER_COMMON_LOG_LOG_H_
#define ATELIER_COMMON_LOG_LOG_H_

#include <memory>
#include <string>

namespace spdlog {
class formatter;
}  // namespace spdlog

namespace atelier {

/// Makes spdlog's default logger write to standard error from now on. `level`:
/// "debug", "info", "warning" or "error". Colours only on a terminal that takes
/// escapes (TakesEscapes).
void StartLog(const std::string& name, const std::string& level);

/// "2026-01-31T12:00:00.123 info text". What is logged stays on its line and
/// steers no terminal, whatever it quotes: EscapedText.
std::unique_ptr<spdlog::formatter> MakeLogFormatter();

}  // namespace atelier

#endif  // ATELIER_COMMON_LOG_LOG_H_
