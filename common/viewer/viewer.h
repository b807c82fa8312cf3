// The page that shows a job's results, as texts: what embed_viewer.cmake makes
// of the files beside it.
#ifndef ATELIER_COMMON_VIEWER_VIEWER_H_
#define ATELIER_COMMON_VIEWER_VIEWER_H_

#include "absl/strings/string_view.h"

namespace atelier {

/// A classic script that defines atelierViewer.showResults (viewer.js).
absl::string_view ViewerScript();
absl::string_view ViewerStyle();

/// What a report adds to them: its script, which runs after the viewer's, and
/// its page, in which @POLICY@, @STYLE@, @DATA@ and @SCRIPT@ stand once each.
absl::string_view ReportScript();
absl::string_view ReportPage();

}  // namespace atelier

#endif  // ATELIER_COMMON_VIEWER_VIEWER_H_
