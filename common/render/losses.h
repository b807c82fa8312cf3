// What one evaluation of an image gives.
#ifndef ATELIER_COMMON_RENDER_LOSSES_H_
#define ATELIER_COMMON_RENDER_LOSSES_H_

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace atelier {

struct Losses {
  /// By the name of the term ("style"), before its weight.
  std::map<std::string, double> terms;
  double total = 0;  ///< The weighted sum that is minimised.

  friend bool operator==(const Losses& a, const Losses& b) {
    return a.terms == b.terms && a.total == b.total;
  }
};

/// A term's column in tables and field in JSON: "style_loss".
inline std::string LossColumn(absl::string_view term) {
  return absl::StrCat(term == "total_variation" ? "tv" : term, "_loss");
}

}  // namespace atelier

#endif  // ATELIER_COMMON_RENDER_LOSSES_H_
