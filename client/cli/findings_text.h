// What studies show, as lines on a terminal.
#ifndef ATELIER_CLIENT_CLI_FINDINGS_TEXT_H_
#define ATELIER_CLIENT_CLI_FINDINGS_TEXT_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "client/lib/findings.h"

namespace atelier {

/// What one job shows.
struct StudyFindings {
  std::string name;
  std::vector<Finding> findings;
};

/// Of each finding a heading, and a table of its values across; what was chosen
/// has an asterisk, which the last line explains. Of many values the first 24
/// are there. Empty where there are no findings.
std::string FindingsText(absl::Span<const StudyFindings> studies);

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_FINDINGS_TEXT_H_
