// Words that YAML's readers take for different things: what a spec takes them
// for, or where and how it refuses them.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/lib/points.h"
#include "client/lib/spec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;

struct Refused {
  const char* text;
  const char* message;
};

void ExpectRefused(const std::vector<Refused>& cases) {
  for (const Refused& c : cases) {
    SCOPED_TRACE(c.text);
    const absl::Status status = ParseSpec(c.text, "s.yaml").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(std::string(status.message()), c.message);
  }
}

TEST(SpecTrapsTest, WhatIsNoNumberSaysWhichToWrite) {
  ExpectRefused({
      {"base: {seed: 010}\n",
       "s.yaml:1:14: seed: '010' is not a number; write 10"},
      {"base:\n  iterations: 0x10\n",
       "s.yaml:2:15: iterations: '0x10' is not a number; write 16"},
      {"base: {iterations: 0o17}\n",
       "s.yaml:1:20: iterations: '0o17' is not a number; write 15"},
      {"base: {style_weight: 1_000}\n",
       "s.yaml:1:22: style_weight: '1_000' is not a number; write 1000"},
      {"base:\n  style_weight: 1,000\n",
       "s.yaml:2:17: style_weight: '1,000' is not a number; write 1000"},
      {"base: {iterations: 12:30}\n",
       "s.yaml:1:20: iterations: '12:30' is not a number; write 750"},
      {"base: {seed: 2.5}\n",
       "s.yaml:1:14: seed: '2.5' is not a whole number; write 3"},
      {"base: {seed: \"010\"}\n",
       "s.yaml:1:14: seed: '010' is not a number; write 10"},
      {"priority: -010\n",
       "s.yaml:1:11: priority: '-010' is not a number; write -10"},
      {"sample_count: 1_000\nmode: random\n",
       "s.yaml:1:15: sample_count: '1_000' is not a number; write 1000"},
      {"expand: {sample: 050}\n",
       "s.yaml:1:18: sample: '050' is not a number; write 50"},
      {"base: {style_blend: [1, 02]}\n",
       "s.yaml:1:25: style_blend: '02' is not a number; write 2"},
      {"base:\n  style_layers:\n  - conv_1\n  - conv_2:01\n",
       "s.yaml:4:5: style_layers: layer 'conv_2:01': weight '01' is not a "
       "number; write 1"},
      {"axes: {seed: [1, 02]}\n",
       "s.yaml:1:18: seed: '02' is not a number; write 2"},
      {"axes: {seed: 00-03}\n",
       "s.yaml:1:14: seed: '00-03' is no range; write 0-3"},
      {"axes:\n- {parameter: seed, values: [1, 02]}\n",
       "s.yaml:2:33: seed: '02' is not a number; write 2"},
      {"axes: {tv_weight: {from: 0, to: 010, count: 3}}\n",
       "s.yaml:1:33: to: '010' is not a number; write 10"},
      {"axes: {tv_weight: {log: [1, 0x10], count: 3}}\n",
       "s.yaml:1:29: log: '0x10' is not a number; write 16"},
      {"axes: {tv_weight: {from: 0, to: 1, count: 03}}\n",
       "s.yaml:1:43: count: '03' is not a number; write 3"},
  });
}

TEST(SpecTrapsTest, WithoutANumberNearItSaysWhatIsAllowed) {
  ExpectRefused({
      {"base: {style_weight: .inf}\n",
       "s.yaml:1:22: style_weight: '.inf' is not allowed; a finite number, at "
       "least 0"},
      {"base: {style_weight: .nan}\n",
       "s.yaml:1:22: style_weight: '.nan' is not allowed; a finite number, at "
       "least 0"},
      {"base: {style_weight: nan}\n",
       "s.yaml:1:22: style_weight: 'nan' is not allowed; a finite number, at "
       "least 0"},
      {"base: {style_weight: 1e400}\n",
       "s.yaml:1:22: style_weight: '1e400' is not allowed; a finite number, at "
       "least 0"},
      {"base: {iterations: no}\n",
       "s.yaml:1:20: iterations: 'no' is not allowed; from 1 to 1000000"},
      // 8 and 10 are no scales: the nearest number would be refused.
      {"base: {scales: 010}\n",
       "s.yaml:1:16: scales: '010' is not allowed; auto, or from 1 to 8"},
      {"base: {bits: 8.5}\n",
       "s.yaml:1:14: bits: '8.5' is not allowed; 8 or 16"},
      {"axes: {tv_weight: {from: 0, to: .inf, count: 3}}\n",
       "s.yaml:1:33: to: '.inf' is not a finite number"},
      {"base:\n  seed: ~\n",
       "s.yaml:2:9: seed: '~' is empty; it must be a single value"},
      {"base:\n  seed: null\n",
       "s.yaml:2:9: seed: 'null' is empty; it must be a single value"},
      {"name: null\n",
       "s.yaml:1:7: name: 'null' is empty; it must be a single value"},
      {"axes: {seed: [1, ~]}\n",
       "s.yaml:1:18: seed: '~' is empty; it must be a single value"},
  });
}

TEST(SpecTrapsTest, OnlyTrueAndFalseAreThem) {
  const auto message = [](absl::string_view word, absl::string_view write) {
    return absl::StrCat("s.yaml:1:11: no_cache: '", word,
                        "' is not allowed; write ", write);
  };
  for (const char* word : {"yes", "Yes", "on", "True", "TRUE", "y", "1"}) {
    EXPECT_EQ(ParseSpec(absl::StrCat("no_cache: ", word), "s.yaml")
                  .status()
                  .message(),
              message(word, "true"));
  }
  for (const char* word : {"no", "NO", "off", "False", "n", "0", "flase"}) {
    EXPECT_EQ(ParseSpec(absl::StrCat("no_cache: ", word), "s.yaml")
                  .status()
                  .message(),
              message(word, "false"));
  }
}

TEST(SpecTrapsTest, OfAChoiceItNamesTheNearest) {
  ExpectRefused({
      {"base: {init: contnet}\n",
       "s.yaml:1:14: init: 'contnet' is unknown; did you mean 'content'? A "
       "file is './contnet'"},
      {"base: {style_mask: None}\n",
       "s.yaml:1:20: style_mask: 'None' is unknown; did you mean 'none'? A "
       "file is './None'"},
      {"base: {optimizer: adm}\n",
       "s.yaml:1:19: optimizer: 'adm' is unknown; did you mean 'adam'?"},
      {"base: {colors: no}\n",
       "s.yaml:1:16: colors: 'no' is unknown; allowed: style, original, match"},
      {"base: {scales: Auto}\n",
       "s.yaml:1:16: scales: 'Auto' is not allowed; write auto"},
      {"expand: grdi\n",
       "s.yaml:1:9: expand: 'grdi' is unknown; did you mean 'grid'?"},
  });
  const JobDraft job =
      ParseSpec("base: {init: ./contnet, style_mask: None.png}", "s").value();
  EXPECT_EQ(job.base.patch.init_digest, "./contnet");
}

TEST(SpecTrapsTest, WhatOneReaderMergesAnotherDoesNot) {
  constexpr char kSpecsHaveNone[] =
      " is an alias, and specs have none; write the value out, and text that "
      "begins with '*' in quotes";
  ExpectRefused({
      {"base:\n  seed: 1\n  size: 64\n  seed: 2\n",
       "s.yaml:4:3: seed: is given twice"},
      {"name: a\nname: b\n", "s.yaml:2:1: name: is given twice"},
      {"axes: {seed: 1, \"seed\": 2}\n", "s.yaml:1:17: seed: is given twice"},
      {"name: &n x\nuser: *n\n",
       "s.yaml:1:7: '&n' is an anchor, and specs have none; leave it out, and "
       "write text that begins with '&' in quotes"},
      {"base: &b {seed: 1}\n",
       "s.yaml:1:7: '&b' is an anchor, and specs have none; leave it out, and "
       "write text that begins with '&' in quotes"},
      {"base: {<<: {seed: 1}}\n",
       "s.yaml:1:8: base: '<<' merges maps, and specs have no such thing; "
       "write "
       "the fields out"},
      {"base:\n  seed: !!str 1\n",
       "s.yaml:2:9: '!!str' is a tag, and specs have none; leave it out, and "
       "write text in quotes"},
      {"base: !include b.yaml\n",
       "s.yaml:1:7: '!include' is a tag, and specs have none; leave it out, "
       "and write text in quotes"},
      {"axes: !!omap [a, b]\n",
       "s.yaml:1:7: '!!omap' is a tag, and specs have none; leave it out, and "
       "write text in quotes"},
      {"name: a\n---\nname: b\n",
       "s.yaml:2:1: a second document begins here; a spec is one, so submit "
       "each from a file of its own"},
      {"base:\n\tseed: 1\n",
       "s.yaml:2:1: is not YAML: a tab indents this line; write spaces"},
      {"base:\n  seed: 1\n\tsize: 64\n",
       "s.yaml:3:1: is not YAML: a tab indents this line; write spaces"},
      {"base:\n  seed: 1\n  \tsize: 64\n",
       "s.yaml:3:3: is not YAML: a tab indents this line; write spaces"},
  });
  const struct {
    const char* text;
    const char* place_and_word;
  } kAliases[] = {
      {"base:\n  seed: *s\n", "s.yaml:2:9: '*s'"},
      {"base:\n  <<: *base\n", "s.yaml:2:7: '*base'"},
      {"axes:\n  content: *.jpg\n", "s.yaml:2:12: '*.jpg'"},
      {"axes: {content: [a.png, *.jpg]}\n", "s.yaml:1:25: '*.jpg'"},
      {"axes:\n  content: *[12].jpg\n", "s.yaml:2:12: '*'"},
      {"axes:\n  content: *\n", "s.yaml:2:12: '*'"},
  };
  for (const auto& c : kAliases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(ParseSpec(c.text, "s.yaml").status().message(),
              absl::StrCat(c.place_and_word, kSpecsHaveNone));
  }
}

TEST(SpecTrapsTest, ColumnsAreCharacters) {
  ExpectRefused({
      {"base: {content: \"\xc3\xa4\xe5\xb1\xb1.png\", seed: 010}\n",
       "s.yaml:1:33: seed: '010' is not a number; write 10"},
      {"\xef\xbb\xbf"
       "base: {seed: 010}\n",
       "s.yaml:1:14: seed: '010' is not a number; write 10"},
      {"name: x\r\nbase:\r\n  seed: 010\r\n",
       "s.yaml:3:9: seed: '010' is not a number; write 10"},
      {"name: x\r\nbase:\r\n  seed:\r\n",
       "s.yaml:3:8: seed: is empty; it must be a single value"},
  });
}

TEST(SpecTrapsTest, NumbersAreNumbers) {
  const JobDraft job = ParseSpec(
                           "\xef\xbb\xbf"
                           "name: x\t# a tab\r\n"
                           "base:\r\n"
                           "  style_weight: 1e5\r\n"
                           "  tv_weight:\t.5\r\n"
                           "  iterations: 1e3\r\n"
                           "  size: 512.0\r\n"
                           "  seed: 18446744073709551615\r\n"
                           "  style_blend: [2, .5]\r\n"
                           "priority: +5\r\n"
                           "no_cache: false\r\n",
                           "s.yaml")
                           .value();
  EXPECT_EQ(job.name, "x");
  EXPECT_EQ(job.base.patch.style_weight, 1e5);
  EXPECT_EQ(job.base.patch.tv_weight, .5);
  EXPECT_EQ(job.base.patch.iterations, 1000);
  EXPECT_EQ(job.base.patch.size_px, 512);
  EXPECT_EQ(job.base.patch.seed, 18446744073709551615u);
  EXPECT_THAT(*job.base.patch.style_blend, ElementsAre(2, .5));
  EXPECT_EQ(job.priority, 5);
}

TEST(SpecTrapsTest, WhereTextIsWantedEveryWordIsText) {
  const JobDraft job = ParseSpec(
                           "name: 010\n"
                           "user: \"no\"\n"
                           "profile: 1e5\n"
                           "worker_tags: [on, 0x10, \"~\", 1_000, 12:30]\n"
                           "base: {content: 010}\n"
                           "axes:\n"
                           "  style_layers: {010: conv_1, \"null\": conv_2, "
                           "\"<<\": conv_3}\n"
                           "  seed: {no: 1, yes: 2}\n",
                           "s.yaml")
                           .value();
  EXPECT_EQ(job.name, "010");
  EXPECT_EQ(job.user, "no");
  EXPECT_EQ(job.profile, "1e5");
  EXPECT_THAT(job.worker_tags,
              ElementsAre("on", "0x10", "~", "1_000", "12:30"));
  EXPECT_EQ(job.base.patch.content_digest, "010");
  EXPECT_EQ(DescribePoint(job, PointAt(job, 0)), "style_layers=010, seed=no");
  EXPECT_EQ(DescribePoint(job, PointAt(job, 5)), "style_layers=<<, seed=yes");
}

TEST(SpecTrapsTest, LabelsOfNumbersAreWhatWasWrittenOrShort) {
  const JobDraft job = ParseSpec(
                           "axes:\n"
                           "  style_weight: [0.1, 1e5, .5, 3.50]\n"
                           "  tv_weight: {from: 0.1, to: 0.5, step: 0.1}\n"
                           "  content_weight: {log: [1e-3, 1e-1], count: 3}\n",
                           "s.yaml")
                           .value();
  const auto labels = [&job](size_t axis) {
    std::vector<std::string> all;
    for (const AxisValueDraft& value : job.axes[axis].values) {
      all.push_back(value.label);
    }
    return all;
  };
  EXPECT_THAT(labels(0), ElementsAre("0.1", "1e5", ".5", "3.50"));
  EXPECT_THAT(labels(1), ElementsAre("0.1", "0.2", "0.3", "0.4", "0.5"));
  EXPECT_THAT(labels(2), ElementsAre("0.001", "0.01", "0.1"));
  EXPECT_EQ(job.axes[0].values[1].set.patch.style_weight, 1e5);
}

}  // namespace
}  // namespace atelier
