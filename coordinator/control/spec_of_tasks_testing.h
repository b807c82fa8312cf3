// Specs of jobs in a word, for tests.
#ifndef ATELIER_COORDINATOR_CONTROL_SPEC_OF_TASKS_TESTING_H_
#define ATELIER_COORDINATOR_CONTROL_SPEC_OF_TASKS_TESTING_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "coordinator/state/job_spec.h"

namespace atelier {

inline std::string PictureDigest(int number) {
  return absl::StrFormat("%064x", number);
}

/// A spec is stored as the number of its tasks; the i-th task has i + 1
/// iterations or, after an "s", that seed. After a "p" each also has a content
/// picture of its own. After a "c" tasks of the same render share their result,
/// others never do; "q" pins the profile of that name.
inline absl::StatusOr<JobSpec> SpecOfTasks(absl::string_view tasks) {
  const bool cached = absl::ConsumePrefix(&tasks, "c");
  const bool pinned = absl::ConsumePrefix(&tasks, "q");
  const bool pictures = absl::ConsumePrefix(&tasks, "p");
  const bool seeds = absl::ConsumePrefix(&tasks, "s");
  int count = 0;
  if (!absl::SimpleAtoi(tasks, &count)) {
    return absl::InvalidArgumentError("not a number of tasks");
  }
  NetworkDescription network;
  network.weights_digest = std::string(64, 'f');
  network.blocks = {{8, 8}, {8, 8}, {8, 8, 8, 8}, {8, 8, 8, 8}, {8}};
  JobSpec spec;
  spec.no_cache = !cached;
  if (pinned) spec.needs.profile = "q";
  spec.networks = {network};
  spec.base.weights_digest = network.weights_digest;
  spec.base.content_digest = std::string(64, 'c');
  spec.base.style_digests = {std::string(64, '5')};
  Axis axis{seeds ? "seed" : "iterations", {}};
  for (int i = 0; i < count; ++i) {
    AxisValue value;
    value.label = absl::StrCat("i", i + 1);
    if (seeds) {
      value.set.seed = i + 1;
    } else {
      value.set.iterations = i + 1;
    }
    if (pictures) value.set.content_digest = PictureDigest(i);
    axis.values.push_back(std::move(value));
  }
  spec.axes = {std::move(axis)};
  return spec;
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_SPEC_OF_TASKS_TESTING_H_
