// What decides the bytes of a render's result beside its key.
#ifndef ATELIER_COORDINATOR_STATE_ARITHMETIC_H_
#define ATELIER_COORDINATOR_STATE_ARITHMETIC_H_

#include <string>
#include <tuple>
#include <utility>

namespace atelier {

/// The engine version and profile of a worker. Two results of one render with
/// equal arithmetic are the same bytes. A result of another version is never
/// reused, one of another profile where the job pins none.
struct Arithmetic {
  Arithmetic() = default;
  Arithmetic(int version, std::string of_profile)
      : engine_version(version), profile(std::move(of_profile)) {}

  int engine_version = 0;  ///< 0: not known.
  std::string profile;

  friend bool operator==(const Arithmetic& a, const Arithmetic& b) {
    return a.engine_version == b.engine_version && a.profile == b.profile;
  }
  friend bool operator<(const Arithmetic& a, const Arithmetic& b) {
    return std::tie(a.engine_version, a.profile) <
           std::tie(b.engine_version, b.profile);
  }
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_ARITHMETIC_H_
