// CIFAR-10 as two tutorials train it: AWS's pytorch_cnn_cifar10 (net=cnn; its notebook prints 1.319 as the last loss of
// two epochs at batch 4) and SageMaker-PyTorch-Step-By-Step (net=cnn-dropout), with the log lines of the latter's
// Horovod script if log-interval is set.
#include <fmt/format.h>
#include <torch/torch.h>

#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "data/class_labels.hpp"
#include "data/fingerprint.hpp"
#include "datasets/cifar_data.hpp"
#include "model/model.hpp"
#include "model/registry.hpp"
#include "models/cifar10/card/found.hpp"
#include "models/cifar10/net.hpp"
#include "tensor/as_tensor.hpp"

namespace smlt::models {
namespace {

using cifar10::Head;
using datasets::CifarRows;

constexpr int64_t kStepsALine = 2000;

// If the data has no names: those of CIFAR-10's own batches.meta, or numbers.
std::vector<std::string> default_labels(int classes) {
  if (classes == 10) {
    return {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
  }
  return data::numbered_labels(classes);
}

data::Split split_of(CifarRows rows) {
  const auto count = static_cast<int64_t>(rows.size());
  return {tensor::as_tensor({{count, 3, CifarRows::kSide, CifarRows::kSide}, std::move(rows.images)}),
          tensor::as_tensor({{count}, std::move(rows.labels)}).to(torch::kLong)};
}

class Cifar10 : public model::Model {
 public:
  explicit Cifar10(const settings::Settings& settings)
      : phase_{.epochs = settings.integer("epochs"),
               .batch_size = settings.integer("batch_size"),
               .optimizer = {.lr = settings.real("lr"), .momentum = settings.real("momentum")}},
        head_(settings.text("net") == "cnn" ? Head::kLogits : Head::kDropout),
        test_batch_size_(settings.integer("test-batch-size")),
        log_interval_(settings.integer("log-interval")) {}

  data::DataSet open(const model::Source& source) const override;
  std::shared_ptr<tensor::Net> make_net(const data::DataSet& data) const override {
    return std::make_shared<cifar10::Net>(static_cast<int64_t>(data.labels.size()), head_);
  }
  std::string output_kind() const override { return head_ == Head::kLogits ? "logits" : "log_probabilities"; }
  std::vector<model::Phase> phases() const override { return {phase_}; }
  bool rows_are_independent() const override { return true; }
  int64_t evaluation_batch_size() const override { return test_batch_size_; }
  at::Tensor loss(const at::Tensor& output, const at::Tensor& targets) const override {
    return head_ == Head::kLogits ? model::Model::loss(output, targets) : torch::nll_loss(output, targets);
  }

  std::vector<std::string> opening_lines(const model::JobFacts& job) const override;
  model::LineRhythm rhythm() const override { return {.steps = is_horovod() ? log_interval_ : kStepsALine}; }
  std::string batch_line(const model::BatchFacts& batch) const override;
  std::vector<std::string> epoch_lines(const model::EpochFacts& epoch) const override;
  std::vector<std::string> saving_lines() const override {
    return {is_horovod() ? "Training is finished" : "Finished Training", "Saving the model."};
  }

 private:
  bool is_horovod() const { return log_interval_ > 0; }

  model::Phase phase_;
  Head head_;
  int64_t test_batch_size_;
  int64_t log_interval_;
};

data::DataSet Cifar10::open(const model::Source& source) const {
  auto& chosen = source.found_as<cifar10::Found>().chosen();
  const datasets::CifarPlace& place = chosen.training.place;
  datasets::CifarData training = chosen.training.data.take();
  if (training.train.size() == 0) {
    throw UserError("Expected training batches of {} in {}, found only the test batch; add them.", place.title(),
                    in_quotes(place.path.native(), 200));
  }
  data::DataSet data;
  data.files = training.files;
  if (chosen.evaluation) {
    datasets::CifarData evaluation = chosen.evaluation->data.take();
    data.files.insert(data.files.end(), evaluation.files.begin(), evaluation.files.end());
    // The test channel may be the whole data set again, or the same images under other names.
    training.test = std::move(evaluation.test.size() > 0 ? evaluation.test : evaluation.train);
  }
  data.train = split_of(std::move(training.train));
  if (training.test.size() > 0) data.validation = split_of(std::move(training.test));
  data.labels = training.names.empty() ? default_labels(place.classes) : std::move(training.names);
  data.image = {.mode = "RGB",
                .resize = CifarRows::kSide,
                .crop_height = CifarRows::kSide,
                .crop_width = CifarRows::kSide,
                .mean = {0.5, 0.5, 0.5},
                .std = {0.5, 0.5, 0.5}};
  data.fingerprint = data::fingerprint(data.files, data);
  return data;
}

std::vector<std::string> Cifar10::opening_lines(const model::JobFacts& job) const {
  if (is_horovod()) {
    std::vector<std::string> lines = {"Get train data sampler and data loader", "Get test data sampler and data loader",
                                      model::processes_line(job.train_rows, job.train_rows_total, "train")};
    if (job.validation_rows > 0) {
      lines.push_back(model::processes_line(job.validation_rows, job.validation_rows, "test"));
    }
    lines.emplace_back("Model loaded");
    return lines;
  }
  if (head_ == Head::kLogits) return {};  // that tutorial's logger has no handler: these lines never appear
  return {fmt::format("Distributed training - {}", job.hosts > 1 ? "True" : "False"),
          fmt::format("Device Type: {}", job.gpus > 0 ? "cuda" : "cpu"), "Loading Cifar10 dataset",
          "Model loaded from get_model_network()"};
}

std::string Cifar10::batch_line(const model::BatchFacts& batch) const {
  if (is_horovod()) return model::train_epoch_line(batch);
  return fmt::format("[{}, {:5}] loss: {:.3f}", batch.epoch, batch.batch, batch.recent_loss);
}

std::vector<std::string> Cifar10::epoch_lines(const model::EpochFacts& epoch) const {
  const model::Evaluation& test = epoch.validation;
  if (!is_horovod() || test.rows == 0) return {};
  return {fmt::format("Test set: Average loss: {:.4f}, Accuracy: {:.2f}%\n", test.loss(),
                      model::percent(test.correct, test.rows))};
}

}  // namespace

std::unique_ptr<model::Model> make_cifar10(const settings::Settings& settings) {
  return std::make_unique<Cifar10>(settings);
}

}  // namespace smlt::models
