#include <utility>
#include <vector>

#include "coordinator/api/http/http_connection.h"

namespace atelier {
namespace {

// Being told so takes a refused connection a moment; past these, the next are
// closed without a word.
constexpr int kMaxRefused = 64;

// Errors and pages always pass.
constexpr size_t kFreeAnswerBytes = 64 << 10;

}  // namespace

void HttpConnections::Add(std::shared_ptr<HttpConnection> connection) {
  HttpConnection* const raw = connection.get();
  if (closed_) return raw->Close();
  const bool has_room = MakeRoom();
  if (!has_room && refused_ >= kMaxRefused) return raw->Close();
  members_[raw] = {std::move(connection), !has_room};
  if (has_room) {
    raw->Start();
  } else {
    ++refused_;
    raw->Refuse();
  }
}

bool HttpConnections::MakeRoom() {
  const auto is_full = [this] {
    return static_cast<int>(members_.size()) - refused_ >=
           options_.max_connections;
  };
  for (Queue* queue : {&idle_, &sending_, &streaming_}) {
    if (is_full() && !queue->empty()) queue->front()->Close();
  }
  return !is_full();
}

void HttpConnections::SetWait(HttpConnection* connection, HttpWait wait) {
  const auto found = members_.find(connection);
  if (found == members_.end() || found->second.is_refused) return;
  Member& member = found->second;
  if (member.queue != nullptr) member.queue->erase(member.place);
  member.queue = QueueOf(wait);
  if (member.queue == nullptr) return;
  member.place = member.queue->insert(member.queue->end(), connection);
}

HttpConnections::Queue* HttpConnections::QueueOf(HttpWait wait) {
  switch (wait) {
    case HttpWait::kNothing:
      return nullptr;
    case HttpWait::kIdle:
      return &idle_;
    case HttpWait::kRequest:
      return &sending_;
    case HttpWait::kNews:
      return &streaming_;
  }
  return nullptr;
}

void HttpConnections::Remove(HttpConnection* connection) {
  SetWait(connection, HttpWait::kNothing);
  const auto found = members_.find(connection);
  if (found == members_.end()) return;
  if (found->second.is_refused) --refused_;
  members_.erase(found);
}

void HttpConnections::Close() {
  closed_ = true;
  std::vector<std::shared_ptr<HttpConnection>> all;
  for (const auto& [raw, member] : members_) all.push_back(member.connection);
  for (const auto& connection : all) connection->Close();
}

bool HttpConnections::ReserveAnswer(size_t bytes) {
  const int64_t wanted = answer_bytes_ + static_cast<int64_t>(bytes);
  if (bytes > kFreeAnswerBytes && wanted > options_.max_answer_bytes) {
    return false;
  }
  answer_bytes_ = wanted;
  return true;
}

void HttpConnections::ReleaseAnswer(size_t bytes) {
  answer_bytes_ -= static_cast<int64_t>(bytes);
}

}  // namespace atelier
