// Renders of the engine's benchmark in processes of their own, and other
// programs beside them.
#ifndef ATELIER_TESTS_BENCH_ENGINE_CHILD_H_
#define ATELIER_TESTS_BENCH_ENGINE_CHILD_H_

#include <string>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "tests/bench/engine_render.h"

namespace atelier {

/// Runs a shell command and reads the JSON that it prints.
/// Errors: Internal (names the command).
absl::StatusOr<nlohmann::json> ReadJsonFrom(const std::string& command);

/// One render in a child, which is this program again: what RunChild gives.
/// Errors: as ReadJsonFrom; the child's own message is on stderr.
absl::StatusOr<nlohmann::json> InChild(int threads,
                                       const BenchOptions& options);

/// One render, alone in this process: "ms" of its median iteration, "rss_mb"
/// and "used_mb" at most, "told_mb" before, "best" loss, and "curve", pairs of
/// seconds since the start and loss. `options_json` is as InChild writes it.
absl::StatusOr<nlohmann::json> RunChild(const std::string& options_json);

}  // namespace atelier

#endif  // ATELIER_TESTS_BENCH_ENGINE_CHILD_H_
