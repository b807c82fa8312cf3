// Which jobs a search finds, and how much it reads.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "atelier/v1/jobs.pb.h"
#include "coordinator/api/views/control_fixture_testing.h"
#include "coordinator/api/views/job_views.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class JobSearchTest : public ControlFixture {
 protected:
  std::string SubmitNamed(const std::string& name,
                          const std::string& study = "",
                          const std::string& user = "") {
    v1::JobSpec spec = SmallJob();
    spec.set_name(name);
    spec.set_study(study);
    spec.set_user(user);
    return Submit(spec);
  }

  v1::ListJobsResponse Page(const v1::ListJobsRequest& request) {
    v1::ListJobsResponse page;
    const absl::Status status =
        ListJobs(*control_, AnonymousAdmin(), request, page);
    EXPECT_TRUE(status.ok()) << status;
    return page;
  }

  // Of all pages. Counts them.
  std::vector<std::string> Names(v1::ListJobsRequest request) {
    std::vector<std::string> names;
    pages_ = 0;
    do {
      const v1::ListJobsResponse page = Page(request);
      ++pages_;
      for (const v1::Job& job : page.jobs()) {
        names.push_back(job.spec().name());
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return names;
  }
  std::vector<std::string> Named(const std::string& search) {
    v1::ListJobsRequest request;
    request.set_search(search);
    return Names(request);
  }
  std::vector<std::string> InStates(const std::vector<v1::JobState>& states) {
    v1::ListJobsRequest request;
    for (const v1::JobState state : states) request.add_states(state);
    return Names(request);
  }

  int pages_ = 0;
};

TEST_F(JobSearchTest, FindsTextInNameStudyUserAndId) {
  const std::string id = SubmitNamed("Night Über", "style-weight", "anna");
  SubmitNamed("day", "content-layers", "bob");
  EXPECT_THAT(Named("night"), ElementsAre("Night Über"));
  EXPECT_THAT(Named("GHT üBER"), IsEmpty()) << "ASCII alone has no case";
  EXPECT_THAT(Named("GHT Über"), ElementsAre("Night Über"));
  EXPECT_THAT(Named("tyle-wei"), ElementsAre("Night Über"));
  EXPECT_THAT(Named("anna"), ElementsAre("Night Über"));
  EXPECT_THAT(Named(id.substr(3)), ElementsAre("Night Über"));
  EXPECT_THAT(Named("n"), ElementsAre("day", "Night Über"));
  EXPECT_THAT(Named("night day"), IsEmpty()) << "it is one text";
  EXPECT_THAT(Named("weights"), IsEmpty()) << "no other part of a spec";
}

TEST_F(JobSearchTest, FindsTheJobsOfAUser) {
  SubmitNamed("1", "", "anna");
  SubmitNamed("2", "", "ann");
  SubmitNamed("3");
  v1::ListJobsRequest request;
  request.set_user("ann");
  EXPECT_THAT(Names(request), ElementsAre("2"));
  request.set_search("no such");
  EXPECT_THAT(Names(request), IsEmpty()) << "all must hold";
}

TEST_F(JobSearchTest, FindsJobsByTheStateThatIsShown) {
  SubmitNamed("runs");
  CallForTask("w");
  SubmitNamed("waits");
  const std::string ended = SubmitNamed("ended");
  ASSERT_TRUE(control_->Cancel(AnonymousAdmin(), JobId(ended)).ok());
  EXPECT_THAT(InStates({v1::JOB_STATE_RUNNING}), ElementsAre("runs"));
  EXPECT_THAT(InStates({v1::JOB_STATE_QUEUED}), ElementsAre("waits"));
  EXPECT_THAT(InStates({v1::JOB_STATE_CANCELLED}), ElementsAre("ended"));
  EXPECT_THAT(InStates({v1::JOB_STATE_QUEUED, v1::JOB_STATE_CANCELLED}),
              ElementsAre("ended", "waits"));
  EXPECT_THAT(InStates({v1::JOB_STATE_RUNNING, v1::JOB_STATE_QUEUED}),
              ElementsAre("waits", "runs"));
  EXPECT_THAT(InStates({v1::JOB_STATE_SUCCEEDED}), IsEmpty());
}

TEST_F(JobSearchTest, PagesOfEverySizeGiveEachMatchOnce) {
  for (int i = 0; i < 60; ++i) {
    SubmitNamed(absl::StrCat(i % 3 == 0 ? "odd " : "even ", i));
  }
  v1::ListJobsRequest request;
  request.set_search("odd");
  for (int size : {1, 5, 16, 19, 20, 21, 100}) {
    SCOPED_TRACE(size);
    request.set_page_size(size);
    EXPECT_THAT(Names(request), ::testing::SizeIs(20));
    EXPECT_LE(pages_, 20 / size + 1);
  }
}

TEST_F(JobSearchTest, ATokenOfAnotherQuestionIsAPlaceInTheList) {
  for (int i = 0; i < 9; ++i) SubmitNamed(absl::StrCat("night ", i));
  v1::ListJobsRequest all;
  all.set_page_size(4);
  v1::ListJobsRequest search;
  search.set_search("night 2");
  search.set_page_token(Page(all).next_page_token());
  EXPECT_THAT(Names(search), ElementsAre("night 2"));
  search.set_search("night 7");
  EXPECT_THAT(Names(search), IsEmpty()) << "it is above that place";
}

TEST_F(JobSearchTest, ACallReadsABoundedNumberOfJobs) {
  SubmitNamed("needle");
  const JobRecord one = store_.ListJobs(1, std::nullopt)->at(0);
  // In the store alone, as after years.
  RowChanges changes;
  for (int i = 0; i < 5000; ++i) {
    JobChange& change = changes.jobs.emplace_back();
    change.after = one;
    change.after.id = JobId(absl::StrCat("old-", i));
    change.after.request_id = RequestId(absl::StrCat("request-", i));
    change.after.sequence = 10 + i;
    change.after.state = JobState::kSucceeded;
    v1::JobSpec spec = SmallJob();
    spec.set_name("hay");
    change.after.spec_bytes = EncodeSpec(spec);
  }
  ASSERT_TRUE(store_.Apply(changes).ok());
  Restart();
  v1::ListJobsRequest request;
  request.set_search("needle");
  EXPECT_EQ(Page(request).jobs_size(), 0);
  EXPECT_NE(Page(request).next_page_token(), "");
  EXPECT_THAT(Names(request), ElementsAre("needle"));
  EXPECT_EQ(pages_, 3) << "2,000 jobs a call";
}

TEST_F(JobSearchTest, RefusesWithTheFieldAndWhatIsAllowed) {
  const auto refusal = [this](const v1::ListJobsRequest& request) {
    v1::ListJobsResponse page;
    const absl::Status status =
        ListJobs(*control_, AnonymousAdmin(), request, page);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  };
  v1::ListJobsRequest request;
  request.set_search(std::string(129, 'x'));
  EXPECT_THAT(refusal(request), ::testing::StartsWith("search: "));
  request.set_search("two\nlines");
  EXPECT_THAT(refusal(request), ::testing::StartsWith("search: "));
  request.Clear();
  request.add_states(v1::JOB_STATE_UNSPECIFIED);
  EXPECT_EQ(refusal(request), "states[0]: value 0 is not allowed; from 1 to 5");
  request.set_states(0, v1::JOB_STATE_FAILED);
  request.add_states(v1::JOB_STATE_FAILED);
  EXPECT_EQ(refusal(request),
            "states[1]: JOB_STATE_FAILED is given twice; once is allowed");
  request.Clear();
  request.set_user("Anna");
  EXPECT_EQ(refusal(request),
            "user: 'Anna' is not allowed; 0 to 64 of [a-z0-9_-]");
}

}  // namespace
}  // namespace atelier
