#include "artifact/manifest.hpp"

#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/text.hpp"
#include "tests/catch.hpp"
#include "tests/temporary.hpp"

using namespace smlt;

namespace {

artifact::Manifest example() {
  return {.model = "mnist",
          .recipe = "tutorial",
          .input_shape = {std::nullopt, 1, 28, 30},
          .output = "log_probabilities",
          .labels = {"0", "1"},
          .image =
              image::ImageSpec{
                  .mode = "L", .resize = 28, .crop_height = 28, .crop_width = 30, .mean = {0.1307}, .std = {0.3081}},
          .hyperparameters = {{"lr", 0.0976}, {"epochs", 6}},
          .metrics = {{"validation_loss", 0.0396}}};
}

}  // namespace

TEST_CASE("A manifest read back is equal", "[artifact]") {
  const test::TemporaryDirectory directory;
  const auto path = directory.write("model.json", artifact::to_json(example()));
  const artifact::Manifest read = artifact::read_manifest(path);
  CHECK(artifact::to_json(read) == artifact::to_json(example()));
  CHECK((read.input_shape == example().input_shape));
  CHECK(read.image->crop_width == 30);
}

TEST_CASE("A manifest has the fields of the fixed format, with numbers as people write them", "[artifact]") {
  const std::string text = artifact::to_json(example());
  CHECK_THAT(text, ContainsSubstring("\"lr\": 0.0976"));
  CHECK_THAT(text, ContainsSubstring("\"shape\": [null, 1, 28, 30]"));
  const auto root = boost::json::parse(text).as_object();
  std::vector<std::string> names;
  for (const auto& [name, value] : root) names.emplace_back(name);
  CHECK(names == std::vector<std::string>{"format", "model", "recipe", "version", "libtorch", "input", "output",
                                          "labels", "image", "hyperparameters", "metrics"});
}

TEST_CASE("A file that is not a manifest is refused by name", "[artifact]") {
  const test::TemporaryDirectory directory;
  for (const char* text : {"", "[]", "{}", "{\"format\": 2}", "not json", "{\"format\": 1, \"model\": 7}"}) {
    const auto path = directory.write("model.json", text);
    CHECK_THROWS_WITH(artifact::read_manifest(path), ContainsSubstring("model.json"));
  }
}

TEST_CASE("A manifest may start with a byte-order mark, and UTF-16 is named", "[artifact]") {
  const test::TemporaryDirectory directory;
  const std::string text = artifact::to_json(example());
  const auto read = artifact::read_manifest(directory.write("model.json", "\xEF\xBB\xBF" + text));
  CHECK(artifact::to_json(read) == text);
  std::string wide;
  for (const char c : text) wide += {c, '\0'};
  for (const std::string& other : {wide, "\xFF\xFE" + wide}) {
    const auto path = directory.write("model.json", other);
    CHECK_THROWS_AS(artifact::read_manifest(path), UserError);
    CHECK_THROWS_WITH(artifact::read_manifest(path), ContainsSubstring("model.json', found UTF-16; save it as UTF-8."));
  }
}

TEST_CASE("A manifest in an older encoding is named as such", "[artifact]") {
  const test::TemporaryDirectory directory;
  const auto path = directory.write("model.json", "{\"format\": 1, \"model\": \"caf\xe9\"}");
  CHECK_THROWS_WITH(artifact::read_manifest(path), ContainsSubstring("found bytes of another encoding"));
}

TEST_CASE("A manifest is valid UTF-8 whatever the job's texts are", "[artifact]") {
  artifact::Manifest manifest = example();
  manifest.labels = {"caf\xe9", "\u00e9"};
  manifest.hyperparameters = {{"exclude", boost::json::array{"\xff.jpg", "b.jpg"}}, {"name", "\xed\xa0\x80"}};
  const std::string text = artifact::to_json(manifest);
  CHECK(is_utf8(text));
  const test::TemporaryDirectory directory;
  const auto read = artifact::read_manifest(directory.write("model.json", text));
  CHECK(read.labels == std::vector<std::string>{"caf\uFFFD", "\u00e9"});
  CHECK(read.hyperparameters.at("exclude").at(0).as_string() == "\uFFFD.jpg");
}
