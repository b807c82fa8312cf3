#include "client/studies/studies.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/studies/embedded_specs.h"
#include "common/nearest.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {

std::vector<absl::string_view> StudyNames() {
  std::vector<absl::string_view> names;
  for (const EmbeddedSpec& spec : EmbeddedSpecs()) names.push_back(spec.name);
  return names;
}

absl::Status UnknownStudy(absl::string_view name,
                          const std::vector<absl::string_view>& names) {
  const absl::string_view nearest = Nearest(name, names);
  return InvalidArgument(
      "study: ", Quoted(name), " is unknown; ",
      nearest.empty() ? "there"
                      : absl::StrCat("did you mean '", nearest, "'? There"),
      " are ", absl::StrJoin(names, ", "));
}

absl::StatusOr<absl::string_view> StudySpec(absl::string_view name) {
  for (const EmbeddedSpec& spec : EmbeddedSpecs()) {
    if (spec.name == name) return spec.yaml;
  }
  return UnknownStudy(name, StudyNames());
}

absl::StatusOr<std::string> StudyQuestion(absl::string_view name) {
  ASSIGN_OR_RETURN(absl::string_view yaml, StudySpec(name));
  std::string comment;
  for (absl::string_view line : absl::StrSplit(yaml, '\n')) {
    if (!absl::ConsumePrefix(&line, "#")) break;
    absl::StrAppend(&comment, comment.empty() ? "" : " ",
                    absl::StripAsciiWhitespace(line));
  }
  return comment.substr(0, comment.find_first_of("?.") + 1);
}

absl::StatusOr<JobDraft> Study(absl::string_view name) {
  ASSIGN_OR_RETURN(const absl::string_view yaml, StudySpec(name));
  ASSIGN_OR_RETURN(JobDraft job, ParseSpec(yaml, absl::StrCat(name, ".yaml")));
  job.study = std::string(name);
  return job;
}

}  // namespace atelier
