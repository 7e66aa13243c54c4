#include "settings/settings.hpp"

#include "base/error.hpp"
#include "tests/catch.hpp"

using namespace smlt;
using namespace smlt::settings;

namespace {

const std::vector<Knob>& knobs() {
  static const std::vector<Knob> kKnobs = {
      integer("epochs", 10).at_least(1).alias("max-epochs"),
      integer("batch-size", 64).at_least(1),
      real("lr", 0.01).above(0),
      boolean("use-bn", true),
      choice("device", "auto", {"auto", "cpu", "cuda"}),
      list("layers", {"64", "32"}),
  };
  return kKnobs;
}

Settings settled(std::vector<RawSetting> raw) {
  std::vector<std::string> warnings;
  Settings settings(knobs(), raw, warnings);
  CHECK(warnings.empty());
  return settings;
}

}  // namespace

TEST_CASE("Every knob has its default until something sets it", "[settings]") {
  const Settings settings = settled({{"EPOCHS", "3", "command line"}});
  CHECK(settings.integer("epochs") == 3);
  CHECK(settings.integer("batch_size") == 64);
  CHECK(settings.real("lr") == 0.01);
  CHECK(settings.boolean("use_bn"));
  CHECK(settings.text("device") == "auto");
  CHECK(settings.list("layers") == std::vector<std::string>{"64", "32"});
  REQUIRE(settings.entries().size() == knobs().size());
  CHECK(settings.entries()[0].source == "command line");
  CHECK(settings.entries()[1].source == "default");
}

TEST_CASE("The four encodings of a value give the same settings", "[settings]") {
  const std::vector<std::vector<std::string>> encodings = {
      {"0.1", "False", "cpu", "['1', '2']"},                          // str()
      {"0.1", "false", "\"cpu\"", "[\"1\", \"2\"]"},                  // json.dumps
      {"\"0.1\"", "\"False\"", "\"cpu\"", "\"['1', '2']\""},          // json.dumps of str()
      {"\"\\\"0.1\\\"\"", "\"false\"", "\"\\\"cpu\\\"\"", "[1, 2]"},  // encoded twice
  };
  for (const auto& values : encodings) {
    const Settings settings = settled({{"lr", values[0], "hyperparameters.json"},
                                       {"use-bn", values[1], "hyperparameters.json"},
                                       {"device", values[2], "hyperparameters.json"},
                                       {"layers", values[3], "hyperparameters.json"}});
    CHECK(settings.real("lr") == 0.1);
    CHECK_FALSE(settings.boolean("use-bn"));
    CHECK(settings.text("device") == "cpu");
    CHECK(settings.list("layers") == std::vector<std::string>{"1", "2"});
  }
}

TEST_CASE("An unknown name is refused with the nearest known one", "[settings]") {
  CHECK_THROWS_WITH(settled({{"bacth-size", "1", "command line"}}),
                    "Unknown hyperparameter 'bacth-size' (from command line); did you mean 'batch-size'? "
                    "`sagemaker-libtorch describe` lists them all.");
  CHECK_THROWS_WITH(
      settled({{"zzzzzzzz", "1", "hyperparameters.json"}}),
      "Unknown hyperparameter 'zzzzzzzz' (from hyperparameters.json); `sagemaker-libtorch describe` lists "
      "them all.");
  CHECK_THROWS_WITH(settled({{"MAX_EPOCH", "1", "command line"}}), ContainsSubstring("did you mean 'max-epochs'?"));
  CHECK_THROWS_AS(settled({{std::string(1 << 20, 'x'), "1", "hyperparameters.json"}}), UserError);
}

TEST_CASE("An unknown name from the environment only warns", "[settings]") {
  const std::vector<RawSetting> raw = {{"epoch", "1", "SM_HP_EPOCH"}, {"mp_parameters", "{}", "SM_HPS"}};
  std::vector<std::string> warnings;
  const Settings settings(knobs(), raw, warnings);
  CHECK(settings.integer("epochs") == 10);
  REQUIRE(warnings.size() == 2);
  CHECK_THAT(warnings[0], ContainsSubstring("'epoch' (from SM_HP_EPOCH); did you mean 'epochs'?"));
}

TEST_CASE("A known name from the environment is read as strictly as any", "[settings]") {
  CHECK_THROWS_AS(settled({{"epochs", "ten", "SM_HP_EPOCHS"}}), UserError);
}

TEST_CASE("Of two aliases the first source wins, and one source must not contradict itself", "[settings]") {
  CHECK(settled({{"max-epochs", "5", "command line"}, {"epochs", "6", "hyperparameters.json"}}).integer("epochs") == 5);
  CHECK_THROWS_WITH(settled({{"max-epochs", "5", "command line"}, {"epochs", "6", "command line"}}),
                    ContainsSubstring("'max-epochs' (from command line) and 'epochs' (from command line)"));
  CHECK_THROWS_AS(settled({{"max-epochs", "5", "SM_HP_MAX-EPOCHS"}, {"epochs", "6", "SM_HP_EPOCHS"}}), UserError);
  CHECK(settled({{"max-epochs", "5", "SM_HPS"}, {"epochs", "5", "SM_HPS"}}).integer("epochs") == 5);
}

TEST_CASE("Asking for an undeclared setting, or for another type, is a bug in this program", "[settings]") {
  const Settings settings = settled({});
  CHECK_THROWS_AS(settings.integer("nothing"), AlgorithmError);
  CHECK_THROWS_AS(settings.real("epochs"), AlgorithmError);
}
