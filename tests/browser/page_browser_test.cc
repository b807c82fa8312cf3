// The coordinator's page in a real browser: logging in, and what changes.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/browser/page_fixture_testing.h"
#include "tests/testing/samples.h"

namespace atelier {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A job of so many points that no worker has to render.
std::string WideSweep(int rows, int columns) {
  std::vector<int> seeds;
  std::vector<int> weights;
  for (int i = 0; i < columns; ++i) seeds.push_back(i);
  for (int i = 0; i < rows; ++i) weights.push_back(1000 + i);
  return absl::StrCat("name: wide\nbase:\n  content: ", SamplePath("content"),
                      "\n  style: ", SamplePath("style"),
                      "\n  size: 64\n  iterations: 2\naxes:\n  style_weight: [",
                      absl::StrJoin(weights, ", "), "]\n  seed: [",
                      absl::StrJoin(seeds, ", "), "]\n");
}

TEST_F(PageBrowserTest, ATokenLogsInAndNoScriptCanReadIt) {
  Open();
  Await("document.querySelector('#token')");
  Shoot("login");
  browser_->Evaluate("document.querySelector('#token').value = 'atl_a_wrong'");
  browser_->Click("form.login button");
  Await("document.querySelector('.error').textContent.includes('token')");
  browser_->Evaluate(absl::StrCat("document.querySelector('#token').value = ",
                                  json(Cluster::Token()).dump()));
  browser_->Click("form.login button");
  Await("document.querySelector('#top nav')");
  EXPECT_EQ(browser_->Evaluate("document.cookie"), json(""));
  EXPECT_EQ(browser_->Evaluate("Object.keys(localStorage).length"), json(0));
  // A new page of the same browser is logged in.
  Open();
  Await("document.querySelector('table.jobs')");
  browser_->Click("#top button");
  Await("document.querySelector('#token')");
  Open();
  Await("document.querySelector('#token')");
}

TEST_F(PageBrowserTest, ALinkLogsInOnce) {
  const std::string link = LoginLink();
  Open(link);
  Await("document.querySelector('#top nav')");
  EXPECT_EQ(browser_->Evaluate("location.hash"), json("#/jobs"));
  EXPECT_THAT(browser_->errors(), IsEmpty());
  browser_->Call("Network.clearBrowserCookies", json::object());
  Open(link);
  Await("document.querySelector('#token')");
}

TEST_F(PageBrowserTest, AJobFillsItsGridAndIsWalkedByKeys) {
  const std::string id = Submit(*cluster_, SweepOfSeeds(4, 64, 20));
  LogIn();
  Await("document.querySelector('table.jobs tbody tr')");
  GoTo("#/jobs/" + id);
  Await("document.querySelectorAll('.cell').length === 4");
  cluster_->StartWorker("anna");
  Await(
      "document.querySelectorAll('.cell[data-state=succeeded]').length === 4");
  Await("document.querySelectorAll('.cell[data-shown]').length === 4");
  EXPECT_EQ(Text("#content .state"), "succeeded");
  Shoot("job");
  // What does not change is not drawn again.
  EXPECT_EQ(
      browser_->Evaluate(
          "new Promise((done) => { let changes = 0; const seen = new "
          "MutationObserver((all) => { changes += all.length; }); "
          "seen.observe(document.querySelector('.cells'), {subtree: true, "
          "childList: true, attributes: true, characterData: true}); "
          "setTimeout(() => done(changes), 600); })"),
      json(0));
  browser_->Evaluate("document.querySelector('.cell').focus()");
  browser_->Press("ArrowRight");
  Await("document.activeElement.dataset.index === '1'");
  browser_->Press("Enter");
  Await("document.querySelector('dialog[open] img').naturalWidth === 64");
  Await("document.querySelector('dialog').innerText.includes('anna')");
  EXPECT_THAT(Text("dialog"), AllOf(HasSubstr("Task 1"), HasSubstr("psnr"),
                                    HasSubstr("Attempts")));
  Shoot("task");
  browser_->Press("ArrowRight");
  Await("document.querySelector('dialog h2').textContent === 'Task 2'");
  EXPECT_EQ(browser_->Evaluate("location.hash.includes('task=2')"), json(true));
  // The address is the view: another page shows the same.
  Open(absl::StrCat("#/jobs/", id, "?task=2"));
  Await("document.querySelector('dialog[open] h2').textContent === 'Task 2'");
  browser_->Press("Escape");
  Await("document.querySelector('dialog') === null");
  EXPECT_EQ(browser_->Evaluate("location.hash.includes('task')"), json(false));
  EXPECT_THAT(browser_->errors(), IsEmpty());
  cluster_->KillWorker("anna");
}

TEST_F(PageBrowserTest, TenThousandCellsAreAFewElements) {
  const std::string id = Submit(*cluster_, WideSweep(200, 50));
  LogIn();
  GoTo("#/jobs/" + id);
  Await("document.querySelectorAll('.cell[data-state=queued]').length > 20");
  const auto cells = [this] {
    return browser_->Evaluate("document.querySelectorAll('.cell').length")
        .get<int>();
  };
  const auto requests = [this] {
    return browser_
        ->Evaluate(
            "performance.getEntriesByType('resource').filter((one) => "
            "one.name.includes('/tasks?')).length")
        .get<int>();
  };
  const int at_first = cells();
  EXPECT_LT(at_first, 200);
  EXPECT_LE(requests(), 12) << "those in sight alone";
  Shoot("wide");
  browser_->Evaluate(
      "(() => { const grid = document.querySelector('.cells'); "
      "grid.scrollTop = grid.scrollHeight; grid.scrollLeft = "
      "grid.scrollWidth; })()");
  Await(
      "document.querySelector('.cell[data-index=\"9999\"][data-state=queued]'"
      ")");
  EXPECT_LT(cells(), 200);
  EXPECT_LE(requests(), 30);
  EXPECT_EQ(browser_->Evaluate(
                "document.querySelector('.cell[data-index=\"9999\"]').title"),
            json("style_weight 1199\nseed 49\nqueued"));
  // What the job's changes leave alone is not drawn again.
  browser_->Evaluate(
      "window.changes = 0; new MutationObserver((all) => { window.changes += "
      "all.length; }).observe(document.querySelector('.cells'), {subtree: "
      "true, childList: true, attributes: true, characterData: true})");
  browser_->Evaluate(
      "[...document.querySelectorAll('.acts button')].find((one) => "
      "one.textContent === 'Pause').click()");
  Await("document.querySelector('#content .state').textContent === 'paused'");
  EXPECT_EQ(browser_->Evaluate(
                "new Promise((done) => setTimeout(() => done(window.changes), "
                "500))"),
            json(0));
  // By keys to the other end.
  browser_->Evaluate(
      "document.querySelector('.cell[data-index=\"9999\"]').focus()");
  browser_->Press("Home");
  Await("document.activeElement.dataset.index === '9950'");
  browser_->Press("ArrowUp");
  Await("document.activeElement.dataset.index === '9900'");
  // Rows and columns change places.
  browser_->Evaluate(
      "(() => { const place = document.querySelector('.axis "
      "[data-axis=style_weight]'); place.value = 'column'; "
      "place.dispatchEvent(new Event('change')); })()");
  Await(
      "document.querySelector('.head.row').textContent === '0' || "
      "document.querySelectorAll('.head.row').length > 0");
  EXPECT_EQ(browser_->Evaluate("location.hash.includes('row=seed')"),
            json(true));
  EXPECT_THAT(browser_->errors(), IsEmpty());
}

TEST_F(PageBrowserTest, StaysWhileTheCoordinatorIsGone) {
  const std::string id = Submit(*cluster_, SweepOfSeeds(2, 64, 20));
  LogIn();
  GoTo("#/jobs/" + id);
  Await("document.querySelectorAll('.cell').length === 2");
  browser_->Evaluate("window.isTheSamePage = true");
  cluster_->KillCoordinator();
  Await("!document.querySelector('#connection').hidden");
  Shoot("gone");
  cluster_->RestartCoordinator();
  cluster_->StartWorker("ben");
  Await(
      "document.querySelectorAll('.cell[data-state=succeeded]').length === 2");
  Await("document.querySelector('#connection').hidden");
  EXPECT_EQ(browser_->Evaluate("window.isTheSamePage"), json(true));
  GoTo("#/workers");
  Await("document.querySelector('table.workers tbody tr')");
  EXPECT_THAT(Text("table.workers"), HasSubstr("ben"));
  Shoot("workers");
  browser_->Click("[aria-label='drain ben']");
  Await("document.querySelector('[aria-label=\"release ben\"]')");
  EXPECT_THAT(Text("table.workers"), HasSubstr("draining"));
  cluster_->KillWorker("ben");
}

TEST_F(PageBrowserTest, AJobIsSteered) {
  const std::string id = Submit(*cluster_, SweepOfSeeds(2, 64, 5));
  LogIn();
  browser_->Evaluate("window.confirm = () => true");
  GoTo("#/jobs/" + id);
  const auto press = [this](const std::string& text) {
    browser_->Evaluate(absl::StrCat(
        "[...document.querySelectorAll('.acts button')].find((one) => "
        "one.textContent === ",
        json(text).dump(), ").click()"));
  };
  Await("document.querySelectorAll('.acts button').length === 2");
  press("Pause");
  Await("document.querySelector('#content .state').textContent === 'paused'");
  press("Resume");
  Await("document.querySelector('#content .state').textContent === 'queued'");
  press("Cancel");
  Await(
      "document.querySelectorAll('.cell[data-state=cancelled]').length === 2");
  press("Retry what failed");
  Await("document.querySelectorAll('.cell[data-state=queued]').length === 2");
  press("Cancel");
  Await(
      "document.querySelector('#content .state').textContent === "
      "'cancelled'");
  press("Delete");
  Await("location.hash === '#/jobs'");
  Await("document.querySelector('table.jobs')");
  EXPECT_THAT(Text("table.jobs"), Not(HasSubstr(id)));
}

TEST_F(PageBrowserTest, JobsAreFoundChosenAndEndedTogether) {
  std::vector<std::string> ids;
  for (const char* name : {"needle one", "needle two", "hay"}) {
    std::string spec = SweepOfSeeds(2, 64, 5);
    spec.replace(spec.find("sweep"), 5, absl::StrCat("\"", name, "\""));
    ids.push_back(Submit(*cluster_, spec));
  }
  LogIn();
  browser_->Evaluate("window.confirm = () => true");
  Await("document.querySelectorAll('table.jobs tbody tr').length >= 3");
  browser_->Press("/");
  Await("document.activeElement.type === 'search'");
  browser_->Evaluate(
      "(() => { const box = document.querySelector('input[type=search]'); "
      "box.value = 'NEEDLE'; box.dispatchEvent(new Event('input')); })()");
  Await("document.querySelectorAll('table.jobs tbody tr').length === 2");
  EXPECT_EQ(browser_->Evaluate("location.hash"), json("#/jobs?search=NEEDLE"));
  // The address is the question.
  Open("#/jobs?search=needle&state=unfinished");
  browser_->Evaluate("window.confirm = () => true");
  Await("document.querySelectorAll('table.jobs tbody tr').length === 2");
  browser_->Press("/");
  browser_->Press("ArrowDown");
  Await("document.activeElement.textContent === 'needle two'");
  browser_->Press("x");
  Await("document.querySelectorAll('tr[data-chosen]').length === 1");
  browser_->Press("ArrowDown");
  Await("document.activeElement.textContent === 'needle one'");
  browser_->Press("x");
  Shoot("chosen");
  const auto press = [this](const std::string& text) {
    Await(
        absl::StrCat("[...document.querySelectorAll('.acts button')].some("
                     "(one) => one.textContent === ",
                     json(text).dump(), ")"));
    browser_->Evaluate(absl::StrCat(
        "[...document.querySelectorAll('.acts button')].find((one) => "
        "one.textContent === ",
        json(text).dump(), ").click()"));
  };
  press("Cancel 2");
  Await("document.querySelectorAll('table.jobs tbody tr').length === 0");
  Await("document.body.innerText.includes('No job matches')");
  Open("#/jobs?search=needle&state=cancelled");
  browser_->Evaluate("window.confirm = () => true");
  Await("document.querySelectorAll('table.jobs tbody tr').length === 2");
  browser_->Click("thead input");
  press("Delete 2");
  Await("document.querySelectorAll('table.jobs tbody tr').length === 0");
  Open("#/jobs?search=" + ids[2]);
  Await("document.querySelectorAll('table.jobs tbody tr').length === 1");
  EXPECT_THAT(browser_->errors(), IsEmpty());
}

TEST_F(PageBrowserTest, TheSystemIsShownAndItsLogToAdmins) {
  Submit(*cluster_, SweepOfSeeds(2, 64, 5));
  LogIn();
  GoTo("#/system");
  Await("document.querySelector('.condition')");
  EXPECT_THAT(Text(".condition"),
              AllOf(HasSubstr("no worker is connected"), HasSubstr("since"),
                    HasSubstr("Start workers")));
  EXPECT_THAT(Text(".cards"),
              AllOf(HasSubstr("Tasks queued"), HasSubstr("free")));
  Await("document.querySelectorAll('.audit tbody tr').length > 0");
  EXPECT_THAT(Text(".audit"), HasSubstr("submit job"));
  Shoot("system");
  browser_->Emulate("", "dark");
  Shoot("system-dark");
  EXPECT_THAT(browser_->errors(), IsEmpty());
}

TEST_F(PageBrowserTest, AReaderIsOfferedNothingItMayNotDo) {
  const std::string id = Submit(*cluster_, SweepOfSeeds(2, 64, 5));
  const Finished made =
      RunProgram({Binary("atelier"), "token", "create", "--role", "read",
                  "--user", "reader", "--coordinator", cluster_->address()});
  ASSERT_EQ(made.code, 0) << made.err;
  Open(LoginLink(made.out.substr(0, made.out.find('\n'))));
  Await("document.querySelector('#top nav')");
  EXPECT_THAT(Text("#top"), HasSubstr("reader (read)"));
  GoTo("#/jobs/" + id);
  Await("document.querySelectorAll('.cell').length === 2");
  EXPECT_EQ(
      browser_->Evaluate("document.querySelectorAll('.acts button').length"),
      json(0));
}

TEST_F(PageBrowserTest, ANameIsNoMarkup) {
  const std::string name = "<img src=x onerror=document.title='owned'>";
  std::string spec = SweepOfSeeds(1, 64, 5);
  spec.replace(spec.find("sweep"), 5, absl::StrCat("\"", name, "\""));
  const std::string id = Submit(*cluster_, spec);
  LogIn();
  Await("document.querySelector('table.jobs tbody tr')");
  EXPECT_THAT(Text("table.jobs"), HasSubstr(name));
  GoTo("#/jobs/" + id);
  Await("document.querySelector('h1').textContent.startsWith('<img')");
  EXPECT_EQ(
      browser_->Evaluate("document.querySelectorAll('img[src=x]').length"),
      json(0));
  EXPECT_THAT(browser_->errors(), IsEmpty());
}

TEST_F(PageBrowserTest, FitsAPhoneInTheDark) {
  const std::string id = Submit(*cluster_, WideSweep(3, 4));
  browser_->Resize(390, 800);
  browser_->Emulate("", "dark");
  LogIn();
  for (const std::string& place :
       {std::string("#/jobs"), "#/jobs/" + id, std::string("#/workers"),
        std::string("#/system")}) {
    GoTo(place);
    Await("document.querySelector('h1')");
    Await("document.documentElement.scrollWidth <= 390");
    if (place != "#/workers") {
      Await(
          "[...document.querySelectorAll('.scroll')].every((one) => "
          "one.scrollWidth <= one.clientWidth)");
    }
    Shoot(absl::StrCat("phone", place.size()));
  }
}

}  // namespace
}  // namespace atelier
