// The grid of a job in a real browser: arranged, filtered, selected, compared.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/lib/measure_names.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/browser/page_fixture_testing.h"
#include "tests/testing/samples.h"

namespace atelier {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PageGridBrowserTest : public PageBrowserTest {
 protected:
  void OpenJob(const std::string& id, const std::string& query = "") {
    LogIn();
    GoTo(absl::StrCat("#/jobs/", id, query));
    Await("document.querySelector('.cell')");
  }
  std::string Hash() {
    return browser_->Evaluate("location.hash").get<std::string>();
  }
  void Choose(const std::string& selector, const std::string& value) {
    browser_->Evaluate(absl::StrCat(
        "(() => { const select = document.querySelector(",
        json(selector).dump(), "); select.value = ", json(value).dump(),
        "; select.dispatchEvent(new Event('change')); })()"));
  }
  void Filter(const std::string& text) {
    browser_->Evaluate(absl::StrCat(
        "(() => { const filter = document.querySelector('.filter'); "
        "filter.value = ",
        json(text).dump(),
        "; filter.dispatchEvent(new Event('change')); })()"));
  }
  // The tasks in sight, as they are read: row by row.
  json TasksInSight() {
    return browser_->Evaluate(
        "[...document.querySelectorAll('.cell')].map((cell) => ({index: "
        "Number(cell.dataset.index), box: cell.getBoundingClientRect()}))"
        ".sort((a, b) => a.box.y - b.box.y || a.box.x - b.box.x)"
        ".map((cell) => cell.index)");
  }
  int Count(const std::string& selector) {
    return browser_
        ->Evaluate(absl::StrCat("document.querySelectorAll(",
                                json(selector).dump(), ").length"))
        .get<int>();
  }
};

TEST_F(PageGridBrowserTest, AxesMoveToBlocksAndTheAddressSaysSo) {
  const std::string id = Submit(
      *cluster_,
      absl::StrCat("name: blocks\nbase:\n  content: ", SamplePath("content"),
                   "\n  style: ", SamplePath("style"),
                   "\n  size: 64\n  iterations: 2\naxes:\n"
                   "  style_weight: [1000, 2000]\n  content_weight: [1, 2]\n"
                   "  tv_weight: [0, 1]\n  seed: [7, 8, 9]\n"));
  OpenJob(id, "?size=48");
  Await("document.querySelectorAll('.cell').length === 24");
  EXPECT_EQ(TasksInSight()[5], json(5)) << "blocks of rows at first";
  Choose("[data-axis=style_weight]", "columns");
  Choose("[data-axis=content_weight]", "columns");
  Await("document.querySelectorAll('.head.column[data-outer]').length === 6");
  // Content weight, style weight and seed across.
  EXPECT_EQ(TasksInSight(),
            json({0, 1, 2, 12, 13, 14, 6, 7,  8,  18, 19, 20,  //
                  3, 4, 5, 15, 16, 17, 9, 10, 11, 21, 22, 23}));
  EXPECT_THAT(Hash(), HasSubstr("row=tv_weight&column=content_weight."
                                "style_weight.seed"));
  Shoot("blocks");
  // A value is hidden, and shown alone.
  browser_->Click("[aria-label='Values of seed']");
  browser_->Click(".popover:popover-open li:nth-child(2) input");
  Await("document.querySelectorAll('.cell').length === 16");
  EXPECT_THAT(Hash(), HasSubstr("show.seed=0.2"));
  Shoot("values");
  browser_->Press("o");
  Await("document.querySelectorAll('.cell').length === 8");
  browser_->Press("Escape");
  const std::string hash = Hash();
  const json seen = TasksInSight();
  EXPECT_EQ(seen, json({1, 13, 7, 19, 4, 16, 10, 22}));
  // Another page shows the same.
  Open(hash);
  Await("document.querySelectorAll('.cell').length === 8");
  EXPECT_EQ(TasksInSight(), seen);
  EXPECT_EQ(Hash(), hash);
  EXPECT_THAT(browser_->errors(), IsEmpty());
}

TEST_F(PageGridBrowserTest, NumbersColourSortAndFilterAndKeysSelectAndCompare) {
  const std::string id = Submit(*cluster_, SweepOfSeeds(4, 64, 20));
  cluster_->StartWorker("anna");
  WatchToItsEnd(*cluster_, id);
  cluster_->KillWorker("anna");
  OpenJob(id);
  Await("document.querySelectorAll('.cell[data-shown]').length === 4");
  Await("document.querySelector('.field select option[value=ssim]')");
  // Colour and order.
  Choose(".toolbar .field select", "ssim");
  Await(
      "[...document.querySelectorAll('.cell .value')].every((one) => "
      "one.textContent !== '')");
  EXPECT_EQ(Count(".cell.best"), 1);
  EXPECT_EQ(Count(".ramp:not([hidden])"), 1);
  Choose(".toolbar .field + .field select", "ssim");
  Await("document.querySelector('.cells.tall')");
  const json values = browser_->Evaluate(
      "[...document.querySelectorAll('.cell')].sort((a, b) => "
      "a.getBoundingClientRect().x - b.getBoundingClientRect().x).map((cell) "
      "=> Number(cell.querySelector('.value').textContent))");
  ASSERT_EQ(values.size(), 4);
  EXPECT_TRUE(values[0] >= values[1] && values[1] >= values[2] &&
              values[2] >= values[3])
      << values;
  Shoot("coloured");
  // Keys select.
  browser_->Evaluate("document.querySelector('.cell[tabindex=\"0\"]').focus()");
  browser_->Press("Home");
  browser_->Press(" ");
  browser_->Press("Shift+ArrowRight");
  Await("document.querySelectorAll('.cell[aria-pressed=true]').length === 2");
  EXPECT_THAT(Text(".selection-bar"), HasSubstr("2 tasks selected"));
  browser_->Press("Control+a");
  Await("document.querySelectorAll('.cell[aria-pressed=true]').length === 4");
  EXPECT_THAT(Text(".selection-bar"), HasSubstr("0-3"));
  Shoot("selected");
  browser_->Press("Escape");
  Await("document.querySelector('.selection-bar').hidden");
  // Two of them side by side, and their difference.
  browser_->Press("Home");
  browser_->Press("Shift+ArrowRight");
  const json order = TasksInSight();
  browser_->Press("v");
  Await(
      "document.querySelectorAll('dialog[open] .frame img[src]').length === "
      "2");
  browser_->Press("+");
  EXPECT_EQ(
      browser_->Evaluate("new Set([...document.querySelectorAll('.frame "
                         "img')].map((one) => one.style.transform)).size"),
      json(1))
      << "they are zoomed together";
  EXPECT_THAT(Text(".zoom-text"), HasSubstr("150 %"));
  browser_->Press("d");
  Await(
      "document.querySelector('.frame.difference .second').naturalWidth "
      "=== 64");
  EXPECT_THAT(Hash(), HasSubstr("how=difference"));
  Shoot("difference");
  browser_->Press("x");
  Await("document.querySelectorAll('.frame').length === 1");
  // Arrows walk the grid as it is seen.
  browser_->Press("End");
  Await(
      absl::StrCat("document.querySelector('dialog h2').textContent === "
                   "'Task ",
                   order[3].get<int>(), "'"));
  browser_->Press("ArrowLeft");
  Await(
      absl::StrCat("document.querySelector('dialog h2').textContent === "
                   "'Task ",
                   order[2].get<int>(), "'"));
  browser_->Press("Escape");
  Await("document.querySelector('dialog') === null");
  EXPECT_EQ(browser_->Evaluate("document.activeElement.dataset.index"),
            json(absl::StrCat(order[2].get<int>())));
  // The filter, and a view that somebody sent.
  Filter("ssim > -1 index < 2");
  Await("document.querySelectorAll('.cell').length === 2");
  EXPECT_THAT(Text(".shown-count"), HasSubstr(" of 4 tasks"));
  const json kept = TasksInSight();
  Open(Hash());
  Await(absl::StrCat("document.querySelectorAll('.cell').length === ",
                     kept.size()));
  EXPECT_EQ(TasksInSight(), kept);
  // Curves, parallel coordinates, a picture of the view, the keys.
  browser_->Press("p");
  Await("document.querySelector('.parallel canvas').width > 300");
  Shoot("parallel");
  browser_->Evaluate("document.querySelector('.cell').focus()");
  browser_->Press("c");
  Await("document.querySelector('.curves-panel .chart')");
  browser_->Evaluate(
      "URL.createObjectURL = (blob) => { window.saved = blob.type + ' ' + "
      "(blob.size > 2000); return '#'; }; "
      "HTMLAnchorElement.prototype.click = () => {}");
  browser_->Evaluate(
      "[...document.querySelectorAll('.tools button')].find((one) => "
      "one.textContent === 'PNG').click()");
  Await("window.saved === 'image/png true'");
  browser_->Press("?");
  Await("document.querySelector('dialog.keys[open]')");
  Shoot("keys");
  EXPECT_THAT(browser_->errors(), IsEmpty());
}

TEST_F(PageGridBrowserTest, TheMeasuresAreTheCommandLines) {
  LogIn();
  json known = json::array();
  for (const MeasureName& measure : KnownMeasures()) {
    known.push_back({{"name", std::string(measure.name)},
                     {"unit", std::string(measure.unit)},
                     {"better", std::string(Name(measure.better))},
                     {"what", std::string(measure.what)}});
  }
  EXPECT_EQ(browser_->Evaluate("import('/page/known_measures.js').then((one) "
                               "=> one.KNOWN_MEASURES)"),
            known);
}

}  // namespace
}  // namespace atelier
