// A report in a real browser, opened from disk. With
// ATELIER_SCREENSHOTS=FOLDER, pictures of what the tests see are left there.
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/lib/report.h"
#include "common/file.h"
#include "common/image/image.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/browser/chromium.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A picture with a colour of its own.
std::string Png(int size_px, float hue) {
  Image image{size_px, size_px * 3 / 4, {}};
  const int pixels = image.width_px * image.height_px;
  for (int channel = 0; channel < 3; ++channel) {
    for (int i = 0; i < pixels; ++i) {
      const float across = static_cast<float>(i % size_px) / size_px;
      image.rgb.push_back(channel == 0   ? hue
                          : channel == 1 ? across
                                         : 1 - hue * across);
    }
  }
  return Encode(image, "png").value();
}

json Axis(const std::string& name, const std::vector<std::string>& labels) {
  return {{"name", name}, {"labels", labels}};
}

json Task(int index, const std::vector<std::string>& labels) {
  const double at = 1.0 + index;
  return {{"index", index},
          {"labels", labels},
          {"state", "succeeded"},
          {"file", absl::StrCat("a b#", index, "%.png")},
          {"message", ""},
          {"render_key", "k"},
          {"parameters", {{"size", "64"}, {"seed", absl::StrCat(index)}}},
          {"render",
           {{"content_digest", "c0"}, {"style_digests", {"s0", "missing"}}}},
          {"result",
           {{"width_px", 64},
            {"height_px", 48},
            {"iterations", 30},
            {"seconds", 100 - at},
            {"losses", {{"content", at}, {"style", 2e-6 * at}, {"total", 9}}}}},
          {"measures", {{"psnr", 20 + at}, {"style_distance", 1 / at}}},
          {"curve",
           {{"iterations", {0, 10, 20, 30}},
            {"total", {900, 80, 12, 9 + at}},
            {"terms", {{"content", {0, 1, 2, at}}}}}}};
}

json Document(const std::string& name, json axes, json tasks) {
  return {{"format", "atelier-results"},
          {"version", 1},
          {"made_by", "atelier 0.1.0"},
          {"job",
           {{"job_id", "3f"},
            {"name", name},
            {"spec", {{"name", name}, {"base", {{"size", 64}}}}},
            {"command", "atelier submit spec.json"}}},
          {"measured_by", {{"size_px", 512}, {"pooling", "max"}}},
          {"axes", std::move(axes)},
          {"sheet", {{"columns", 0}}},
          {"inputs",
           {{{"digest", "c0"}, {"name", "harbour.jpg"}},
            {{"digest", "s0"}, {"name", "starry.jpg"}},
            {{"digest", "missing"}, {"name", "gone.jpg"}}}},
          {"tasks", std::move(tasks)}};
}

// Rows of one letter, columns of one digit; the first axis is the rows.
json GridDocument(int rows, int columns) {
  std::vector<std::string> down;
  std::vector<std::string> across;
  for (int i = 0; i < rows; ++i) down.push_back(absl::StrCat("r", i));
  for (int i = 0; i < columns; ++i) across.push_back(absl::StrCat(i * 100));
  json tasks = json::array();
  for (int i = 0; i < rows * columns; ++i) {
    tasks.push_back(Task(i, {down[i / columns], across[i % columns]}));
  }
  return Document("grid", {Axis("start", down), Axis("weight", across)}, tasks);
}

class ReportBrowserTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(InitialiseImages("report_browser_test").ok());
    if (Chromium::IsInstalled()) browser_ = new Chromium;
  }
  static void TearDownTestSuite() { delete browser_; }

  void SetUp() override {
    if (browser_ == nullptr) {
      GTEST_SKIP() << "NOT TESTED: report.html in a browser: chromium is not "
                      "installed (deploy/install-packages test)";
    }
    browser_->Resize(1400, 1000);
    browser_->Emulate("", "light");
  }

  ReportJob JobOf(const json& document) const {
    const int tasks = static_cast<int>(document["tasks"].size());
    ReportPictures pictures(tasks, 3);
    for (int i = 0; i < tasks; ++i) {
      const std::string png = Png(64, static_cast<float>(i) / tasks);
      EXPECT_TRUE(pictures.AddTask(i, png).ok());
    }
    EXPECT_TRUE(pictures.AddInput("c0", Png(40, 0.5f)).ok());
    EXPECT_TRUE(pictures.AddInput("s0", Png(40, 0.9f)).ok());
    return {"", document.dump(), pictures.Json()};
  }

  void Open(const std::vector<ReportJob>& jobs) {
    const std::string path = folder_.File("report.html");
    ASSERT_TRUE(WriteOutput(path, ReportHtml(jobs)).ok());
    browser_->Open("file://" + path);
    EXPECT_THAT(browser_->errors(), IsEmpty());
  }
  void Open(const json& document) { Open({JobOf(document)}); }

  json Count(const std::string& selector) {
    return browser_->Evaluate(absl::StrCat("document.querySelectorAll(",
                                           json(selector).dump(), ").length"));
  }
  // The visible text of what a selector finds.
  std::vector<std::string> Texts(const std::string& selector) {
    return browser_->Evaluate(
        absl::StrCat("[...document.querySelectorAll(", json(selector).dump(),
                     ")].map((found) => found.innerText.trim())"));
  }
  // The text of the one whose text, or label for a reader, has the focus.
  std::string Focused() {
    return browser_->Evaluate(
        // A dialog says after a turn that it was closed.
        "new Promise((done) => requestAnimationFrame(() => "
        "requestAnimationFrame(() => done("
        "document.activeElement.getAttribute('aria-label') ?? "
        "document.activeElement.innerText))))");
  }
  void Choose(const std::string& label, const std::string& value) {
    browser_->Evaluate(absl::StrCat(
        "{const label = [...document.querySelectorAll('label')].find((one) => "
        "one.innerText.startsWith('",
        label,
        "')); const control = "
        "label.querySelector('select, input'); control.value = ",
        json(value).dump(),
        "; control.dispatchEvent(new Event(control.tagName === 'SELECT' ? "
        "'change' : 'input'));}"));
  }
  void Look(const std::string& name) {
    if (const char* folder = std::getenv("ATELIER_SCREENSHOTS")) {
      browser_->Screenshot(absl::StrCat(folder, "/", name, ".png"));
    }
  }

  static inline Chromium* browser_ = nullptr;
  const TempFolder folder_;
};

TEST_F(ReportBrowserTest, ShowsEveryCellOfTheGrid) {
  json document = GridDocument(3, 4);
  document["tasks"][1]["state"] = "failed";
  document["tasks"][1]["file"] = nullptr;
  document["tasks"][1]["result"] = nullptr;
  document["tasks"][1]["message"] = "out of memory";
  document["tasks"].erase(11);
  Open(document);
  EXPECT_EQ(browser_->Evaluate("document.title"), "grid · Atelier");
  EXPECT_EQ(Count("button.cell"), 11);
  EXPECT_EQ(Count("[role=grid] tbody tr"), 3);
  EXPECT_EQ(Count("[role=gridcell]"), 12);
  EXPECT_THAT(Texts("button.cell.gap .why"),
              testing::ElementsAre("failed: out of memory"));
  EXPECT_THAT(Texts("div.cell.gap"), testing::ElementsAre("left out"));
  EXPECT_EQ(
      browser_->Evaluate("(async () => { const images = "
                         "[...document.querySelectorAll('.cell img')];"
                         "await Promise.all(images.map((one) => one.decode()));"
                         "return images.every((one) => one.naturalWidth == 64)"
                         "})()"),
      true);
  EXPECT_THAT(Texts(".inputs figcaption"),
              testing::ElementsAre("content harbour.jpg", "style starry.jpg",
                                   "style gone.jpg"));
  EXPECT_THAT(Texts(".inputs .gap"), testing::ElementsAre("not at hand"));
  Look("grid");
}

TEST_F(ReportBrowserTest, RunsNoHostileText) {
  const std::string hostile =
      "</script><img src=x onerror='window.ran=1'><script>window.ran=1"
      "</script>\"'><svg onload=window.ran=1>";
  json document = GridDocument(2, 2);
  document["job"]["name"] = hostile;
  document["job"]["message"] = hostile;
  document["job"]["spec"] = {{hostile, hostile}};
  document["axes"][0]["labels"][0] = hostile;
  document["axes"][1]["name"] = hostile;
  document["inputs"][0]["name"] = hostile;
  for (json& task : document["tasks"]) {
    if (task["labels"][0] == "r0") task["labels"][0] = hostile;
    task["message"] = hostile;
    task["parameters"][hostile] = hostile;
    task["measures"][hostile] = 1.5;
    task["curve"]["terms"][hostile] = {1, 2, 3, 4};
    task["file"] = "javascript:window.ran=1//../../x";
  }
  Open(document);
  browser_->Click("button.cell");
  EXPECT_THAT(browser_->Evaluate("window.ran === undefined"), true);
  EXPECT_EQ(Count("img[src=x], [onerror], [onload]"), 0);
  EXPECT_EQ(Texts("h1").at(0), hostile) << "it is text like any other";
  EXPECT_EQ(browser_->Evaluate(
                "document.querySelector('.facts a').getAttribute('href')"),
            "./javascript%3Awindow.ran%3D1/x");
}

TEST_F(ReportBrowserTest, SortsTheTableByAnyColumn) {
  Open(GridDocument(2, 6));  // Labels 0 to 500: as numbers, not as text.
  const auto column = [&](int place) {
    return Texts(absl::StrCat(".figures tbody td:nth-child(", place, ")"));
  };
  const std::vector<std::string> titles =
      Texts(".figures th:not(:first-child)");
  EXPECT_THAT(titles, testing::IsSupersetOf({"start", "weight", "psnr",
                                             "total loss", "seconds"}));
  browser_->Click(".figures th:nth-child(3) button");
  EXPECT_THAT(column(3),
              testing::ElementsAre("0", "0", "100", "100", "200", "200", "300",
                                   "300", "400", "400", "500", "500"));
  EXPECT_EQ(Count(".figures th:nth-child(3)[aria-sort=ascending]"), 1);
  browser_->Click(".figures th:nth-child(3) button");
  EXPECT_EQ(column(3).front(), "500");
  EXPECT_EQ(Count(".figures th:nth-child(3)[aria-sort=descending]"), 1);
  Look("table");
}

TEST_F(ReportBrowserTest, GoesByTheKeyboardAlone) {
  json document = GridDocument(3, 3);
  document["tasks"].erase(4);  // The one in the middle is left out.
  Open(document);
  browser_->Evaluate("document.querySelector('button.cell').focus()");
  browser_->Press("ArrowDown");
  EXPECT_THAT(Focused(), HasSubstr("start r1, weight 0"));
  browser_->Press("ArrowRight");
  EXPECT_THAT(Focused(), HasSubstr("start r1, weight 200")) << "over the gap";
  browser_->Press("Enter");
  EXPECT_EQ(Count("dialog[open]"), 1);
  EXPECT_THAT(Texts("dialog h2").at(0), HasSubstr("r1, weight 200"));
  browser_->Press("ArrowUp");
  EXPECT_THAT(Texts("dialog h2").at(0), HasSubstr("r0, weight 200"));
  browser_->Press("ArrowLeft");
  EXPECT_THAT(Texts("dialog h2").at(0), HasSubstr("r0, weight 100"));
  browser_->Press("Escape");
  EXPECT_EQ(Count("dialog[open]"), 0);
  EXPECT_THAT(Focused(), HasSubstr("start r0, weight 100"));
}

TEST_F(ReportBrowserTest, ComparesWithTheContentAndWithOtherCells) {
  Open(GridDocument(2, 2));
  browser_->Click("button.cell");
  EXPECT_EQ(Count(".stage img"), 1);
  EXPECT_EQ(Count(".facts .curve path"), 2);
  Choose("Compare with", "content 0");
  EXPECT_EQ(Count(".split img"), 2);
  browser_->Evaluate(
      "{const range = document.querySelector('.split-range'); range.value = 25;"
      "range.dispatchEvent(new Event('input'));}");
  EXPECT_EQ(browser_->Evaluate("getComputedStyle(document.querySelector("
                               "'.split .after')).clipPath"),
            "inset(0px 0px 0px 25%)");
  Look("compare");
  Choose("Compare with", "task 3");
  EXPECT_EQ(Count(".facts .curve path.other"), 2);
  EXPECT_EQ(Count(".facts-table td.other"), 7);
}

TEST_F(ReportBrowserTest, LinksThePicturesBesideIt) {
  ASSERT_TRUE(WriteOutput(folder_.File("a b#0%.png"), Png(200, 0.1f)).ok());
  Open(GridDocument(1, 2));
  browser_->Click("button.cell");
  EXPECT_EQ(browser_->Evaluate(
                "document.querySelector('.facts a').getAttribute('href')"),
            "./a%20b%230%25.png");
  EXPECT_EQ(browser_->Evaluate(
                "new Promise((done) => { const image = "
                "document.querySelector('.stage img'); const look = () => "
                "image.naturalWidth === 200 ? done(200) : "
                "requestAnimationFrame(look); look(); })"),
            200);
  EXPECT_THAT(browser_->errors(), IsEmpty()) << "no policy forbids it";
}

TEST_F(ReportBrowserTest, HasASliderForEachFurtherAxis) {
  json tasks = json::array();
  for (int i = 0; i < 12; ++i) {
    tasks.push_back(Task(i, {absl::StrCat("a", i / 6), absl::StrCat(i / 2 % 3),
                             absl::StrCat("c", i % 2)}));
  }
  Open(Document("cube",
                {Axis("first", {"a0", "a1"}), Axis("seed", {"0", "1", "2"}),
                 Axis("last", {"c0", "c1"})},
                tasks));
  EXPECT_EQ(Count("button.cell"), 4);
  EXPECT_EQ(Count("button.cell[data-task='0']"), 1);
  Choose("seed", "2");
  EXPECT_EQ(Count("button.cell[data-task='4']"), 1);
  EXPECT_EQ(Count("button.cell[data-task='0']"), 0);
  Choose("Rows", "1");  // The first gets the slider.
  EXPECT_EQ(Count("button.cell"), 6);
  EXPECT_EQ(Count("[role=grid] tbody tr"), 3);
  Choose("Layout", "flow");
  EXPECT_EQ(Count("button.cell"), 12);
}

TEST_F(ReportBrowserTest, MarksTheBestOrSaysAbsent) {
  json document = GridDocument(2, 2);
  Open(document);
  Choose("Mark the best", "psnr");
  EXPECT_EQ(Count("button.cell.best"), 1);
  EXPECT_EQ(Count("button.cell.best[data-task='3']"), 1) << "the highest";
  Choose("Mark the best", "seconds");
  EXPECT_EQ(Count("button.cell.best[data-task='3']"), 1) << "the lowest";
  for (json& task : document["tasks"]) {
    task["measures"] = nullptr;
    task["curve"] = nullptr;
  }
  document["measured_by"] = nullptr;
  Open(document);
  EXPECT_EQ(Count("button.cell.best"), 0);
  EXPECT_EQ(Count(".figures td.absent"), 4);
  browser_->Click("button.cell");
  EXPECT_EQ(Count(".facts > p.absent"), 2);
}

TEST_F(ReportBrowserTest, ShowsFourHundredCells) {
  Open(GridDocument(20, 20));
  EXPECT_EQ(Count("button.cell"), 400);
  browser_->Evaluate("document.querySelector('button.cell').focus()");
  browser_->Press("End");
  EXPECT_THAT(Focused(), HasSubstr("start r19, weight 1900"));
}

TEST_F(ReportBrowserTest, HasATabForEachStudy) {
  json second = GridDocument(1, 3);
  second["job"]["study"] = "style-weight";
  Open({JobOf(GridDocument(2, 2)), JobOf(second)});
  EXPECT_THAT(Texts("[role=tab]"),
              testing::ElementsAre("grid", "style-weight"));
  EXPECT_EQ(Count("button.cell"), 4);
  browser_->Evaluate("document.querySelector('[role=tab]').focus()");
  browser_->Press("ArrowRight");
  EXPECT_EQ(Count("[role=tabpanel]:not([hidden]) button.cell"), 3);
  Look("tabs");
}

TEST_F(ReportBrowserTest, FitsDarkNarrowAndPaper) {
  Open(GridDocument(2, 5));
  browser_->Emulate("", "dark");
  const std::string dark =
      browser_->Evaluate("getComputedStyle(document.body).backgroundColor");
  Look("dark");
  browser_->Emulate("", "light");
  EXPECT_NE(dark, browser_->Evaluate(
                      "getComputedStyle(document.body).backgroundColor"));
  browser_->Resize(390, 800);
  EXPECT_EQ(browser_->Evaluate("getComputedStyle(document.querySelector("
                               "'.beside')).flexDirection"),
            "column");
  Look("narrow");
  browser_->Emulate("print", "light");
  EXPECT_EQ(
      browser_->Evaluate(
          "getComputedStyle(document.querySelector('.controls')).display"),
      "none");
}

TEST_F(ReportBrowserTest, SaysWhatItCannotRead) {
  const std::string path = folder_.File("report.html");
  for (const char* document : {"{", "[]", "null", "{\"format\":\"other\"}",
                               "{\"format\":\"atelier-results\"}",
                               "{\"format\":\"atelier-results\",\"tasks\":[1],"
                               "\"axes\":{},\"inputs\":[null]}"}) {
    SCOPED_TRACE(document);
    const ReportJob job = {"", document, ReportPictures(1, 1).Json()};
    ASSERT_TRUE(WriteOutput(path, ReportHtml({job})).ok());
    browser_->Open("file://" + path);
    EXPECT_FALSE(Texts("main").at(0).empty());
  }
}

}  // namespace
}  // namespace atelier
