#include <torch/torch.h>

#include <algorithm>
#include <set>

#include "cards/card.hpp"
#include "jobs/make_model.hpp"
#include "models/birds/choice.hpp"
#include "tests/catch.hpp"
#include "tests/codec/image/made_jpeg.hpp"
#include "tests/models/opened.hpp"
#include "tests/temporary.hpp"

using namespace smlt;
namespace fs = std::filesystem;

namespace {

const std::string kJpeg = test::made_jpeg({48, 40, JCS_RGB, JCS_YCbCr, test::slow_samples(48, 40, 3)});

platform::Channel channel(const test::TemporaryDirectory& directory, const std::string& name) {
  platform::Channel channel;
  channel.name = name;
  channel.path = directory.path() / name;
  fs::create_directories(channel.path);
  return channel;
}

void write_class(const test::TemporaryDirectory& directory, const std::string& folder, int images) {
  for (int i = 0; i < images; ++i) directory.write(folder + "/" + std::to_string(i) + ".jpg", kJpeg);
}

std::unique_ptr<model::Model> birds_model(const std::vector<settings::RawSetting>& raw) {
  const auto knobs = cards::all_knobs(cards::card_named("images"));
  std::vector<std::string> warnings;
  return make_model("birds", settings::Settings(knobs, raw, warnings));
}

std::vector<std::string> notes;  // of the last data that was opened

data::DataSet open(const model::Model& birds, const std::vector<platform::Channel>& channels) {
  const auto found = test::found_by("birds", channels);
  notes.clear();
  return birds.open({*found, [](const std::string& note) { notes.push_back(note); }});
}

models::birds::Files choose_files(const std::vector<platform::Channel>& channels, const models::birds::Choice& choice) {
  const auto found = test::found_by("birds", channels);
  return models::birds::choose_files(dynamic_cast<models::birds::Found&>(*found).chosen(), choice);
}

settings::RawSetting say(std::string name, std::string value) {
  return {std::move(name), std::move(value), "command line"};
}

}  // namespace

TEST_CASE("Class folders are opened, and validation classes are matched by name", "[models]") {
  const test::TemporaryDirectory directory;
  for (const char* name : {"train/a b", "train/c", "train/\xC3\xA4"}) write_class(directory, name, 3);
  write_class(directory, "validation/c", 2);
  directory.write("train/c/cut.jpg", kJpeg.substr(0, 200));
  const auto birds = birds_model({});
  const data::DataSet data = open(*birds, {channel(directory, "train"), channel(directory, "validation")});
  CHECK(data.labels == std::vector<std::string>{"a b", "c", "\xC3\xA4"});
  CHECK(torch::equal(data.train.targets, torch::tensor({0, 0, 0, 1, 1, 1, 2, 2, 2})));
  CHECK(torch::equal(data.validation.targets, torch::tensor({1, 1})));
  CHECK_THAT(notes.at(0), ContainsSubstring("Left out: ") && ContainsSubstring("cut.jpg"));
  const data::Batch batch = birds->batch(data, data.validation, torch::arange(2));
  CHECK(batch.inputs.sizes() == at::IntArrayRef({2, 3, 224, 224}));
  CHECK_THROWS_WITH(
      open(*birds_model({say("max_bad_images", "0"), say("split", "1,0,0")}), {channel(directory, "train")}),
      ContainsSubstring("at most 0 images") && ContainsSubstring("cut.jpg"));
  CHECK_THAT(notes.back(), ContainsSubstring("Left out: ") && ContainsSubstring("cut.jpg"));
  write_class(directory, "validation/d", 1);
  CHECK_THROWS_WITH(open(*birds, {channel(directory, "train"), channel(directory, "validation")}),
                    ContainsSubstring("found 'd'"));
}

TEST_CASE("Classes are matched by name after Unicode normalisation, with labels in valid UTF-8", "[models]") {
  const test::TemporaryDirectory directory;
  write_class(directory, "train/Gr\u00FCnspecht", 2);
  write_class(directory, "train/Gru\u0308nspecht", 2);  // both forms in one channel
  write_class(directory, "train/caf\xE9", 2);
  write_class(directory, "validation/Gru\u0308nspecht", 1);
  write_class(directory, "validation/caf\xE9", 1);
  const std::vector channels = {channel(directory, "train"), channel(directory, "validation")};
  const data::DataSet data = open(*birds_model({}), channels);
  CHECK(data.labels == std::vector<std::string>{"Gr\u00FCnspecht", "caf\\xE9"});
  CHECK(torch::equal(data.train.targets, torch::tensor({0, 0, 0, 0, 1, 1})));
  CHECK(torch::equal(data.validation.targets, torch::tensor({0, 1})));
  for (const char* name : {"Gru\u0308nspecht", "Gr\u00FCnspecht"}) {
    CHECK(choose_files(channels, {.classes = {name}}).train.files.size() == 4);
  }
  for (const char* name : {"caf\xE9", "caf\\xE9"}) {  // as in the folder, and as the label
    CHECK(choose_files(channels, {.classes = {name}}).train.files.size() == 2);
  }
  const auto without = choose_files(channels, {.exclude = {"Gr\u00FCnspecht/0.jpg"}});
  CHECK(without.train.files.size() == 4);
}

TEST_CASE("Only files that were read or left out by name are reported to the job", "[models]") {
  const test::TemporaryDirectory directory;
  for (const char* name : {"train/a", "train/b", "train/c"}) write_class(directory, name, 5);
  directory.write("train/a/cut.jpg", kJpeg.substr(0, 200));
  for (const char* name : {"train/a/notes.txt", "train/a/x.heic", "train/readme.md"}) directory.write(name, "words");
  const data::DataSet data =
      open(*birds_model({say("classes", "a,b"), say("exclude", "a/0.jpg"), say("split", "0.4,0.2,0.4")}),
           {channel(directory, "train")});
  std::set<fs::path> files(data.files.begin(), data.files.end());
  CHECK(files.size() == 16);
  CHECK(files.contains(directory.path() / "train/a/cut.jpg"));
  CHECK(files.contains(directory.path() / "train/c/4.jpg"));
  CHECK(std::none_of(files.begin(), files.end(), [](const fs::path& path) { return path.extension() != ".jpg"; }));
}

TEST_CASE("Class folders of pictures that are not decoded are refused with their formats", "[models]") {
  const test::TemporaryDirectory directory;
  for (const char* name : {"train/a", "train/b", "validation/a"}) write_class(directory, name, 2);
  for (const char* name : {"1.heic", "2.heic", "3.webp"}) directory.write("validation/b/" + std::string(name), "x");
  const std::vector channels = {channel(directory, "train"), channel(directory, "validation")};
  CHECK_THROWS_WITH(choose_files(channels, {}),
                    ContainsSubstring("in the class folder 'b' of channel 'validation', found 2 .heic, 1 .webp, "));
  CHECK(choose_files(channels, {.classes = {"a"}}).validation.files.size() == 2);
  directory.write("train/b/only.txt", "");
  write_class(directory, "validation/b", 1);
  CHECK(choose_files(channels, {}).validation.files.size() == 3);
}

TEST_CASE("Pictures of other formats called .jpg are skipped by kind, and a class of them is refused", "[models]") {
  const test::TemporaryDirectory directory;
  for (const char* name : {"train/a", "train/b"}) write_class(directory, name, 2);
  for (int i = 0; i < 15; ++i) directory.write("train/a/w" + std::to_string(i) + ".jpg", "RIFF1234WEBPVP8 ");
  directory.write("train/b/g.png", "GIF89a");
  const auto birds = birds_model({say("max_bad_images", "0"), say("split", "1,0,0")});
  CHECK(open(*birds, {channel(directory, "train")}).train.size() == 4);
  CHECK_THAT(notes.at(1),
             Catch::Matchers::StartsWith("Skipped: 15 .jpg with WebP inside, 1 .png with GIF inside, such as 'a/w") &&
                 Catch::Matchers::EndsWith(".jpg'; JPEG and PNG are read."));
  for (int i = 0; i < 2; ++i) fs::remove(directory.path() / "train/a" / (std::to_string(i) + ".jpg"));
  CHECK_THROWS_WITH(open(*birds, {channel(directory, "train")}),
                    ContainsSubstring("found none of 'a' that can") && ContainsSubstring("train/a/w"));
}

TEST_CASE("One channel is split class by class, the same way for the same seed", "[models]") {
  const test::TemporaryDirectory directory;
  const auto train = channel(directory, "train");
  // The tutorial's four species: 60 + 57 + 60 + 60 give 142, 47 and 48.
  write_class(directory, "train/013.Bobolink", 60);
  write_class(directory, "train/017.Cardinal", 57);
  write_class(directory, "train/035.Purple_Finch", 60);
  write_class(directory, "train/036.Northern_Flicker", 60);
  models::birds::Choice choice;
  const auto files = choose_files(std::vector{train}, choice);
  CHECK(files.train.files.size() == 142);
  CHECK(files.validation.files.size() == 47);
  const auto first = [&](uint64_t seed) {
    choice.seed = seed;
    return choose_files(std::vector{train}, choice).train.files[0].path;
  };
  CHECK(first(1) == first(1));
  CHECK_FALSE((first(1) == first(2) && first(2) == first(3) && first(3) == first(4)));
}

TEST_CASE("A sentence says that one image per class cannot be split", "[models]") {
  const test::TemporaryDirectory directory;
  const auto train = channel(directory, "train");
  write_class(directory, "train/a", 1);
  write_class(directory, "train/b", 1);
  CHECK_THROWS_WITH(choose_files(std::vector{train}, {}), ContainsSubstring("a share of 0.6 of them"));
}

TEST_CASE("Classes are chosen by name or number, and images are left out by name", "[models]") {
  const test::TemporaryDirectory directory;
  const auto train = channel(directory, "train");
  write_class(directory, "train/013.Bobolink", 5);
  write_class(directory, "train/017.Cardinal", 5);
  write_class(directory, "train/035.Purple_Finch", 5);
  models::birds::Choice choice{
      .classes = {"35", "Bobolink"}, .exclude = {"013.Bobolink/2.jpg", "absent.jpg"}, .split = {1, 0, 0}};
  const auto files = choose_files(std::vector{train}, choice);
  CHECK(files.train.classes == std::vector<std::string>{"013.Bobolink", "035.Purple_Finch"});
  CHECK(files.train.files.size() == 9);
  CHECK(files.validation.files.empty());
  choice.classes = {"36"};
  CHECK_THROWS_WITH(choose_files(std::vector{train}, choice), ContainsSubstring("found '36'"));
}

TEST_CASE("One weights file is chosen, by its content or its name", "[models]") {
  const test::TemporaryDirectory directory;
  write_class(directory, "train/a", 3);
  const auto channels = std::vector{channel(directory, "train"), channel(directory, "pretrained")};
  const auto weights = [&] { return choose_files(channels, {.split = {1, 0, 0}}).weights; };
  directory.write("pretrained/notes.txt", "of the trunk");
  directory.write("pretrained/.part.pth", "");
  CHECK_THROWS_WITH(weights(), ContainsSubstring("Expected one weights file") && ContainsSubstring("found none"));
  std::string header = R"({"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})";
  header = std::string(1, static_cast<char>(header.size())) + std::string(7, '\0') + header + std::string(4, '\0');
  directory.write("pretrained/trunk", header);
  CHECK(weights() == directory.path() / "pretrained/trunk");
  for (const std::string name : {"b.pth", "b.pt", "b.safetensors"}) {
    directory.write("pretrained/" + name, "cut off");  // only the user knows which of the two is meant
    CHECK_THROWS_WITH(weights(), ContainsSubstring("found '" + name + "' and 'trunk'"));
    std::filesystem::remove(directory.path() / "pretrained" / name);
  }
  std::filesystem::remove(directory.path() / "pretrained/trunk");
  CHECK(weights() == directory.write("pretrained/b.pth", "cut off"));  // reading it says what is wrong
}

TEST_CASE("Settings that make no sense are refused", "[models]") {
  for (const char* split : {"0.5,0.5", "0.6,0.3,0.2", "-0.1,0.5,0.5", "a,b,c"}) {
    CHECK_THROWS_WITH(birds_model({say("split", split)}), ContainsSubstring("hyperparameter split"));
  }
  CHECK_THROWS_WITH(birds_model({say("initial_epochs", "0")}), ContainsSubstring("at least one epoch"));
}

TEST_CASE("Features of a frozen trunk are computed once and equal those of the whole network", "[models]") {
  const test::TemporaryDirectory directory;
  for (const char* name : {"train/a", "train/b", "validation/a", "validation/b"}) write_class(directory, name, 2);
  const auto birds =
      birds_model({say("backbone", "squeezenet1_1"), say("augment", "false"), say("fine_tuning_epochs", "1")});
  data::DataSet data = open(*birds, {channel(directory, "train"), channel(directory, "validation")});
  const auto net = birds->make_net(data);
  const std::vector<model::Phase> phases = birds->phases();
  REQUIRE(phases.size() == 2);
  CHECK(phases[0].trainable == std::vector<std::string>{"classifier."});
  CHECK(phases[1].trainable.empty());
  birds->prepare(*net, data, phases[0]);
  net->eval();
  const at::Tensor rows = torch::arange(4);
  const data::Batch cached = birds->batch(data, data.validation, rows);
  CHECK(cached.inputs.sizes() == at::IntArrayRef({4, 512}));
  CHECK(birds->training_batch(data, rows).holds_features);
  CHECK_FALSE(birds->batch(data, data.train, rows).holds_features);  // the example of the exported network
  const at::Tensor from_features = birds->forward(*net, cached);
  birds->prepare(*net, data, phases[1]);
  net->eval();
  const at::Tensor from_images = birds->forward(*net, birds->batch(data, data.validation, rows));
  CHECK(torch::allclose(from_features, from_images, 1e-4, 1e-5));
}
