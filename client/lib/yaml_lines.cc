#include "client/lib/yaml_lines.h"

#include <sstream>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "yaml-cpp/eventhandler.h"

namespace atelier {
namespace {

// Hears where documents begin, and builds nothing.
class DocumentStarts : public YAML::EventHandler {
 public:
  const std::vector<int>& lines() const { return lines_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    lines_.push_back(mark.line + 1);
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  std::vector<int> lines_;
};

bool IsBlankOrComment(absl::string_view line) {
  line = absl::StripLeadingAsciiWhitespace(line);
  return line.empty() || line[0] == '#';
}

// Whether a null is written out here.
bool BeginsWithNull(absl::string_view text) {
  return absl::StartsWith(text, "~") ||
         absl::StartsWithIgnoreCase(text, "null");
}

}  // namespace

std::optional<int> LineOfSecondDocument(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentStarts starts;
  while (starts.lines().size() < 2 && parser.HandleNextDocument(starts)) {
  }
  if (starts.lines().size() < 2) return std::nullopt;
  return starts.lines()[1];
}

int LineOfNode(absl::string_view text, const YAML::Node& node) {
  const YAML::Mark mark = node.Mark();
  if (mark.is_null()) return 1;
  if (!node.IsNull()) return mark.line + 1;
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  int line = mark.line;
  if (line < static_cast<int>(lines.size())) {
    const absl::string_view here = lines[line];
    const size_t column = mark.column;
    if (column < here.size() && BeginsWithNull(here.substr(column))) {
      return line + 1;
    }
    if (!IsBlankOrComment(here.substr(0, column))) return line + 1;
  }
  // Before the next token, over what is no token.
  do {
    --line;
  } while (line > 0 && (line >= static_cast<int>(lines.size()) ||
                        IsBlankOrComment(lines[line])));
  return line < 0 ? 1 : line + 1;
}

}  // namespace atelier
