// Labels of an axis: what its values are called on sheets, in tables and in
// file names.
#ifndef ATELIER_CLIENT_LIB_AXIS_LABELS_H_
#define ATELIER_CLIENT_LIB_AXIS_LABELS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace atelier {

/// Whether the text is 1 to 64 printable characters.
bool IsLabel(absl::string_view text);

/// Labels for values that nobody labelled and that are files, each a list of
/// paths: the file names, with as much of their folders as tells them apart
/// ("shot1/frame.png"), shortened to what IsLabel allows. Values of the same
/// paths have the same label; all others differ.
std::vector<std::string> LabelsOfFiles(
    const std::vector<std::vector<std::string>>& values);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_AXIS_LABELS_H_
