// Fields of a YAML document, read with errors that name the file and the place.
#ifndef ATELIER_CLIENT_LIB_YAML_FIELDS_H_
#define ATELIER_CLIENT_LIB_YAML_FIELDS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "client/lib/yaml_places.h"
#include "common/status_macros.h"
#include "yaml-cpp/yaml.h"

namespace atelier {

/// Of one document. Every error is InvalidArgument: "file:line:column: field:
/// what was given; what is allowed", without the place where the nodes come
/// from no text. Immutable.
class YamlFields {
 public:
  using ReadField = std::function<absl::Status(const std::string& key,
                                               const YAML::Node& key_node,
                                               const YAML::Node& value)>;

  /// `file` is its name in messages; `text` is where the nodes come from, but
  /// for a byte order mark. REQUIRES: `file` is not empty.
  YamlFields(std::string file, absl::string_view text)
      : file_(std::move(file)),
        text_(absl::StripPrefix(text, "\xef\xbb\xbf")) {}

  /// Of nodes that come from no text.
  YamlFields() = default;

  const std::string& text() const { return text_; }

  /// Calls `read` for each field of a map. `what` is the map's name.
  absl::Status ForEachField(const YAML::Node& map, absl::string_view what,
                            const ReadField& read) const;
  /// One value, in UTF-8.
  absl::StatusOr<std::string> Text(const YAML::Node& node,
                                   absl::string_view field) const;
  absl::StatusOr<int64_t> WholeNumber(const YAML::Node& node,
                                      absl::string_view field, int64_t least,
                                      int64_t most) const;
  /// true or false.
  absl::StatusOr<bool> Bool(const YAML::Node& node,
                            absl::string_view field) const;
  /// Any finite one.
  absl::StatusOr<double> Number(const YAML::Node& node,
                                absl::string_view field) const;
  absl::Status UnknownKey(const YAML::Node& at, const std::string& key,
                          const std::vector<absl::string_view>& known) const;
  /// The message is joined as absl::StrCat does it.
  template <typename... Parts>
  absl::Status ErrorAt(const YAML::Node& node, const Parts&... message) const {
    if (file_.empty()) return InvalidArgument(message...);
    return ErrorAtPlace(PlaceOfNode(text_, node), message...);
  }
  template <typename... Parts>
  absl::Status ErrorAtPlace(const TextPlace& place,
                            const Parts&... message) const {
    if (file_.empty()) return InvalidArgument(message...);
    return InvalidArgument(file_, ":", place.line, ":", place.column, ": ",
                           message...);
  }
  /// The begin of a message about a node that is not what is wanted: of one
  /// that is empty ": is empty; it", else ":".
  std::string EmptyOr(const YAML::Node& node) const;

 private:
  const std::string file_;
  const std::string text_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_YAML_FIELDS_H_
