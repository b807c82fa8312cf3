#include "coordinator/store/postgresql/pq_url.h"

#include <libpq-fe.h>

#include <map>
#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/field_error.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

struct PqUrl {
  std::map<std::string, std::string> given;  // By libpq's names of parameters.
  std::vector<std::string> secrets;          // The names of those that are.
};

// Of libpq's own words only the name of a parameter: the others may quote the
// URL.
absl::Status NotAUrl(absl::string_view libpq_says) {
  constexpr absl::string_view kUnknown = "invalid URI query parameter: \"";
  const size_t begin = libpq_says.find(kUnknown);
  if (begin != absl::string_view::npos) {
    const absl::string_view rest = libpq_says.substr(begin + kUnknown.size());
    return FieldError("store",
                      absl::StrCat(Quoted(rest.substr(0, rest.find('"'))),
                                   " is no parameter of a PostgreSQL URL"));
  }
  return FieldError("store",
                    "this URL is not as PostgreSQL's are; "
                    "postgresql://USER@HOST:PORT/DATABASE?PARAMETER=VALUE");
}

absl::StatusOr<PqUrl> Parse(const std::string& url) {
  char* says = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(url.c_str(), &says), PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> freed(says, PQfreemem);
  if (options == nullptr) return NotAUrl(says == nullptr ? "" : says);
  PqUrl parsed;
  for (const PQconninfoOption* one = options.get(); one->keyword != nullptr;
       ++one) {
    if (one->val == nullptr) continue;
    parsed.given[one->keyword] = one->val;
    // So it marks what a dialog is not to show.
    if (absl::StartsWith(one->dispchar, "*")) {
      parsed.secrets.emplace_back(one->keyword);
    }
  }
  return parsed;
}

}  // namespace

absl::Status CheckPqUrl(const std::string& url) {
  ASSIGN_OR_RETURN(const PqUrl parsed, Parse(url));
  if (parsed.secrets.empty()) return absl::OkStatus();
  return FieldError(
      "store",
      absl::StrCat("the URL has a ", absl::StrJoin(parsed.secrets, " and a "),
                   ", which everybody on this machine sees in the list of "
                   "processes; leave it out, and give it in PGPASSWORD, in "
                   "~/.pgpass (or the file in PGPASSFILE), or in a service "
                   "file"));
}

absl::StatusOr<std::string> NameOfServer(const std::string& url) {
  ASSIGN_OR_RETURN(PqUrl parsed, Parse(url));
  std::map<std::string, std::string>& given = parsed.given;
  const std::string service = given["service"].empty()
                                  ? ""
                                  : absl::StrCat("?service=", given["service"]);
  if (given["host"].empty()) given["host"] = given["hostaddr"];
  // A folder of sockets is no host.
  const bool is_folder = absl::StartsWith(given["host"], "/");
  const std::string port =
      given["port"].empty() || is_folder ? "" : ":" + given["port"];
  return absl::StrCat("postgresql://", is_folder ? "" : given["host"], port,
                      "/", given["dbname"], service,
                      is_folder ? "?host=" + given["host"] : "");
}

}  // namespace atelier
