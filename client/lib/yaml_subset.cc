#include "client/lib/yaml_subset.h"

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/quoted_text.h"
#include "yaml-cpp/eventhandler.h"

namespace atelier {
namespace {

constexpr absl::string_view kAlias =
    " is an alias, and specs have none; write the value out, and text that "
    "begins with '*' in quotes";
constexpr absl::string_view kAnchor =
    " is an anchor, and specs have none; leave it out, and write text that "
    "begins with '&' in quotes";

// Hears what stands in a text and keeps the first problem; builds nothing.
class ProblemFinder : public YAML::EventHandler {
 public:
  explicit ProblemFinder(absl::string_view text) : text_(text) {}

  const std::optional<YamlProblem>& problem() const { return problem_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ < 2) return;
    Keep(mark,
         "a second document begins here; a spec is one, so submit each from a "
         "file of its own");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    Keep(mark, absl::StrCat(Quoted(WordAtMark(text_, mark)), kAlias));
  }
  void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
    Keep(mark, absl::StrCat(Quoted(absl::StrCat("&", name)), kAnchor));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag,
                YAML::anchor_t /*anchor*/,
                const std::string& /*value*/) override {
    CheckTag(mark, tag);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    CheckTag(mark, tag);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string& tag,
                  YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    CheckTag(mark, tag);
  }
  void OnMapEnd() override {}

 private:
  // "?" and "!" are what yaml-cpp calls plain and quoted values without one.
  void CheckTag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    Keep(mark, absl::StrCat(Quoted(WordAtMark(text_, mark)),
                            " is a tag, and specs have none; leave it out, and "
                            "write text in quotes"));
  }

  void Keep(const YAML::Mark& mark, std::string message) {
    if (problem_.has_value()) return;
    problem_ = YamlProblem{PlaceOfMark(text_, mark), std::move(message)};
  }

  const absl::string_view text_;
  int documents_ = 0;
  std::optional<YamlProblem> problem_;
};

// The mark of the word that an error stands in or right behind.
YAML::Mark BeginOfWord(absl::string_view line, YAML::Mark mark) {
  const int size = static_cast<int>(line.size());
  mark.column = std::clamp(mark.column, 0, size);
  while (mark.column > 0 &&
         !absl::StrContains(kEndsOfWords, line[mark.column - 1])) {
    --mark.column;
  }
  return mark;
}

bool IsIndentedByTab(absl::string_view line) {
  const absl::string_view indentation =
      line.substr(0, line.find_first_not_of(" \t"));
  return absl::StrContains(indentation, '\t');
}

}  // namespace

std::optional<YamlProblem> FindYamlProblem(const std::string& text) {
  ProblemFinder finder(text);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    while (!finder.problem().has_value() && parser.HandleNextDocument(finder)) {
    }
  } catch (const YAML::Exception& error) {
    if (!finder.problem().has_value()) return SyntaxProblem(text, error);
  }
  return finder.problem();
}

absl::StatusOr<YAML::Node> LoadYamlValue(const std::string& text) {
  std::vector<YAML::Node> documents;
  try {
    documents = YAML::LoadAll(text);
  } catch (const YAML::Exception& error) {
    const std::string message = SyntaxProblem(text, error).message;
    const bool says_so = absl::StartsWith(message, "is not YAML");
    return absl::InvalidArgumentError(
        absl::StrCat(says_so ? "" : "is no value: ", message));
  }
  if (documents.size() != 1) {
    return absl::InvalidArgumentError("has more behind its end");
  }
  if (const auto problem = FindYamlProblem(text)) {
    return absl::InvalidArgumentError(
        absl::StrCat("is no value: ", problem->message));
  }
  return documents[0];
}

YamlProblem SyntaxProblem(absl::string_view text,
                          const YAML::Exception& error) {
  if (error.mark.is_null()) {
    return {{}, absl::StrCat("is not YAML: ", error.msg)};
  }
  const absl::string_view line = LineAt(text, error.mark.line);
  const YAML::Mark begin = BeginOfWord(line, error.mark);
  const absl::string_view word = WordAtMark(text, begin);
  // Of an alias yaml-cpp says that its anchor is missing, or its name.
  if (absl::StartsWith(word, "*")) {
    return {PlaceOfMark(text, begin), absl::StrCat(Quoted(word), kAlias)};
  }
  if (absl::StartsWith(word, "&")) {
    return {PlaceOfMark(text, begin), absl::StrCat(Quoted(word), kAnchor)};
  }
  if (IsIndentedByTab(line)) {
    return {{error.mark.line + 1, static_cast<int>(line.find('\t')) + 1},
            "is not YAML: a tab indents this line; write spaces"};
  }
  return {PlaceOfMark(text, error.mark),
          absl::StrCat("is not YAML: ", error.msg)};
}

}  // namespace atelier
