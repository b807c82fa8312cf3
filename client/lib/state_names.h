// States as people and scripts read them: "running", "succeeded".
#ifndef ATELIER_CLIENT_LIB_STATE_NAMES_H_
#define ATELIER_CLIENT_LIB_STATE_NAMES_H_

#include <optional>
#include <string>
#include <vector>

namespace atelier {

namespace v1 {
class Job;
enum JobState : int;
enum Outcome : int;
enum TaskState : int;
enum TokenRole : int;
enum WaitReason : int;
}  // namespace v1

/// The enum's name in lower case, without its prefix: "leased".
std::string StateName(v1::TaskState state);
std::string StateName(v1::JobState state);
std::string StateName(v1::Outcome outcome);
/// "no_worker"; empty for a job that does not wait.
std::string StateName(v1::WaitReason reason);

/// "submit", as --role takes it.
std::string RoleName(v1::TokenRole role);

/// Of every state a task can be in.
std::vector<std::string> TaskStateNames();

/// Of every state a job can be in.
std::vector<std::string> JobStateNames();
/// The state of this name, if there is one.
std::optional<v1::JobState> JobStateOf(const std::string& name);

/// "paused" for an unfinished job that is, else its state: for people.
std::string ShownState(const v1::Job& job);

/// "no worker is connected" for a queued job, else empty: for people, on one
/// line. A pause is a state of its own.
std::string ShownWait(const v1::Job& job);

/// "1h20m" for a job of which the coordinator knows how long it will run, else
/// empty: for people.
std::string ShownTimeLeft(const v1::Job& job);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_STATE_NAMES_H_
