// The birds tutorial of SageMaker's PyTorch workshop: its network, transforms, loss, optimizer, defaults and log lines.
// It reports 47 of 47 validation images right after 25 epochs on four species, with ImageNet's ResNet-50. Other than
// its script, whose frozen trunk stays in training mode, BatchNorm keeps the statistics it came with while the trunk is
// frozen: the original's drift with the batches.
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <fmt/format.h>
#include <torch/torch.h>
#include <torch/version.h>

#include <algorithm>
#include <chrono>

#include "base/error.hpp"
#include "base/text.hpp"
#include "data/fingerprint.hpp"
#include "data/image_store.hpp"
#include "models/birds/choice.hpp"
#include "models/birds/net.hpp"
#include "models/birds/pretrained.hpp"
#include "models/model.hpp"
#include "models/registry.hpp"

namespace smlt::models {
namespace {

constexpr int64_t kResize = 256;
constexpr int64_t kCrop = 224;
constexpr int64_t kKeptSide = 320;  // of the images that are augmented: no random crop is enlarged to kResize then
constexpr int64_t kEvaluationRows = 32;
constexpr int64_t kPieceRows = 8;

const tensor::ImageSpec kImage = {.mode = "RGB",
                                  .resize = kResize,
                                  .crop_height = kCrop,
                                  .crop_width = kCrop,
                                  .mean = {0.485, 0.456, 0.406},
                                  .std = {0.229, 0.224, 0.225}};
const tensor::AugmentSpec kAugment = {.resize = kResize};

// Operators that may compute in bfloat16 on this thread, until the end of the scope.
class Bfloat16 {
 public:
  explicit Bfloat16(bool on) : was_on_(at::autocast::is_autocast_enabled(at::kCPU)) {
    at::autocast::set_autocast_enabled(at::kCPU, on);
    at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
  }
  Bfloat16(const Bfloat16&) = delete;
  Bfloat16& operator=(const Bfloat16&) = delete;
  ~Bfloat16() {
    at::autocast::set_autocast_enabled(at::kCPU, was_on_);
    at::autocast::clear_cache();
  }

 private:
  bool was_on_;
};

birds::Net& trunk_and_head(tensor::Net& net) { return dynamic_cast<birds::Net&>(net); }

class Birds : public Model {
 public:
  explicit Birds(const config::Settings& settings);

  data::DataSet open(const Source& source) const override;
  std::shared_ptr<tensor::Net> make_net(const data::DataSet& data) const override;
  std::string output_kind() const override { return "log_probabilities"; }
  std::vector<train::Phase> phases() const override;
  void prepare(tensor::Net& net, data::DataSet& data, const train::Phase& phase) const override;
  bool rows_are_independent() const override { return true; }
  bool reports_classes() const override { return true; }
  int64_t evaluation_batch_size() const override { return kEvaluationRows; }
  data::Batch batch(const data::DataSet& data, const data::Split& split, const at::Tensor& rows) const override;
  data::Batch training_batch(const data::DataSet& data, const at::Tensor& rows) const override;
  at::Tensor forward(tensor::Net& net, const at::Tensor& inputs) const override;
  at::Tensor loss(const at::Tensor& output, const at::Tensor& targets) const override {
    return torch::nll_loss(output, targets);
  }

  std::vector<std::string> opening_lines(const train::JobFacts& job) const override;
  train::LineRhythm rhythm() const override { return {.steps = 3, .across_epochs = true, .evaluate = true}; }
  std::string batch_line(const train::BatchFacts& batch) const override;
  std::vector<std::string> epoch_lines(const train::EpochFacts& epoch) const override;
  std::vector<std::string> saving_lines() const override { return {"Completed training.", "Saving the model."}; }

 private:
  data::Split decoded(codec::ImageFiles files, bool is_augmented, data::ImageMemory& memory,
                      std::vector<std::string>& bad) const;
  at::Tensor features_of(birds::Net& net, const data::ImageStore& images, bool in_bfloat16) const;

  birds::Choice choice_;
  birds::Head head_;
  std::string backbone_;
  int64_t initial_epochs_, fine_tuning_epochs_, batch_size_, max_bad_images_;
  double initial_lr_, fine_tuning_lr_;
  bool augment_, in_bfloat16_;
};

Birds::Birds(const config::Settings& settings)
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

data::Split Birds::decoded(codec::ImageFiles files, bool is_augmented, data::ImageMemory& memory,
                           std::vector<std::string>& bad) const {
  const auto to_augment = [](const codec::Image& image) { return tensor::shrunk(image, kImage.mode, kKeptSide); };
  const auto to_evaluate = [](const codec::Image& image) { return tensor::prepared(image, kImage); };
  data::ImageStore::Options options{kImage.decoded_side(), to_evaluate};
  if (is_augmented) options = {2 * kKeptSide, to_augment};
  const auto images = std::make_shared<data::ImageStore>(options);
  std::vector<std::filesystem::path> paths;
  std::vector<int64_t> targets;
  for (const codec::ImageFiles::File& file : files.files) paths.push_back(file.path), targets.push_back(file.target);
  const std::vector<data::ImageStore::Refused> refused = images->add(paths, memory);
  for (auto it = refused.rbegin(); it != refused.rend(); ++it) targets.erase(targets.begin() + it->row);
  for (const data::ImageStore::Refused& each : refused) bad.push_back(each.reason);
  return {{}, torch::tensor(targets, torch::kLong), images};
}

// A line for each bad image, as far as they are borne.
void check_bad(const std::vector<std::string>& bad, int64_t most, size_t all) {
  if (static_cast<int64_t>(bad.size()) <= most) return;
  throw UserError("Expected at most {} images that cannot be read (max_bad_images), found {} of {}; the first: {}",
                  most, bad.size(), all, bad.front());
}

void add_notes(data::DataSet& data, double seconds) {
  int64_t all = 0, kept = 0, bytes = 0;
  for (const data::Split* split : {&data.train, &data.validation}) {
    if (split->images == nullptr) continue;
    all += split->images->size(), kept += split->images->kept(), bytes += split->images->kept_bytes();
  }
  data.notes.push_back(fmt::format("Decoded {} images in {:.2f} s ({:.1f} images/s); {} are kept in memory ({} MB){}.",
                                   all, seconds, static_cast<double>(all) / seconds, kept, bytes / 1'000'000,
                                   kept < all ? ", the others decoded whenever they are needed" : ""));
  data.notes.push_back(
      data.weights ? fmt::format("The trunk starts from the weights {}.", in_quotes(data.weights->filename().native()))
                   : "There is no channel 'pretrained': the trunk starts from random weights.");
  data.notes.push_back(fmt::format("Number of classes for this model: {}", data.labels.size()));
}

data::DataSet Birds::open(const Source& source) const {
  birds::Files files = birds::choose_files(source.channels, choice_);
  data::DataSet data;
  data.fingerprint = data::fingerprint(files.train, files.validation, files.weights);
  data.labels = files.train.classes;
  data.image = kImage;
  data.weights = files.weights;
  data.notes = std::move(files.notes);
  const auto start = std::chrono::steady_clock::now();
  data::ImageMemory memory = data::ImageMemory::of_this_machine();
  std::vector<std::string> bad;
  const size_t all = files.train.files.size() + files.validation.files.size();
  if (!files.validation.files.empty()) data.validation = decoded(std::move(files.validation), false, memory, bad);
  data.train = decoded(std::move(files.train), augment_, memory, bad);
  for (const std::string& reason : bad) data.notes.push_back("Left out: " + reason);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  add_notes(data, seconds.count());
  check_bad(bad, max_bad_images_, all);
  if (data.train.size() == 0) throw UserError("Expected images to train on, found none that can be read.");
  return data;
}

std::shared_ptr<tensor::Net> Birds::make_net(const data::DataSet& data) const {
  birds::Head head = head_;
  head.classes = static_cast<int64_t>(data.labels.size());
  const auto net = birds::make_net(backbone_, head);
  if (data.weights) birds::load_trunk(*net, backbone_, *data.weights);
  return net;
}

std::vector<train::Phase> Birds::phases() const {
  using Kind = train::OptimizerSpec::Kind;
  const std::string head = birds::head_name(backbone_) + ".";
  std::vector<train::Phase> phases;
  if (initial_epochs_ > 0)
    phases.push_back({initial_epochs_, batch_size_, {.kind = Kind::kAdam, .lr = initial_lr_}, {head}});
  if (fine_tuning_epochs_ > 0)
    phases.push_back({fine_tuning_epochs_, batch_size_, {.kind = Kind::kAdam, .lr = fine_tuning_lr_}});
  return phases;
}

// A few images a thread at a time: threads that meet once a piece instead of at every operator.
at::Tensor Birds::features_of(birds::Net& net, const data::ImageStore& images, bool in_bfloat16) const {
  const int64_t pieces = (images.size() + kPieceRows - 1) / kPieceRows;
  std::vector<at::Tensor> features(static_cast<size_t>(pieces));
  at::parallel_for(0, pieces, /*grain_size=*/1, [&](int64_t begin, int64_t end) {
    const torch::NoGradGuard no_grad;
    const Bfloat16 scope(in_bfloat16);
    for (int64_t piece = begin; piece < end; ++piece) {
      const int64_t first = piece * kPieceRows;
      const at::Tensor rows = torch::arange(first, std::min(first + kPieceRows, images.size()));
      features[static_cast<size_t>(piece)] = net.features(data::image_batch(images, rows, kImage)).to(torch::kFloat);
    }
  });
  return torch::cat(features);
}

// While the trunk is frozen, what it makes of an image that is not augmented stays the same.
void Birds::prepare(tensor::Net& net, data::DataSet& data, const train::Phase& phase) const {
  birds::Net& both = trunk_and_head(net);
  const bool is_frozen = !phase.trainable.empty();
  both.freeze_trunk(is_frozen);
  if (data.train.images == nullptr) return;
  const bool was_training = both.is_training();
  both.eval();
  data.validation.inputs =
      is_frozen && data.validation.size() > 0 ? features_of(both, *data.validation.images, false) : at::Tensor();
  data.train.inputs = is_frozen && !augment_ ? features_of(both, *data.train.images, in_bfloat16_) : at::Tensor();
  both.train(was_training);
}

// Kept as they are to be augmented, these have many sizes.
at::Tensor as_served(const data::ImageStore& images, const at::Tensor& rows) {
  std::vector<at::Tensor> pixels;
  for (int64_t i = 0; i < rows.size(0); ++i) {
    pixels.push_back(tensor::prepared(images.image(rows[i].item<int64_t>()), kImage));
  }
  return tensor::normalized(torch::cat(pixels), kImage);
}

data::Batch Birds::batch(const data::DataSet& data, const data::Split& split, const at::Tensor& rows) const {
  // Of the training data always images, from which the exported network's example is taken; of the other the features,
  // where there are some.
  const bool is_train = &split == &data.train;
  if (split.images == nullptr || (!is_train && split.inputs.defined())) return Model::batch(data, split, rows);
  const bool is_augmented = is_train && augment_;
  return {is_augmented ? as_served(*split.images, rows) : data::image_batch(*split.images, rows, kImage),
          split.targets.index_select(0, rows)};
}

data::Batch Birds::training_batch(const data::DataSet& data, const at::Tensor& rows) const {
  const data::Split& train = data.train;
  if (train.inputs.defined()) return Model::batch(data, train, rows);  // the features of a frozen trunk
  if (!augment_) return batch(data, train, rows);
  return {data::augmented_batch(*train.images, rows, kAugment, kImage), train.targets.index_select(0, rows)};
}

at::Tensor Birds::forward(tensor::Net& net, const at::Tensor& inputs) const {
  birds::Net& both = trunk_and_head(net);
  if (inputs.dim() == 2) return both.head(inputs);
  // What is evaluated is what is exported: fp32.
  if (!in_bfloat16_ || !both.is_training()) return both.forward(inputs);
  at::Tensor features;
  {
    const Bfloat16 scope(true);
    features = both.features(inputs);
  }
  return both.head(features.to(torch::kFloat));
}

std::vector<std::string> Birds::opening_lines(const train::JobFacts& job) const {
  const auto share = [](int64_t part, int64_t whole) {
    return whole == 0 ? 100.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  };
  std::vector<std::string> lines = {
      fmt::format("PyTorch version: {}", TORCH_VERSION),
      fmt::format("Distributed training - {}", job.hosts > 1 ? "True" : "False"),
      fmt::format("Number of gpus available - {}", job.gpus),
      fmt::format("Using device: {}", job.gpus > 0 ? "cuda" : "cpu"),
      fmt::format("Host rank is {}. Number of gpus: {}", job.rank, job.gpus),
      fmt::format("Will process {}/{} ({:.0f}%) of train data", job.train_rows, job.train_rows_total,
                  share(job.train_rows, job.train_rows_total)),
  };
  if (job.validation_rows > 0)
    lines.push_back(fmt::format("Will process {0}/{0} (100%) of validation data", job.validation_rows));
  return lines;
}

std::string progress_line(int64_t epoch, int64_t epochs, double train_loss, const train::Evaluation& validation) {
  std::string line = fmt::format("Epoch {}/{}.. Train loss: {:.3f}", epoch, epochs, train_loss);
  if (validation.rows == 0) return line;
  return line + fmt::format(".. Test loss: {:.3f}.. Test accuracy: {:.3f}", validation.loss(), validation.accuracy());
}

std::string Birds::batch_line(const train::BatchFacts& batch) const {
  return progress_line(batch.epoch, batch.epochs, batch.recent_loss, batch.validation);
}

// The original prints at its third steps alone; the last line is to describe the weights that are exported.
std::vector<std::string> Birds::epoch_lines(const train::EpochFacts& epoch) const {
  return {progress_line(epoch.epoch, epoch.epochs, epoch.train_batch_loss, epoch.validation)};
}

}  // namespace

std::unique_ptr<Model> make_birds(const config::Settings& settings) { return std::make_unique<Birds>(settings); }

}  // namespace smlt::models
