#include "client/cli/scheduling_flags.h"

namespace atelier {

void SchedulingFlags::AddTo(CLI::App& command) {
  constexpr char kGroup[] = "Scheduling";
  command
      .add_option("--user", user_,
                  "Whose share of the cluster the job uses: [a-z0-9_-]")
      ->type_name("NAME")
      ->group(kGroup);
  command
      .add_option("--priority", priority_,
                  "Among a user's jobs the highest goes first; -1000 to 1000")
      ->check(CLI::Range(-1000, 1000))
      ->type_name("N")
      ->group(kGroup);
  command
      .add_option("--profile", profile_,
                  "Only workers of this profile, and only their results, as "
                  "'atelier workers --json' shows it")
      ->type_name("DIGEST")
      ->group(kGroup);
  command
      .add_flag("--no-cache", no_cache_,
                "Render also what has been rendered before")
      ->group(kGroup);
}

void SchedulingFlags::Apply(JobDraft& job) const {
  if (user_.has_value()) job.user = *user_;
  if (priority_.has_value()) job.priority = *priority_;
  if (profile_.has_value()) job.profile = *profile_;
  if (no_cache_) job.no_cache = true;
}

}  // namespace atelier
