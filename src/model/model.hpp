// Room model: what a model is. It says what its data, network, loss and log lines are; it does not know about files
// under /opt/ml, threads, hosts, devices, checkpoints or HTTP.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/split.hpp"
#include "datasets/read_ahead.hpp"
#include "model/lines.hpp"
#include "model/spec.hpp"
#include "platform/channel.hpp"
#include "settings/settings.hpp"
#include "tensor/net.hpp"

namespace smlt::model {

/// Where a job's data is.
struct Source {
  std::span<const platform::Channel> channels;
  datasets::ReadAhead& files;  // what the card has had read while LibTorch was loading

  /// Prints what the log should say about the data, a sentence each, also of data that is then refused.
  std::function<void(const std::string&)> note = [](const std::string&) {};

  /// The same of data that the job goes on with although it looks wrong: what was found and what to do.
  std::function<void(const std::string&)> warn = [](const std::string&) {};
};

class Model {
 public:
  virtual ~Model() = default;

  /// Opens the data in the job's channels. Throws UserError for what is missing, damaged or does not fit together.
  virtual data::DataSet open(const Source& source) const = 0;

  /// A fresh network with initial weights, for this data. LibTorch's generator has been seeded with the job's seed.
  virtual std::shared_ptr<tensor::Net> make_net(const data::DataSet& data) const = 0;

  /// What `forward` returns: "logits", "log_probabilities" or "scores".
  virtual std::string output_kind() const { return "logits"; }

  /// The stretches of training, in order.
  virtual std::vector<model::Phase> phases() const = 0;

  /// Called before each phase: what stays the same during it may be computed once, trunk features of frozen layers for
  /// instance.
  virtual void prepare(tensor::Net&, data::DataSet&, const model::Phase&) const {}

  /// Whether no row of a batch has a say in what becomes of another (BatchNorm in training mode is one that has): a
  /// step may then be cut into shards for several threads.
  virtual bool rows_are_independent() const { return false; }

  /// Rows an evaluation step.
  virtual int64_t evaluation_batch_size() const { return 1000; }

  /// The given rows (int64 `[rows]`) of a split as the network takes them. The default gathers them, and scales and
  /// normalises pixels by the data set's ImageSpec.
  virtual data::Batch batch(const data::DataSet& data, const data::Split& split, const at::Tensor& rows) const;

  /// The given rows of the training data, augmented where the model does that. Random numbers come from
  /// tensor::RandomScope::current(), in whose `first_row` the batch begins.
  virtual data::Batch training_batch(const data::DataSet& data, const at::Tensor& rows) const {
    return batch(data, data.train, rows);
  }

  /// What training and evaluation take for `net.forward(inputs)`: a model that feeds cached features overrides it.
  virtual at::Tensor forward(tensor::Net& net, const at::Tensor& inputs) const { return net.forward(inputs); }

  /// The mean loss of a batch, a scalar. The default is cross entropy on logits.
  virtual at::Tensor loss(const at::Tensor& output, const at::Tensor& targets) const;

  /// Whether a job ends with the accuracy of each class and the confusion matrix, where there is validation data.
  virtual bool reports_classes() const { return false; }

  /// The tutorial's own log lines, to the letter; the line of metrics that all models share is printed beside them.
  virtual std::vector<std::string> opening_lines(const model::JobFacts&) const { return {}; }
  virtual model::LineRhythm rhythm() const { return {}; }
  virtual std::string batch_line(const model::BatchFacts&) const { return {}; }  // as often as rhythm() says
  virtual std::vector<std::string> epoch_lines(const model::EpochFacts&) const { return {}; }
  virtual std::vector<std::string> saving_lines() const { return {}; }
};

}  // namespace smlt::model
