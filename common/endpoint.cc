#include "common/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr size_t kMaxHostLength = 253;  // RFC 1035.
constexpr absl::string_view kUnix = "unix:";
constexpr absl::string_view kWithTls = "grpcs://";
constexpr absl::string_view kWithoutTls = "grpc://";

bool IsIpv6(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool IsHostName(absl::string_view host) {
  return !host.empty() && host.size() <= kMaxHostLength &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_';
         });
}

bool ParsePort(absl::string_view text, int least, int* port) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(text, port) && *port >= least && *port <= 65535;
}

// "host:7070": the text, if it can be part of an endpoint, with a port.
std::string Example(absl::string_view text) {
  constexpr absl::string_view kPort = ":7070";
  const size_t colon = text.rfind(':');
  const absl::string_view host = text.substr(0, colon);
  int port = 0;
  if (colon != absl::string_view::npos && IsHostName(host) &&
      ParsePort(text.substr(colon + 1), 1, &port)) {
    return std::string(text);
  }
  const bool is_address = text.size() > 2 && text[0] == '[' &&
                          text.back() == ']' &&
                          IsIpv6(std::string(text.substr(1, text.size() - 2)));
  if (is_address) return absl::StrCat(text, kPort);
  return absl::StrCat(IsHostName(host) ? host : "127.0.0.1", kPort);
}

// What the text is instead, and what to write.
std::string Mistake(absl::string_view text) {
  const size_t scheme = text.find("://");
  if (scheme != absl::string_view::npos) {
    absl::string_view rest = text.substr(scheme + 3);
    rest = rest.substr(0, rest.find_first_of("/?#"));
    return absl::StrCat("it is a URL; write ", Example(rest));
  }
  if (const size_t end = text.find('/');
      end != absl::string_view::npos && end > 0) {
    return absl::StrCat("nothing may follow the port; write ",
                        Example(text.substr(0, end)));
  }
  if (IsIpv6(std::string(text))) {
    return absl::StrCat("an IPv6 address needs brackets, and a port; write ",
                        Example(absl::StrCat("[", text, "]")));
  }
  if (absl::EndsWith(text, "]") || !absl::StrContains(text, ':')) {
    return absl::StrCat("there is no port; write ", Example(text));
  }
  return "";
}

absl::StatusOr<Endpoint> ParseUnix(absl::string_view text) {
  const absl::string_view path = absl::StripPrefix(text, kUnix);
  const auto error = [&](absl::string_view what) {
    return InvalidArgument(Quoted(text), " is not unix:PATH: ", what);
  };
  if (path.empty()) return error("there is no path");
  if (absl::StartsWith(path, "//")) {
    const size_t slashes = std::min(path.find_first_not_of('/'), path.size());
    return error(absl::StrCat("write unix:/", path.substr(slashes)));
  }
  if (path.size() > kMaxUnixPathBytes) {
    return error(absl::StrCat("its path has ", path.size(), " bytes; at most ",
                              kMaxUnixPathBytes));
  }
  Endpoint endpoint;
  endpoint.unix_path = std::string(path);
  return endpoint;
}

// `given`: with what stood before it.
absl::StatusOr<Endpoint> ParseTcp(absl::string_view text,
                                  absl::string_view given, int least_port) {
  const auto error = [&](absl::string_view what) {
    return InvalidArgument(Quoted(given), " is not HOST:PORT: ", what);
  };
  if (const std::string mistake = Mistake(text); !mistake.empty()) {
    return error(mistake);
  }
  const size_t colon = text.rfind(':');
  Endpoint endpoint;
  absl::string_view host = text.substr(0, colon);
  if (absl::StartsWith(host, "[") && absl::EndsWith(host, "]")) {
    endpoint.host = std::string(host.substr(1, host.size() - 2));
    if (!IsIpv6(endpoint.host)) return error("no IPv6 address in the brackets");
  } else if (absl::StrContains(host, ':')) {
    return error("an IPv6 address needs brackets, as in [::1]:7070");
  } else if (IsHostName(host)) {
    endpoint.host = std::string(host);
  } else {
    return error("the host is neither a name nor an address");
  }
  if (!ParsePort(text.substr(colon + 1), least_port, &endpoint.port)) {
    return error(
        absl::StrCat("the port has to be from ", least_port, " to 65535"));
  }
  return endpoint;
}

}  // namespace

std::string HostAndPort(const Endpoint& endpoint) {
  if (!endpoint.unix_path.empty()) {
    return absl::StrCat(kUnix, endpoint.unix_path);
  }
  const bool ipv6 = absl::StrContains(endpoint.host, ':');
  return absl::StrCat(ipv6 ? "[" : "", endpoint.host, ipv6 ? "]" : "", ":",
                      endpoint.port);
}

std::string ToString(const Endpoint& endpoint) {
  const bool is_told = endpoint.tls != IsLoopback(endpoint);
  return absl::StrCat(is_told        ? ""
                      : endpoint.tls ? kWithTls
                                     : kWithoutTls,
                      HostAndPort(endpoint));
}

absl::StatusOr<Endpoint> ParseEndpoint(absl::string_view text) {
  if (absl::StartsWith(text, kUnix)) return ParseUnix(text);
  const bool with = absl::StartsWith(text, kWithTls);
  const bool without = absl::StartsWith(text, kWithoutTls);
  const size_t scheme = with      ? kWithTls.size()
                        : without ? kWithoutTls.size()
                                  : 0;
  ASSIGN_OR_RETURN(Endpoint endpoint, ParseTcp(text.substr(scheme), text, 1));
  endpoint.tls = with || (!without && !IsLoopback(endpoint));
  return endpoint;
}

absl::StatusOr<Endpoint> ParseListenEndpoint(absl::string_view text) {
  return absl::StartsWith(text, kUnix) ? ParseUnix(text)
                                       : ParseTcpListenEndpoint(text);
}

absl::StatusOr<Endpoint> ParseTcpListenEndpoint(absl::string_view text) {
  if (absl::StartsWith(text, kUnix)) {
    return InvalidArgument(Quoted(text),
                           " is not HOST:PORT: no Unix socket is allowed here");
  }
  return ParseTcp(text, text, 0);
}

bool IsLoopback(const Endpoint& endpoint) {
  if (!endpoint.unix_path.empty()) return true;
  in_addr v4;
  if (inet_pton(AF_INET, endpoint.host.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24) == 127;
  }
  in6_addr v6;
  if (inet_pton(AF_INET6, endpoint.host.c_str(), &v6) == 1) {
    return IN6_IS_ADDR_LOOPBACK(&v6);
  }
  return absl::EqualsIgnoreCase(endpoint.host, "localhost");
}

}  // namespace atelier
