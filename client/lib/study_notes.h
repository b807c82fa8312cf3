// What the results of a study are looked at for, and what was chosen by them:
// `shows`, `chosen` and `chosen_by` of a spec.
#ifndef ATELIER_CLIENT_LIB_STUDY_NOTES_H_
#define ATELIER_CLIENT_LIB_STUDY_NOTES_H_

#include <map>
#include <string>
#include <vector>

namespace atelier {

/// A measure that answers the study's question by the values of an axis.
struct ShownMeasure {
  std::string measure;  ///< As in measure_names.h.
  std::string by;       ///< The axis.
};

/// Of a spec that is no study: empty. No part of the job; only what comes of it
/// is told with them.
struct StudyNotes {
  std::vector<ShownMeasure> shows;
  /// Points that were chosen: of each some axes and their labels.
  std::vector<std::map<std::string, std::string>> chosen;
  std::string chosen_by;  ///< For people: "the original study".

  bool empty() const { return shows.empty() && chosen.empty(); }
};

inline constexpr int kMostShownMeasures = 8;
inline constexpr int kMostChosen = 64;

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_STUDY_NOTES_H_
