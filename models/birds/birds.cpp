// The birds tutorial of SageMaker's PyTorch workshop: its network, transforms, loss, optimizer, defaults and log lines.
// It reports 47 of 47 validation images right after 25 epochs on four species, with ImageNet's ResNet-50. Unlike its
// script, whose frozen trunk stays in training mode so that BatchNorm's statistics drift with the batches, BatchNorm
// keeps the statistics it came with while the trunk is frozen.
#include <fmt/format.h>
#include <torch/torch.h>
#include <torch/version.h>

#include "base/error.hpp"
#include "base/text.hpp"
#include "data/fingerprint.hpp"
#include "model/model.hpp"
#include "model/registry.hpp"
#include "models/birds/choice.hpp"
#include "models/birds/features.hpp"
#include "models/birds/images.hpp"
#include "models/birds/net.hpp"
#include "models/birds/precision.hpp"
#include "models/birds/pretrained.hpp"

namespace smlt::models {
namespace {

constexpr int64_t kEvaluationRows = 32;

birds::Net& trunk_and_head(tensor::Net& net) { return dynamic_cast<birds::Net&>(net); }

class Birds : public model::Model {
 public:
  explicit Birds(const settings::Settings& settings);

  data::DataSet open(const model::Source& source) const override;
  std::shared_ptr<tensor::Net> make_net(const data::DataSet& data) const override;
  std::string output_kind() const override { return "log_probabilities"; }
  std::vector<model::Phase> phases() const override;
  void prepare(tensor::Net& net, data::DataSet& data, const model::Phase& phase) const override;
  bool rows_are_independent() const override { return true; }
  bool reports_classes() const override { return true; }
  int64_t evaluation_batch_size() const override { return kEvaluationRows; }
  data::Batch batch(const data::DataSet& data, const data::Split& split, const at::Tensor& rows) const override;
  data::Batch training_batch(const data::DataSet& data, const at::Tensor& rows) const override;
  at::Tensor forward(tensor::Net& net, const data::Batch& batch) const override;
  at::Tensor loss(const at::Tensor& output, const at::Tensor& targets) const override {
    return torch::nll_loss(output, targets);
  }

  std::vector<std::string> opening_lines(const model::JobFacts& job) const override;
  model::LineRhythm rhythm() const override { return {.steps = 3, .across_epochs = true, .evaluate = true}; }
  std::string batch_line(const model::BatchFacts& batch) const override;
  std::vector<std::string> epoch_lines(const model::EpochFacts& epoch) const override;
  std::vector<std::string> saving_lines() const override { return {"Completed training.", "Saving the model."}; }

 private:
  at::Tensor trunk_features(birds::Net& net, const at::Tensor& images) const;

  birds::Choice choice_;
  birds::Head head_;
  std::string backbone_;
  int64_t initial_epochs_, fine_tuning_epochs_, batch_size_, max_bad_images_;
  double initial_lr_, fine_tuning_lr_;
  bool augment_, in_bfloat16_;
};

Birds::Birds(const settings::Settings& settings)
    : choice_(birds::Choice::of(settings)),
      head_{.hidden_layers = settings.integer("num_fully_connected_layers"), .dropout = settings.real("dropout")},
      backbone_(settings.text("backbone")),
      initial_epochs_(settings.integer("initial_epochs")),
      fine_tuning_epochs_(settings.integer("fine_tuning_epochs")),
      batch_size_(settings.integer("batch_size")),
      max_bad_images_(settings.integer("max_bad_images")),
      initial_lr_(settings.real("initial_lr")),
      fine_tuning_lr_(settings.real("fine_tuning_lr")),
      augment_(settings.boolean("augment")),
      in_bfloat16_(settings.text("precision") == "bf16") {
  if (initial_epochs_ + fine_tuning_epochs_ < 1) {
    throw UserError("Expected at least one epoch in initial_epochs and fine_tuning_epochs together, found none.");
  }
}

data::DataSet Birds::open(const model::Source& source) const {
  const birds::Files files = birds::choose_files(source.found_as<birds::Found>().chosen(), choice_);
  for (const std::string& note : files.notes) source.note(note);
  data::DataSet data;
  data.fingerprint = data::fingerprint(files.train, files.validation, files.weights);
  data.labels = files.train.classes;
  data.image = birds::kImage;
  data.weights = files.weights;
  data.files = files.read;
  birds::Decoder decoder(source.note, max_bad_images_);
  if (!files.validation.files.empty()) data.validation = decoder.decode(files.validation, false);
  data.train = decoder.decode(files.train, augment_);
  if (data.train.size() == 0) throw UserError("Expected images to train on, found none that can be read.");
  birds::refuse_lost_class(files.train, data.train.targets);
  decoder.note_result();
  source.note(data.weights
                  ? fmt::format("The trunk starts from the weights {}.", in_quotes(data.weights->filename().native()))
                  : "There is no channel 'pretrained': the trunk starts from random weights.");
  source.note(fmt::format("Number of classes for this model: {}", data.labels.size()));
  return data;
}

std::shared_ptr<tensor::Net> Birds::make_net(const data::DataSet& data) const {
  birds::Head head = head_;
  head.classes = static_cast<int64_t>(data.labels.size());
  const auto net = birds::make_net(backbone_, head);
  if (data.weights) birds::load_trunk(*net, backbone_, *data.weights);
  return net;
}

std::vector<model::Phase> Birds::phases() const {
  using Kind = model::OptimizerSpec::Kind;
  const std::string head = birds::head_name(backbone_) + ".";
  std::vector<model::Phase> phases;
  if (initial_epochs_ > 0)
    phases.push_back({initial_epochs_, batch_size_, {.kind = Kind::kAdam, .lr = initial_lr_}, {head}});
  if (fine_tuning_epochs_ > 0)
    phases.push_back({fine_tuning_epochs_, batch_size_, {.kind = Kind::kAdam, .lr = fine_tuning_lr_}});
  return phases;
}

// While the trunk is frozen, its features of an image that is not augmented stay the same.
void Birds::prepare(tensor::Net& net, data::DataSet& data, const model::Phase& phase) const {
  birds::Net& both = trunk_and_head(net);
  const bool is_frozen = !phase.trainable.empty();
  is_frozen ? both.freeze_trunk(birds::frozen_type(in_bfloat16_)) : both.unfreeze_trunk();
  if (data.train.images == nullptr) return;
  data.train.features = data.validation.features = at::Tensor();
  if (!is_frozen) return;
  both.eval();
  if (data.validation.size() > 0) data.validation.features = birds::features_of(both, *data.validation.images);
  both.train();
  if (!augment_) data.train.features = birds::features_of(both, *data.train.images);
}

data::Batch features_batch(const data::Split& split, const at::Tensor& rows) {
  return {split.features.index_select(0, rows), split.targets.index_select(0, rows), /*holds_features=*/true};
}

data::Batch Birds::batch(const data::DataSet& data, const data::Split& split, const at::Tensor& rows) const {
  // For the training data always images, which supply the exported network's example; for the validation data the
  // features, if there are any.
  const bool is_train = &split == &data.train;
  if (!is_train && split.features.defined()) return features_batch(split, rows);
  if (split.images == nullptr) return model::Model::batch(data, split, rows);
  return {birds::served_batch(*split.images, rows, is_train && augment_), split.targets.index_select(0, rows)};
}

data::Batch Birds::training_batch(const data::DataSet& data, const at::Tensor& rows) const {
  const data::Split& train = data.train;
  if (train.features.defined()) return features_batch(train, rows);
  if (!augment_ || train.images == nullptr) return batch(data, train, rows);
  return {image::augmented_batch(*train.images, rows, birds::kAugment, birds::kImage),
          train.targets.index_select(0, rows)};
}

at::Tensor Birds::forward(tensor::Net& net, const data::Batch& batch) const {
  birds::Net& both = trunk_and_head(net);
  return both.head(batch.holds_features ? batch.inputs : trunk_features(both, batch.inputs));
}

// Evaluation uses what is exported: fp32.
at::Tensor Birds::trunk_features(birds::Net& net, const at::Tensor& images) const {
  const birds::Bfloat16 scope(in_bfloat16_ && net.is_training(), images.device().type());
  return net.features(images).to(torch::kFloat);
}

std::vector<std::string> Birds::opening_lines(const model::JobFacts& job) const {
  std::vector<std::string> lines = {
      fmt::format("PyTorch version: {}", TORCH_VERSION),
      fmt::format("Distributed training - {}", job.hosts > 1 ? "True" : "False"),
      fmt::format("Number of gpus available - {}", job.gpus),
      fmt::format("Using device: {}", job.gpus > 0 ? "cuda" : "cpu"),
      fmt::format("Host rank is {}. Number of gpus: {}", job.rank, job.gpus),
      model::processes_line(job.train_rows, job.train_rows_total, "train", "Will process"),
  };
  if (job.validation_rows > 0)
    lines.push_back(model::processes_line(job.validation_rows, job.validation_rows, "validation", "Will process"));
  return lines;
}

std::string progress_line(int64_t epoch, int64_t epochs, double train_loss, const model::Evaluation& validation) {
  std::string line = fmt::format("Epoch {}/{}.. Train loss: {:.3f}", epoch, epochs, train_loss);
  if (validation.rows == 0) return line;
  return line + fmt::format(".. Test loss: {:.3f}.. Test accuracy: {:.3f}", validation.loss(), validation.accuracy());
}

std::string Birds::batch_line(const model::BatchFacts& batch) const {
  return progress_line(batch.epoch, batch.epochs, batch.recent_loss, batch.validation);
}

// The original prints only at its third steps; here the last line must describe the exported weights.
std::vector<std::string> Birds::epoch_lines(const model::EpochFacts& epoch) const {
  return {progress_line(epoch.epoch, epoch.epochs, epoch.train_batch_loss, epoch.validation)};
}

}  // namespace

std::unique_ptr<model::Model> make_birds(const settings::Settings& settings) {
  return std::make_unique<Birds>(settings);
}

}  // namespace smlt::models
