// Variables of this process's environment, for the length of a test.
#ifndef ATELIER_TESTS_TESTING_SCOPED_VARIABLE_H_
#define ATELIER_TESTS_TESTING_SCOPED_VARIABLE_H_

#include <cstdlib>
#include <list>
#include <optional>
#include <string>
#include <utility>

namespace atelier {

/// Sets a variable, or with nothing unsets it, and puts back what was there.
/// No other thread may read the environment meanwhile.
class ScopedVariable {
 public:
  ScopedVariable(std::string name, const std::optional<std::string>& value)
      : name_(std::move(name)) {
    if (const char* const before = getenv(name_.c_str())) before_ = before;
    Set(value);
  }
  ~ScopedVariable() { Set(before_); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  void Set(const std::optional<std::string>& value) const {
    if (value.has_value()) {
      setenv(name_.c_str(), value->c_str(), /*overwrite=*/1);
    } else {
      unsetenv(name_.c_str());
    }
  }

  const std::string name_;
  std::optional<std::string> before_;
};

/// No proxies, whatever this machine's environment says.
class WithoutProxies {
 public:
  WithoutProxies() {
    for (const char* name :
         {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
          "no_proxy", "NO_PROXY"}) {
      unset_.emplace_back(name, std::nullopt);
    }
  }

 private:
  std::list<ScopedVariable> unset_;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_TESTING_SCOPED_VARIABLE_H_
