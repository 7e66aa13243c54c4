#include "platform/raw_settings.hpp"

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "tests/temporary.hpp"

using namespace smlt;
using namespace smlt::platform;
using namespace smlt::settings;

namespace {

struct Sources {
  test::TemporaryDirectory directory;
  std::vector<std::string> command_line;
  Environment environment;

  Sources& file(std::string_view content) {
    directory.write("input/config/hyperparameters.json", content);
    return *this;
  }
  std::vector<RawSetting> read() const {
    return read_raw_settings(command_line, read_tree({{"SAGEMAKER_BASE_DIR", directory.path().string()}}), environment);
  }
};

std::vector<RawSetting> from_command_line(std::vector<std::string> tokens) {
  Sources sources;
  sources.command_line = std::move(tokens);
  return sources.read();
}

std::vector<RawSetting> from_file(std::string_view content) { return Sources().file(content).read(); }

}  // namespace

TEST_CASE("The command line wins over the file, the file over SM_HP_*, that over SM_HPS", "[platform]") {
  Sources sources;
  sources.command_line = {"--a", "1"};
  sources.file(R"({"a": "2", "b": "2"})");
  sources.environment = {{"SM_HP_A", "3"}, {"SM_HP_B", "3"}, {"SM_HP_C", "3"}, {"SM_HPS", R"({"c": 4, "d": 4})"}};
  const auto settings = sources.read();
  REQUIRE(settings.size() == 4);
  CHECK((find_raw(settings, "a")->text == "1" && find_raw(settings, "a")->source == "command line"));
  CHECK((find_raw(settings, "b")->text == "2" && find_raw(settings, "b")->source == "hyperparameters.json"));
  CHECK((find_raw(settings, "c")->text == "3" && find_raw(settings, "c")->source == "SM_HP_C"));
  CHECK((find_raw(settings, "d")->text == "4" && find_raw(settings, "d")->source == "SM_HPS"));
  CHECK(find_raw(settings, "e") == nullptr);
}

TEST_CASE("All spellings of a name are one name, which keeps the winner's spelling", "[platform]") {
  Sources sources;
  sources.command_line = {"--Batch_Size=32"};
  sources.file(R"({"batch-size": "64"})");
  sources.environment = {{"SM_HP_BATCH_SIZE", "1"}, {"SM_HP_BATCH-SIZE", "1"}};
  const auto settings = sources.read();
  REQUIRE(settings.size() == 1);
  CHECK(settings[0].name == "Batch_Size");
  CHECK(find_raw(settings, "BATCH-SIZE")->text == "32");
}

TEST_CASE("Options take their value from the next token or after '='", "[platform]") {
  const auto settings =
      from_command_line({"--epochs", "-1", "--lr=-0.5", "--text=a=b", "--hosts", "[\"a\", \"b\"]", "--k", ""});
  CHECK(find_raw(settings, "epochs")->text == "-1");
  CHECK(find_raw(settings, "lr")->text == "-0.5");
  CHECK(find_raw(settings, "text")->text == "a=b");
  CHECK(find_raw(settings, "hosts")->text == "[\"a\", \"b\"]");
  CHECK(find_raw(settings, "k")->text == "");
}

TEST_CASE("A name is never guessed from its beginning", "[platform]") {
  const auto settings = from_command_line({"--epoch", "3", "--epochs", "4"});
  CHECK(find_raw(settings, "epoch")->text == "3");
  CHECK(find_raw(settings, "epochs")->text == "4");
}

TEST_CASE("An option without a value is named", "[platform]") {
  const std::string sentence =
      "Option '--epochs' on the command line has no value; write --NAME VALUE or --NAME=VALUE.";
  CHECK_THROWS_WITH(from_command_line({"--epochs"}), sentence);
  CHECK_THROWS_WITH(from_command_line({"--epochs", "--lr", "0.1"}), sentence);
  CHECK_THROWS_WITH(from_command_line({"--epochs="}), sentence);
}

TEST_CASE("A token that is not an option is named", "[platform]") {
  CHECK_THROWS_WITH(from_command_line({"--epochs", "1", "stray"}),
                    "Expected options such as --epochs 10 on the command line, found 'stray'.");
  for (const char* token : {"-k", "--", "--=1", "--*", "--a,b", "--a b", "", "-", "--\xff", "--*=1"}) {
    CAPTURE(token);
    CHECK_THROWS_AS(from_command_line({token, "1"}), UserError);
  }
}

TEST_CASE("A source that sets one name to two values is refused, naming both", "[platform]") {
  CHECK_THROWS_WITH(from_file(R"({"batch-size": "1", "batch_size": "2"})"),
                    "'batch-size' (from hyperparameters.json) and 'batch_size' (from hyperparameters.json) are one "
                    "hyperparameter but differ, '1' and '2'; keep one of them.");
  CHECK_THROWS_WITH(from_command_line({"--lr", "1", "--lr", "2"}), ContainsSubstring("'1' and '2'"));
  CHECK_THROWS_WITH(from_file(R"({"epochs": "1", "epochs": "2"})"), ContainsSubstring("found 'epochs' twice"));
  CHECK(from_file(R"({"batch-size": "1", "batch_size": "1"})").size() == 1);
  CHECK(from_command_line({"--lr", "1", "--LR=1"}).size() == 1);
}

TEST_CASE("What SageMaker adds for itself is left out of every source", "[platform]") {
  Sources sources;
  sources.command_line = {"--sagemaker_program", "x"};
  sources.file(R"({"sagemaker_submit_directory": "\"s3://b\"", "_tuning_objective_metric": "loss", "lr": "0.1",
                   "default_user_module_name": "x", "sagemaker_new_thing": "1"})");
  sources.environment = {{"SM_HP_SAGEMAKER_PROGRAM", "x"}, {"SM_HPS", R"({"_tuning_objective_metric": "a"})"}};
  const auto settings = sources.read();
  REQUIRE(settings.size() == 1);
  CHECK(settings[0].name == "lr");
}

TEST_CASE("A value in a file that is not a string counts as its JSON text", "[platform]") {
  const auto settings =
      from_file(R"({"a": 10, "b": 0.01390030725982051, "c": true, "d": null, "e": [1, "x"], "f": 10.0})");
  CHECK(find_raw(settings, "a")->text == "10");
  CHECK(find_raw(settings, "b")->text == "0.01390030725982051");
  CHECK(find_raw(settings, "c")->text == "true");
  CHECK(find_raw(settings, "d")->text == "null");
  CHECK(find_raw(settings, "e")->text == "[1,\"x\"]");
  CHECK(find_raw(settings, "f")->text == "10.0");
}

TEST_CASE("A hyperparameters.json that cannot be understood is named", "[platform]") {
  CHECK_THROWS_WITH(from_file("{\"epochs\": "), ContainsSubstring("hyperparameters.json, found text that is not JSON"));
  CHECK_THROWS_WITH(from_file("[1]"), ContainsSubstring("hyperparameters.json, found '[1]'."));
  CHECK_THROWS_WITH(from_file("{\"a\": NaN}"), ContainsSubstring("not JSON"));
  CHECK_THROWS_WITH(from_file("{\"a\": \"\xff\"}"), ContainsSubstring("another encoding"));
  CHECK_THROWS_WITH(from_file(std::string((16 << 20) + 1, ' ')),
                    ContainsSubstring("hyperparameters.json' has 16777217 bytes"));
  CHECK_THROWS_AS(from_file("{\"a\":" + std::string(100000, '[')), UserError);
  Sources sources;
  sources.environment = {{"SM_HPS", "[]"}};
  CHECK_THROWS_WITH(sources.read(), "Expected a JSON object in SM_HPS, found '[]'.");
}

TEST_CASE("Without any source there are no settings", "[platform]") {
  CHECK(Sources().read().empty());
  CHECK(from_file("{}").empty());
  CHECK(from_file("").empty());
}

TEST_CASE("Settings may come with a byte-order mark and CR LF", "[platform]") {
  Sources sources;
  sources.file("\xEF\xBB\xBF{\r\n  \"epochs\": \"2\"\r\n}\r\n");
  sources.environment["SM_HPS"] = "\xEF\xBB\xBF{\"lr\": 0.1}";
  const auto settings = sources.read();
  REQUIRE(settings.size() == 2);
  CHECK(settings[0].text == "2");
  CHECK(settings[1].text == "0.1");
  sources.environment["SM_HPS"] = "\xEF\xBB\xBF ";
  CHECK(sources.read().size() == 1);
  CHECK(Sources().file("\xEF\xBB\xBF\r\n").read().empty());
}
