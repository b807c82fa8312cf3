// An HTTP proxy on this machine, and the ways they refuse.
#ifndef ATELIER_TESTS_TESTING_PROXY_SERVER_H_
#define ATELIER_TESTS_TESTING_PROXY_SERVER_H_

#include <memory>
#include <string>
#include <vector>

namespace atelier {

/// Listens on 127.0.0.1, on a port of the system's choice. CONNECT makes a
/// tunnel; "GET http://..." is passed on. Ends the process where it cannot.
class ProxyServer {
 public:
  struct Behaviour {
    int refuses_with = 0;     ///< Answers everything with this; 0: nothing.
    std::string credentials;  ///< "USER:PASSWORD" that it demands; empty: none.
    /// Breaks the connection once a request has come, without an answer.
    bool hangs_up = false;
  };

  explicit ProxyServer(Behaviour behaviour);
  ProxyServer() : ProxyServer(Behaviour()) {}
  ~ProxyServer();
  ProxyServer(const ProxyServer&) = delete;
  ProxyServer& operator=(const ProxyServer&) = delete;

  /// "127.0.0.1:PORT".
  std::string address() const;
  /// The first line of every request so far, without its end: "CONNECT
  /// 127.0.0.1:4711 HTTP/1.1".
  std::vector<std::string> requests() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_TESTING_PROXY_SERVER_H_
