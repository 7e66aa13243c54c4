// AWS's PyTorch MNIST example (hyperparameter_tuning/pytorch_mnist): its net, defaults, loss, optimizer and log lines.
// Its tuner's best job (lr 0.0976, batch 128, 6 epochs) reports 98.81 %.
#include <fmt/format.h>
#include <torch/torch.h>

#include "base/error.hpp"
#include "base/text.hpp"
#include "data/class_labels.hpp"
#include "data/fingerprint.hpp"
#include "data/idx_split.hpp"
#include "model/model.hpp"
#include "model/registry.hpp"
#include "models/mnist/card/found.hpp"
#include "models/mnist/net.hpp"

namespace smlt::models {
namespace {

// Mean and standard deviation of MNIST's training pixels, which the tutorial uses for all data in this format.
constexpr double kMean = 0.1307;
constexpr double kStd = 0.3081;

void check_fit(const data::Split& train, const data::Split& test, int64_t classes, const datasets::IdxPair& files) {
  if (test.inputs.size(2) != train.inputs.size(2) || test.inputs.size(3) != train.inputs.size(3)) {
    throw UserError("Expected test images of {}x{} pixels like the training images, found {}x{} in {}.",
                    train.inputs.size(2), train.inputs.size(3), test.inputs.size(2), test.inputs.size(3),
                    in_quotes(files.images.native(), 200));
  }
  data::check_targets(test, classes, files.labels);
}

class Mnist : public model::Model {
 public:
  explicit Mnist(const settings::Settings& settings)
      : phase_{.epochs = settings.integer("epochs"),
               .batch_size = settings.integer("batch-size"),
               .optimizer = {.lr = settings.real("lr"), .momentum = settings.real("momentum")}},
        test_batch_size_(settings.integer("test-batch-size")),
        log_interval_(settings.integer("log-interval")) {}

  data::DataSet open(const model::Source& source) const override;
  std::shared_ptr<tensor::Net> make_net(const data::DataSet& data) const override;
  std::string output_kind() const override { return "log_probabilities"; }
  std::vector<model::Phase> phases() const override { return {phase_}; }
  bool rows_are_independent() const override { return true; }
  int64_t evaluation_batch_size() const override { return test_batch_size_; }
  at::Tensor loss(const at::Tensor& output, const at::Tensor& targets) const override {
    return torch::nll_loss(output, targets);
  }

  std::vector<std::string> opening_lines(const model::JobFacts& job) const override;
  model::LineRhythm rhythm() const override { return {.steps = log_interval_}; }
  std::string batch_line(const model::BatchFacts& batch) const override { return model::train_epoch_line(batch); }
  std::vector<std::string> epoch_lines(const model::EpochFacts& epoch) const override;
  std::vector<std::string> saving_lines() const override { return {"Saving the model."}; }

 private:
  model::Phase phase_;
  int64_t test_batch_size_;
  int64_t log_interval_;
};

data::DataSet Mnist::open(const model::Source& source) const {
  auto& [train, test] = source.found_as<mnist::Found>().chosen();
  data::DataSet data;
  data.train = data::idx_split(train);
  data.files = train.files();
  const int64_t height = data.train.inputs.size(2);
  const int64_t width = data.train.inputs.size(3);
  if (std::min(height, width) < mnist::Net::kSmallestSide) {
    throw UserError("Expected images of at least {0}x{0} pixels, which this network needs, found {1}x{2} in {3}.",
                    mnist::Net::kSmallestSide, height, width, in_quotes(train.pair.images.native(), 200));
  }
  data.labels = data::numbered_labels(data.train.targets.max().item<int64_t>() + 1);
  if (test) {
    data.validation = data::idx_split(*test);
    check_fit(data.train, data.validation, static_cast<int64_t>(data.labels.size()), test->pair);
    for (const auto& file : test->files()) data.files.push_back(file);
  }
  data.image = {.mode = "L",
                .resize = std::min(height, width),
                .crop_height = height,
                .crop_width = width,
                .mean = {kMean},
                .std = {kStd}};
  data.fingerprint = data::fingerprint(data.files, data);
  return data;
}

std::shared_ptr<tensor::Net> Mnist::make_net(const data::DataSet& data) const {
  return std::make_shared<mnist::Net>(data.image.crop_height, data.image.crop_width,
                                      static_cast<int64_t>(data.labels.size()));
}

std::vector<std::string> Mnist::opening_lines(const model::JobFacts& job) const {
  std::vector<std::string> lines = {
      fmt::format("Distributed training - {}", job.hosts > 1 ? "True" : "False"),
      fmt::format("Number of gpus available - {}", job.gpus),
  };
  if (job.hosts > 1) lines.push_back(model::distributed_line(job));
  lines.insert(lines.end(), {"Get train data loader", "Get test data loader",
                             model::processes_line(job.train_rows, job.train_rows_total, "train")});
  if (job.validation_rows > 0) {
    lines.push_back(model::processes_line(job.validation_rows, job.validation_rows, "test"));
  }
  return lines;
}

std::vector<std::string> Mnist::epoch_lines(const model::EpochFacts& epoch) const {
  const model::Evaluation& test = epoch.validation;
  if (test.rows == 0) return {};
  return {fmt::format("Test set: Average loss: {:.4f}, Accuracy: {}/{} ({:.0f}%)\n", test.loss(), test.correct,
                      test.rows, model::percent(test.correct, test.rows))};
}

}  // namespace

std::unique_ptr<model::Model> make_mnist(const settings::Settings& settings) {
  return std::make_unique<Mnist>(settings);
}

}  // namespace smlt::models
