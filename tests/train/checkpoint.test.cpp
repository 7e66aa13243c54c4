#include "train/checkpoint.hpp"

#include <sys/mman.h>
#include <torch/torch.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "base/error.hpp"
#include "base/file.hpp"
#include "tests/catch.hpp"
#include "tests/temporary.hpp"
#include "train/checkpoint_store.hpp"

using namespace smlt;
using train::Checkpoint;

namespace {

Checkpoint some_checkpoint(double recent = 1.0 / 3) {
  const tensor::NamedTensors weights = {{"conv.weight", torch::arange(6).to(torch::kFloat).view({2, 3})},
                                        {"bn.steps", torch::tensor(int64_t{7})}};
  return {.progress = {.finished_epochs = 3,
                       .batch = 17,
                       .steps = (int64_t{1} << 40) + 1,
                       .phase = 1,
                       .meter = {.loss = 0.1 + 0.2, .rows = 170, .batch_loss = 1e-300, .batches = 17, .seconds = 2.5},
                       .recent_loss = recent,
                       .recent_batches = 4,
                       .last = {.epoch = 3, .epochs = 9, .train_loss = 0.25, .validation = {.rows = 5, .correct = 4}},
                       .best = train::Moment{{.epoch = 2}, train::Weights(weights)}},
          .weights = train::Weights(weights),
          .optimizer = {torch::randn({2, 3}), torch::zeros({})},
          .journal = "{\"epoch\": 1}\n",
          .identity = {{"model", "mnist"}, {"lr", "0.1"}, {"network", "some"}},
          .job = "job-1",
          .machine = "2 threads"};
}

// Each with one byte wrong, in one bit or in all of them; and cut off after each byte.
std::vector<std::string> damaged_forms(const std::string& whole) {
  std::vector<std::string> forms;
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const int bits : {0x01, 0xFF}) {
      forms.push_back(whole);
      forms.back()[at] = static_cast<char>(forms.back()[at] ^ bits);
    }
    forms.push_back(whole.substr(0, at));
  }
  return forms;
}

// A store in its own directory, and what it has logged.
struct Stored {
  test::TemporaryDirectory directory;
  int fd = ::memfd_create("output", 0);
  Output output{fd};
  train::CheckpointStore store{directory.path(), some_checkpoint().identity, output};

  Stored() = default;
  ~Stored() { ::close(fd); }
  Stored(const Stored&) = delete;
  Stored& operator=(const Stored&) = delete;

  void write(double recent) {
    store.write(some_checkpoint(recent));
    store.wait();
  }
  std::string said() const { return read_file("/proc/self/fd/" + std::to_string(fd), 1 << 20); }
};

}  // namespace

TEST_CASE("A checkpoint is restored to the last bit", "[train]") {
  const Checkpoint before = some_checkpoint();
  const Checkpoint after = train::from_bytes(train::to_bytes(before));
  CHECK(after.progress.steps == before.progress.steps);
  CHECK(after.progress.batch == 17);
  CHECK(after.progress.phase == 1);
  CHECK(after.progress.meter.loss == before.progress.meter.loss);
  CHECK(after.progress.meter.batch_loss == 1e-300);
  CHECK(after.progress.recent_loss == before.progress.recent_loss);
  CHECK(after.progress.last.validation.correct == 4);
  REQUIRE(after.progress.best);
  CHECK(after.progress.best->facts.epoch == 2);
  CHECK_FALSE(after.progress.sound);
  REQUIRE(after.weights.tensors().size() == 2);
  for (size_t i = 0; i < 2; ++i) {
    CHECK(after.weights.tensors()[i].first == before.weights.tensors()[i].first);
    CHECK(torch::equal(after.weights.tensors()[i].second, before.weights.tensors()[i].second));
    CHECK(torch::equal(after.progress.best->weights.tensors()[i].second, before.weights.tensors()[i].second));
    CHECK(torch::equal(after.optimizer[i], before.optimizer[i]));
  }
  CHECK(after.journal == before.journal);
  CHECK(after.identity == before.identity);
  CHECK(after.job == "job-1");
  CHECK(after.machine == "2 threads");
}

TEST_CASE("A checkpoint cut off anywhere, or with any bit flipped, is refused", "[train]") {
  const std::string whole = train::to_bytes(some_checkpoint());
  for (const std::string& damaged : damaged_forms(whole)) {
    CHECK_THROWS_AS(train::from_bytes(damaged), std::invalid_argument);
  }
}

TEST_CASE("Reading the label of a damaged checkpoint throws nothing but invalid_argument", "[train]") {
  const std::string whole = train::to_bytes(some_checkpoint());
  CHECK(train::label_of(whole).identity == some_checkpoint().identity);
  for (const std::string& damaged : damaged_forms(whole)) {
    try {
      static_cast<void>(train::label_of(damaged));
    } catch (const std::invalid_argument&) {
    }
  }
}

TEST_CASE("A hyperparameter that is not UTF-8 identifies a checkpoint that can be read back", "[train]") {
  struct OneLayer : tensor::Net {
    torch::nn::Linear layer = register_module("layer", torch::nn::Linear(2, 2));
    at::Tensor forward(const at::Tensor& x) override { return layer->forward(x); }
  } net;
  const std::vector<settings::Knob> knobs = {settings::text("exclude", "")};
  std::vector<std::string> warnings;
  std::set<train::Identity> identities;
  for (const std::string text : {"caf\xe9.jpg", "caf\xe8.jpg", "caf\u00e9.jpg"}) {
    const std::vector<settings::RawSetting> raw = {{"exclude", text, "command line"}};
    Checkpoint checkpoint = some_checkpoint();
    checkpoint.identity = train::identity_of("birds", settings::Settings(knobs, raw, warnings), net, "data");
    CHECK(train::from_bytes(train::to_bytes(checkpoint)).identity == checkpoint.identity);
    identities.insert(checkpoint.identity);
  }
  CHECK(identities.size() == 3);
}

TEST_CASE("Whatever is damaged in the newest checkpoint, the one before it is used and a line says so", "[train]") {
  Stored stored;
  stored.write(1);
  stored.write(2);
  const std::string stem = train::stem_of(some_checkpoint().identity);
  const auto newest = stored.directory.path() / (stem + "-b.checkpoint");
  const std::string whole = read_file(newest, 1 << 20);
  REQUIRE(train::from_bytes(whole).progress.recent_loss == 2);
  int refused = 0, lines = 0;
  for (const std::string& damaged : damaged_forms(whole)) {
    std::ofstream(newest, std::ios::binary) << damaged;
    try {
      train::refuse_another_identity(stored.directory.path(), some_checkpoint().identity, "job-1");
    } catch (const UserError&) {
      ++refused;
    }
    train::CheckpointStore again(stored.directory.path(), some_checkpoint().identity, stored.output);
    const auto found = again.newest();
    REQUIRE(found);
    REQUIRE(found->progress.recent_loss == 1);
    ++lines;
  }
  CHECK(refused == 0);
  const std::string said = stored.said();
  CHECK(std::count(said.begin(), said.end(), '\n') == lines);
}

TEST_CASE("A checkpoint that the disk cannot read ends the job and is not skipped", "[train]") {
  Stored stored;
  stored.write(1);
  const auto file = stored.directory.path() / (train::stem_of(some_checkpoint().identity) + "-a.checkpoint");
  std::filesystem::remove(file);
  std::filesystem::create_symlink(file, file);  // like EIO: the file exists but cannot be opened
  CHECK_THROWS_AS(stored.store.newest(), PlatformError);
  CHECK_THROWS_AS(train::refuse_another_identity(stored.directory.path(), some_checkpoint().identity, "job-1"),
                  PlatformError);
}

TEST_CASE("The store keeps the previous checkpoint and replaces the older file", "[train]") {
  Stored stored;
  CHECK_FALSE(stored.store.newest());
  for (const double number : {1.0, 2.0, 3.0}) stored.write(number);
  size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(stored.directory.path())) ++files;
  CHECK(files == 2);
  CHECK(stored.store.newest()->progress.recent_loss == 3);
  CHECK(stored.said().empty());
}

TEST_CASE("A continued store replaces the older file, not the newest", "[train]") {
  Stored stored;
  for (const double number : {1.0, 2.0, 3.0}) stored.write(number);
  train::CheckpointStore next(stored.directory.path(), some_checkpoint().identity, stored.output);
  REQUIRE(next.newest()->progress.recent_loss == 3);
  next.write(some_checkpoint(4));
  next.wait();
  // The newest is damaged: what it replaced was 2, so 3 is there.
  for (const auto& entry : std::filesystem::directory_iterator(stored.directory.path())) {
    if (train::from_bytes(read_file(entry.path(), 1 << 20)).progress.recent_loss == 4) write_file(entry.path(), "torn");
  }
  CHECK(next.newest()->progress.recent_loss == 3);
  CHECK_THAT(stored.said(), ContainsSubstring("cannot be used and is skipped: its checksum is wrong."));
}

TEST_CASE("A folder in a checkpoint's place is skipped with a line", "[train]") {
  Stored stored;
  for (const double number : {1.0, 2.0}) stored.write(number);
  for (const auto& entry : std::filesystem::directory_iterator(stored.directory.path())) {
    if (train::from_bytes(read_file(entry.path(), 1 << 20)).progress.recent_loss != 2) continue;
    std::filesystem::remove(entry.path());
    std::filesystem::create_directory(entry.path());
  }
  CHECK(stored.store.newest()->progress.recent_loss == 1);
  CHECK_THAT(stored.said(), ContainsSubstring("cannot be used and is skipped: it is not a file."));
}

TEST_CASE("Temporaries of a killed writer are removed, other files stay", "[train]") {
  Stored stored;
  stored.write(1);
  const std::string name = train::stem_of(some_checkpoint().identity) + "-a.checkpoint";
  write_file(stored.directory.path() / ("." + name + ".x1Y2z3"), "half");
  write_file(stored.directory.path() / ".other.checkpoint.x1Y2z3", "half");
  const train::CheckpointStore again(stored.directory.path(), some_checkpoint().identity, stored.output);
  CHECK_FALSE(std::filesystem::exists(stored.directory.path() / ("." + name + ".x1Y2z3")));
  CHECK(std::filesystem::exists(stored.directory.path() / ".other.checkpoint.x1Y2z3"));
}

TEST_CASE("Another identity of the same job is refused, one of another job does not matter", "[train]") {
  Stored stored;
  stored.write(1);
  train::Identity other = some_checkpoint().identity;
  other["lr"] = "0.05";
  CHECK(train::stem_of(other) != train::stem_of(some_checkpoint().identity));
  CHECK_THROWS_WITH(train::refuse_another_identity(stored.directory.path(), other, "job-1"),
                    ContainsSubstring("lr (0.1 in the checkpoint, 0.05 now)") && ContainsSubstring("resume=never"));
  CHECK_NOTHROW(train::refuse_another_identity(stored.directory.path(), other, "job-2"));
  CHECK_NOTHROW(train::refuse_another_identity(stored.directory.path(), some_checkpoint().identity, "job-1"));
  std::ofstream(stored.directory.path() / "zz.checkpoint") << "not one of ours";
  CHECK_NOTHROW(train::refuse_another_identity(stored.directory.path(), other, "job-2"));
}
