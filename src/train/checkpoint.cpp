#include "train/checkpoint.hpp"

#include <torch/torch.h>
#include <zlib.h>

#include <boost/json.hpp>
#include <charconv>
#include <span>
#include <stdexcept>

#include "base/bytes.hpp"
#include "tensor/safetensors.hpp"

namespace smlt::train {
namespace {

using tensor::NamedTensors;
using Metadata = std::map<std::string, std::string>;

constexpr const char* kFormat = "sagemaker-libtorch checkpoint 2";
constexpr size_t kChecksumBytes = 4;

// The numbers of a checkpoint in their order, listed once for writing and reading. Doubles hold integers up to 2^53.
struct Write {
  std::vector<double> values;
  template <typename T>
  void operator()(T& field) {
    values.push_back(static_cast<double>(field));
  }
};
struct Read {
  std::span<const double> values;
  template <typename T>
  void operator()(T& field) {
    if (values.empty()) throw std::invalid_argument("it has fewer numbers than it should");
    field = static_cast<T>(values.front());
    values = values.subspan(1);
  }
};

template <typename Visit>
void visit(Visit& at, model::EpochFacts& facts) {
  at(facts.epoch), at(facts.epochs), at(facts.train_loss), at(facts.train_batch_loss), at(facts.samples_per_second);
  model::Evaluation& validation = facts.validation;
  at(validation.rows), at(validation.correct), at(validation.loss_sum);
  at(validation.batches), at(validation.batch_loss_sum), at(validation.only_class);
}

template <typename Visit>
void visit(Visit& at, std::optional<Moment>& moment) {
  bool there = moment.has_value();
  at(there);
  if (there && !moment) moment.emplace();
  if (there) visit(at, moment->facts);
}

template <typename Visit>
void visit(Visit& at, Progress& progress) {
  at(progress.finished_epochs), at(progress.steps), at(progress.batch), at(progress.phase);
  Meter::Sums& meter = progress.meter;
  at(meter.loss), at(meter.rows), at(meter.batch_loss), at(meter.batches), at(meter.seconds);
  at(progress.recent_loss), at(progress.recent_batches);
  visit(at, progress.last);
  visit(at, progress.best);
  visit(at, progress.sound);
}

void append(NamedTensors& tensors, const std::string& prefix, const NamedTensors& more) {
  for (const auto& [name, tensor] : more) tensors.emplace_back(prefix + name, tensor);
}

// Those whose names start with `prefix`, without it, in order.
NamedTensors with_prefix(const NamedTensors& tensors, const std::string& prefix) {
  NamedTensors found;
  for (const auto& [name, tensor] : tensors) {
    if (name.starts_with(prefix)) found.emplace_back(name.substr(prefix.size()), tensor);
  }
  return found;
}

const at::Tensor& named(const NamedTensors& tensors, const std::string& name) {
  for (const auto& [candidate, tensor] : tensors) {
    if (candidate == name) return tensor;
  }
  throw std::invalid_argument("it has no tensor " + name);
}

const std::string& text(const Metadata& metadata, const std::string& name) {
  const auto found = metadata.find(name);
  if (found == metadata.end()) throw std::invalid_argument("it has no " + name);
  return found->second;
}

int64_t integer(const std::string& text) {
  int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc()) throw std::invalid_argument("it counts checkpoints with " + text);
  return value;
}

uint32_t crc32_of(std::string_view bytes) {
  return static_cast<uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

void check_whole(std::string_view bytes) {
  if (bytes.size() < kChecksumBytes) throw std::invalid_argument("it is cut off");
  const std::string_view before = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (crc32_of(before) != from_little_endian(bytes.substr(before.size())))
    throw std::invalid_argument("its checksum is wrong");
}

// Read before the checksum is known, so any byte may be wrong.
Identity identity_in(const Metadata& metadata) {
  boost::json::error_code error;
  const boost::json::value identity = boost::json::parse(text(metadata, "identity"), error);
  const auto parsed = boost::json::try_value_to<Identity>(identity);
  if (error || !parsed) throw std::invalid_argument("its identity is damaged");
  return *parsed;
}

Label label_in(const Metadata& metadata) {
  if (text(metadata, "format") != kFormat) throw std::invalid_argument("it has another format");
  return {text(metadata, "job"), identity_in(metadata)};
}

}  // namespace

std::string to_bytes(const Checkpoint& checkpoint) {
  Progress progress = checkpoint.progress;
  Write write;
  visit(write, progress);
  NamedTensors tensors;
  append(tensors, "net.", checkpoint.weights.tensors());
  for (size_t i = 0; i < checkpoint.optimizer.size(); ++i) {
    tensors.emplace_back("optimizer." + std::to_string(i), checkpoint.optimizer[i]);
  }
  if (progress.best) append(tensors, "best.", progress.best->weights.tensors());
  if (progress.sound) append(tensors, "sound.", progress.sound->weights.tensors());
  tensors.emplace_back("progress", torch::tensor(write.values, torch::kDouble));
  tensors.emplace_back("crc32", torch::zeros({1}, torch::kInt));  // the last bytes of the file
  std::string bytes =
      tensor::to_safetensors({tensors,
                              {{"format", kFormat},
                               {"identity", boost::json::serialize(boost::json::value_from(checkpoint.identity))},
                               {"job", checkpoint.job},
                               {"machine", checkpoint.machine},
                               {"journal", checkpoint.journal},
                               {"sequence", std::to_string(checkpoint.sequence)}}});
  const uint32_t sum = crc32_of(std::string_view(bytes).substr(0, bytes.size() - kChecksumBytes));
  bytes.replace(bytes.size() - kChecksumBytes, kChecksumBytes, to_little_endian(sum, kChecksumBytes));
  return bytes;
}

Checkpoint from_bytes(std::string_view bytes) {
  check_whole(bytes);
  const tensor::TensorFile file = tensor::from_safetensors(bytes);
  const Label label = label_in(file.metadata);
  Checkpoint checkpoint{.weights = Weights(with_prefix(file.tensors, "net.")),
                        .journal = text(file.metadata, "journal"),
                        .identity = label.identity,
                        .job = label.job,
                        .machine = text(file.metadata, "machine"),
                        .sequence = integer(text(file.metadata, "sequence"))};
  for (const auto& [name, tensor] : with_prefix(file.tensors, "optimizer.")) checkpoint.optimizer.push_back(tensor);
  const at::Tensor numbers = named(file.tensors, "progress").to(torch::kDouble).contiguous();
  Read read{{numbers.const_data_ptr<double>(), static_cast<size_t>(numbers.numel())}};
  visit(read, checkpoint.progress);
  Progress& progress = checkpoint.progress;
  if (progress.best) progress.best->weights = Weights(with_prefix(file.tensors, "best."));
  if (progress.sound) progress.sound->weights = Weights(with_prefix(file.tensors, "sound."));
  return checkpoint;
}

Label label_of(std::string_view start) { return label_in(tensor::metadata_of(start)); }

}  // namespace smlt::train
