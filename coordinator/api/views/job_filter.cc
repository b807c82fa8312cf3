#include "coordinator/api/views/job_filter.h"

#include <cstdint>
#include <initializer_list>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "atelier/v1/jobs.pb.h"
#include "coordinator/api/views/job_conversion.h"
#include "google/protobuf/io/coded_stream.h"

namespace atelier {
namespace {

using google::protobuf::io::CodedInputStream;

struct SpecTexts {
  std::string name, study, user;
};

bool Skip(CodedInputStream& from, uint32_t wire_type) {
  uint64_t number = 0;
  uint32_t size = 0;
  switch (wire_type) {
    case 0:
      return from.ReadVarint64(&number);
    case 1:
      return from.Skip(8);
    case 2:
      return from.ReadVarint32(&size) && from.Skip(static_cast<int>(size));
    case 5:
      return from.Skip(4);
    default:
      return false;
  }
}

// Without its axes, which may be megabytes: a search reads many specs.
SpecTexts TextsOf(absl::string_view spec_bytes) {
  CodedInputStream from(reinterpret_cast<const uint8_t*>(spec_bytes.data()),
                        static_cast<int>(spec_bytes.size()));
  SpecTexts texts;
  while (const uint32_t tag = from.ReadTag()) {
    constexpr uint32_t kText = 2;  // On the wire.
    std::string* text = nullptr;
    if (tag == (v1::JobSpec::kNameFieldNumber << 3 | kText)) text = &texts.name;
    if (tag == (v1::JobSpec::kStudyFieldNumber << 3 | kText)) {
      text = &texts.study;
    }
    if (tag == (v1::JobSpec::kUserFieldNumber << 3 | kText)) text = &texts.user;
    uint32_t size = 0;
    const bool read = text == nullptr
                          ? Skip(from, tag & 7)
                          : from.ReadVarint32(&size) &&
                                from.ReadString(text, static_cast<int>(size));
    if (!read) return {};
  }
  return texts;
}

}  // namespace

JobFilter::JobFilter(const v1::ListJobsRequest& request)
    : search_(absl::AsciiStrToLower(request.search())),
      user_(request.user()),
      states_(request.states().begin(), request.states().end()) {}

bool JobFilter::depends_on_waits() const {
  return states_.count(v1::JOB_STATE_QUEUED) !=
         states_.count(v1::JOB_STATE_RUNNING);
}

bool JobFilter::MayMatch(const JobRecord& job) const {
  if (!states_.empty() && states_.count(static_cast<int>(job.state)) == 0 &&
      (job.state != JobState::kRunning ||
       states_.count(v1::JOB_STATE_QUEUED) == 0)) {
    return false;
  }
  if (search_.empty() && user_.empty()) return true;
  const SpecTexts texts = TextsOf(job.spec_bytes);
  if (!user_.empty() && texts.user != user_) return false;
  if (search_.empty()) return true;
  for (const std::string* text :
       {&texts.name, &job.id.value(), &texts.study, &texts.user}) {
    if (absl::StrContains(absl::AsciiStrToLower(*text), search_)) return true;
  }
  return false;
}

bool JobFilter::MatchesState(const JobRecord& job, const Wait& wait) const {
  if (states_.empty()) return true;
  return states_.count(IsQueued(job, wait) ? v1::JOB_STATE_QUEUED
                                           : static_cast<int>(job.state)) > 0;
}

}  // namespace atelier
