// The page that shows a job's results, as texts: what embed_viewer.cmake makes
// of the files beside it.
#ifndef ATELIER_COMMON_VIEWER_VIEWER_H_
#define ATELIER_COMMON_VIEWER_VIEWER_H_

#include "absl/strings/string_view.h"

namespace atelier {

/// The viewer and the script of a report as one module that imports nothing.
/// It looks for the report's data in the page that it is in (report.js).
absl::string_view ReportScript();

/// How the viewer looks.
absl::string_view ViewerStyle();

/// The page of a report, in which @POLICY@, @STYLE@, @DATA@ and @SCRIPT@ stand
/// once each.
absl::string_view ReportPage();

}  // namespace atelier

#endif  // ATELIER_COMMON_VIEWER_VIEWER_H_
