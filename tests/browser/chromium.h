// A browser without a window, as tests look at pages with it.
//
//   if (!Chromium::IsInstalled()) GTEST_SKIP() << "NOT TESTED: ...";
//   Chromium browser;
//   browser.Open("file:///tmp/report.html");
//   EXPECT_EQ(browser.Evaluate("document.title"), "night");
#ifndef ATELIER_TESTS_BROWSER_CHROMIUM_H_
#define ATELIER_TESTS_BROWSER_CHROMIUM_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "tests/testing/temp_folder.h"

namespace atelier {

/// Over the pipes of the DevTools protocol. What fails fails the test. Each
/// call waits for at most a minute. Killed when it goes out of scope.
/// Thread-compatible.
class Chromium {
 public:
  static bool IsInstalled();

  Chromium();
  ~Chromium();
  Chromium(const Chromium&) = delete;
  Chromium& operator=(const Chromium&) = delete;

  /// Returns once the page has loaded.
  void Open(const std::string& url);
  /// The value of an expression, or of what it promises.
  nlohmann::json Evaluate(const std::string& script);
  /// A key as a keyboard sends it: "Enter", "ArrowRight", "?"; with others
  /// held, "Control+a", "Shift+ArrowRight", "Control+Shift+End".
  void Press(const std::string& keys);
  void Click(const std::string& selector);
  void Resize(int width_px, int height_px);
  /// "dark" or "light"; "print" for paper.
  void Emulate(const std::string& media, const std::string& scheme);
  void Screenshot(const std::string& path);

  /// Errors of scripts, and what the console and the page's policy said of
  /// errors, since Open.
  const std::vector<std::string>& errors() const { return errors_; }

  /// A command of the protocol; returns its result.
  nlohmann::json Call(const std::string& method,
                      const nlohmann::json& parameters);

 private:
  nlohmann::json Next();
  void Notice(const nlohmann::json& event);

  const TempFolder folder_;
  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
  int last_id_ = 0;
  std::string session_;
  std::string received_;
  bool has_loaded_ = false;
  std::vector<std::string> errors_;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_BROWSER_CHROMIUM_H_
