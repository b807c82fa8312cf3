#include "worker/agent/attempt_book.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/digest.h"

namespace atelier {
namespace {

// Of one call; slots are fewer.
constexpr int kMostRunning = 256;

v1::AttemptReport Preempted(const v1::AttemptToken& token,
                            std::string message) {
  v1::AttemptReport report;
  *report.mutable_token() = token;
  report.set_outcome(v1::OUTCOME_PREEMPTED);
  report.set_message(std::move(message));
  return report;
}

}  // namespace

AttemptId IdOf(const v1::AttemptToken& token) {
  return {token.render_key(), token.number(), token.epoch()};
}

std::string ShortName(const v1::AttemptToken& token) {
  return absl::StrCat(token.render_key().substr(0, 8), " ", token.epoch(), ".",
                      token.number());
}

bool IsToken(const v1::AttemptToken& token) {
  return IsHexDigest(token.render_key()) && token.number() > 0 &&
         token.epoch() > 0;
}

AttemptBook::Orders AttemptBook::Learn(
    const v1::SynchronizeResponse& response) {
  Orders orders;
  if (response.drain()) Drain();
  for (const v1::ReportAcknowledgement& answered : response.acknowledged()) {
    if (unreported_.erase(IdOf(answered.token())) > 0) {
      orders.forget.push_back(answered.token());
    }
  }
  for (const v1::AttemptToken& token : response.stop()) {
    const auto found = running_.find(IdOf(token));
    if (found == running_.end() || found->second.stopping) continue;
    found->second.stopping = true;
    orders.stop.push_back(token);
  }
  for (const v1::Assignment& assignment : response.start()) {
    Start(assignment, &orders);
  }
  return orders;
}

void AttemptBook::Start(const v1::Assignment& assignment, Orders* orders) {
  if (!IsToken(assignment.token())) return;
  const AttemptId id = IdOf(assignment.token());
  if (running_.count(id) > 0 || unreported_.count(id) > 0) return;
  if (draining_ || running() >= slots_) {
    unreported_[id] =
        Preempted(assignment.token(),
                  draining_ ? "the worker drains" : "no slot is free");
    orders->handed_back = true;
    return;
  }
  *running_[id].progress.mutable_token() = assignment.token();
  orders->start.push_back(assignment);
}

void AttemptBook::AddUnreported(v1::AttemptReport report) {
  const AttemptId id = IdOf(report.token());
  unreported_[id] = std::move(report);
}

void AttemptBook::DropReport(const v1::AttemptToken& token) {
  unreported_.erase(IdOf(token));
}

void AttemptBook::HandBackStarts(const v1::SynchronizeResponse& response) {
  for (const v1::Assignment& assignment : response.start()) {
    if (!IsToken(assignment.token())) continue;
    AddUnreported(
        Preempted(assignment.token(), "the worker was started again"));
  }
}

void AttemptBook::SetProgress(const v1::AttemptProgress& progress) {
  const auto found = running_.find(IdOf(progress.token()));
  if (found != running_.end()) found->second.progress = progress;
}

bool AttemptBook::Finish(v1::AttemptReport report) {
  const AttemptId id = IdOf(report.token());
  const auto found = running_.find(id);
  if (found == running_.end()) return unreported_.count(id) > 0;
  const bool wanted = !found->second.stopping;
  running_.erase(found);
  if (wanted) unreported_[id] = std::move(report);
  return wanted;
}

std::vector<v1::AttemptReport> AttemptBook::HandBack() {
  std::vector<v1::AttemptReport> reports;
  for (const auto& [id, attempt] : running_) {
    if (attempt.stopping) continue;
    reports.push_back(
        Preempted(attempt.progress.token(), "the worker was told to stop"));
    if (attempt.progress.has_checkpoint()) {
      *reports.back().mutable_checkpoint() = attempt.progress.checkpoint();
    }
    unreported_[id] = reports.back();
  }
  running_.clear();
  return reports;
}

void AttemptBook::Describe(v1::SynchronizeRequest* request,
                           int most_reports) const {
  for (const auto& [id, attempt] : running_) {
    *request->add_running() = attempt.progress;
  }
  for (const auto& [id, report] : unreported_) {
    if (request->finished_size() < most_reports) {
      *request->add_finished() = report;
      continue;
    }
    if (request->running_size() >= kMostRunning) break;
    v1::AttemptProgress* waiting = request->add_running();
    *waiting->mutable_token() = report.token();
    waiting->set_iteration(report.result().iterations());
    waiting->set_log_digest(report.log_digest());
    *waiting->mutable_previews() = report.result().previews();
  }
  request->set_draining(draining_);
}

}  // namespace atelier
