#include "tests/browser/chromium.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

constexpr char kProgram[] = "/usr/bin/chromium";
constexpr int kPatienceMs = 60'000;

// In the child: the pipes are 3 and 4, where the browser looks for them.
[[noreturn]] void Become(int input, int output, const std::string& profile) {
  // First out of the way of one another.
  const int reads = fcntl(input, F_DUPFD, 10);
  const int writes = fcntl(output, F_DUPFD, 10);
  dup2(reads, 3);
  dup2(writes, 4);
  const int nowhere = open("/dev/null", O_WRONLY);
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  setpgid(0, 0);
  const std::string folder = "--user-data-dir=" + profile;
  execl(kProgram, kProgram, "--headless", "--no-sandbox", "--disable-gpu",
        "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
        "--remote-debugging-pipe", folder.c_str(), nullptr);
  _exit(127);
}

}  // namespace

bool Chromium::IsInstalled() { return access(kProgram, X_OK) == 0; }

Chromium::Chromium() {
  int to[2];
  int from[2];
  if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  pid_ = fork();
  if (pid_ == 0) Become(to[0], from[1], folder_.File("profile"));
  close(to[0]);
  close(from[1]);
  to_ = to[1];
  from_ = from[0];
  const nlohmann::json target =
      Call("Target.createTarget", {{"url", "about:blank"}});
  const nlohmann::json session =
      Call("Target.attachToTarget",
           {{"targetId", target.at("targetId")}, {"flatten", true}});
  session_ = session.at("sessionId");
  Call("Page.enable", nlohmann::json::object());
  Call("Runtime.enable", nlohmann::json::object());
  Call("Log.enable", nlohmann::json::object());
}

Chromium::~Chromium() {
  close(to_);
  close(from_);
  // Its children, too.
  kill(-pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void Chromium::Open(const std::string& url) {
  errors_.clear();
  has_loaded_ = false;
  Call("Page.navigate", {{"url", url}});
  while (!has_loaded_) Notice(Next());
}

nlohmann::json Chromium::Evaluate(const std::string& script) {
  const nlohmann::json result =
      Call("Runtime.evaluate", {
                                   {"expression", script},
                                   {"awaitPromise", true},
                                   {"returnByValue", true},
                               });
  if (result.contains("exceptionDetails")) {
    ADD_FAILURE() << script << ": " << result["exceptionDetails"].dump();
    return nullptr;
  }
  return result.at("result").value("value", nlohmann::json());
}

void Chromium::Press(const std::string& keys) {
  // "Control" and "Shift" as the protocol counts them.
  int modifiers = 0;
  std::string key = keys;
  for (const auto& [name, bit] : std::vector<std::pair<std::string, int>>{
           {"Control+", 2}, {"Shift+", 8}}) {
    if (key.rfind(name, 0) != 0) continue;
    key.erase(0, name.size());
    modifiers |= bit;
  }
  nlohmann::json event = {{"type", "keyDown"},
                          {"key", key},
                          {"code", key},
                          {"modifiers", modifiers}};
  if (key == "Enter") {
    event["text"] = "\r";
    event["windowsVirtualKeyCode"] = 13;
  }
  if (key == "Escape") event["windowsVirtualKeyCode"] = 27;
  if (key.size() == 1 && modifiers == 0) event["text"] = key;
  Call("Input.dispatchKeyEvent", event);
  event.erase("text");
  event["type"] = "keyUp";
  Call("Input.dispatchKeyEvent", event);
}

void Chromium::Click(const std::string& selector) {
  Evaluate("document.querySelector(" + nlohmann::json(selector).dump() +
           ").click()");
}

void Chromium::Resize(int width_px, int height_px) {
  Call("Emulation.setDeviceMetricsOverride", {{"width", width_px},
                                              {"height", height_px},
                                              {"deviceScaleFactor", 1},
                                              {"mobile", false}});
}

void Chromium::Emulate(const std::string& media, const std::string& scheme) {
  const nlohmann::json feature = {{"name", "prefers-color-scheme"},
                                  {"value", scheme}};
  Call("Emulation.setEmulatedMedia",
       {{"media", media}, {"features", nlohmann::json::array({feature})}});
}

void Chromium::Screenshot(const std::string& path) {
  const nlohmann::json shot =
      Call("Page.captureScreenshot", {{"format", "png"}});
  std::string png;
  absl::Base64Unescape(shot.at("data").get<std::string>(), &png);
  std::ofstream(path, std::ios::binary) << png;
}

nlohmann::json Chromium::Call(const std::string& method,
                              const nlohmann::json& parameters) {
  const int id = ++last_id_;
  nlohmann::json command = {
      {"id", id}, {"method", method}, {"params", parameters}};
  if (!session_.empty()) command["sessionId"] = session_;
  const std::string text = command.dump();
  // With its final NUL, which ends a message.
  const char* rest = text.c_str();
  size_t left = text.size() + 1;
  while (left > 0) {
    const ssize_t written = write(to_, rest, left);
    if (written < 0) throw std::runtime_error("the browser has ended");
    rest += written;
    left -= written;
  }
  while (true) {
    const nlohmann::json message = Next();
    if (message.value("id", 0) != id) {
      Notice(message);
      continue;
    }
    if (message.contains("error")) {
      throw std::runtime_error(method + ": " + message["error"].dump());
    }
    return message.at("result");
  }
}

nlohmann::json Chromium::Next() {
  while (true) {
    const size_t end = received_.find('\0');
    if (end != std::string::npos) {
      const nlohmann::json message =
          nlohmann::json::parse(received_.substr(0, end));
      received_.erase(0, end + 1);
      return message;
    }
    pollfd ready = {from_, POLLIN, 0};
    char piece[65536];
    const ssize_t size = poll(&ready, 1, kPatienceMs) > 0
                             ? read(from_, piece, sizeof(piece))
                             : -1;
    if (size <= 0) throw std::runtime_error("the browser says nothing more");
    received_.append(piece, size);
  }
}

void Chromium::Notice(const nlohmann::json& event) {
  const std::string method = event.value("method", "");
  if (method == "Page.loadEventFired") has_loaded_ = true;
  if (method == "Runtime.exceptionThrown") {
    errors_.push_back(event["params"]["exceptionDetails"].dump());
  }
  if (method == "Log.entryAdded" &&
      event["params"]["entry"].value("level", "") == "error") {
    errors_.push_back(event["params"]["entry"].dump());
  }
}

}  // namespace atelier
