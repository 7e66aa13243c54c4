// Room model: what a model is. It says what its data, network, loss and log lines are; it does not know about files
// under /opt/ml, threads, hosts, devices, checkpoints or HTTP.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cards/found.hpp"
#include "data/split.hpp"
#include "model/lines.hpp"
#include "model/spec.hpp"
#include "settings/settings.hpp"
#include "tensor/net.hpp"

namespace smlt::model {

/// Where a job's data is.
struct Source {
  cards::Found& found;  // by the model's own card; it has chosen its data

  /// The same as the class of the model's own card.
  template <typename Own>
  Own& found_as() const {
    return dynamic_cast<Own&>(found);
  }

  /// Prints a sentence for the log about the data, even about data that is then refused.
  std::function<void(const std::string&)> note = [](const std::string&) {};

  /// The same as a warning, about data that looks wrong but does not stop the job: what was found and what to do.
  std::function<void(const std::string&)> warn = [](const std::string&) {};
};

class Model {
 public:
  virtual ~Model() = default;

  /// Opens the data that was found. Throws UserError for data that is damaged or does not fit together.
  virtual data::DataSet open(const Source& source) const = 0;

  /// A fresh network with initial weights, for this data. LibTorch's generator has been seeded with the job's seed.
  virtual std::shared_ptr<tensor::Net> make_net(const data::DataSet& data) const = 0;

  /// The network of an artifact, for its weights to be copied into. `data` holds what model.json says: labels, image,
  /// and training inputs of the right shape without rows. `weights` are the artifact's, under their names.
  virtual std::shared_ptr<tensor::Net> net_for(data::DataSet data, const tensor::NamedTensors& weights) const {
    static_cast<void>(weights);
    return make_net(data);
  }

  /// What `forward` returns: "logits", "log_probabilities" or "scores".
  virtual std::string output_kind() const { return "logits"; }

  /// The phases of training, in order.
  virtual std::vector<model::Phase> phases() const = 0;

  /// Called before each phase, so that what stays the same during it can be computed once: trunk features of frozen
  /// layers, for instance.
  virtual void prepare(tensor::Net&, data::DataSet&, const model::Phase&) const {}

  /// Whether the rows of a batch are independent of each other (with BatchNorm in training mode they are not): a step
  /// may then be cut into shards for several threads.
  virtual bool rows_are_independent() const { return false; }

  /// Rows per evaluation step.
  virtual int64_t evaluation_batch_size() const { return 1000; }

  /// The given rows (int64 `[rows]`) of a split as input for the network. The default gathers them, and scales and
  /// normalises pixels by the data set's ImageSpec.
  virtual data::Batch batch(const data::DataSet& data, const data::Split& split, const at::Tensor& rows) const;

  /// The given rows of the training data, augmented if the model does that. Random numbers come from
  /// tensor::RandomScope::current(), whose `first_row` is the batch's first row.
  virtual data::Batch training_batch(const data::DataSet& data, const at::Tensor& rows) const {
    return batch(data, data.train, rows);
  }

  /// What training and evaluation call; a model whose batches may hold features overrides it.
  virtual at::Tensor forward(tensor::Net& net, const data::Batch& batch) const { return net.forward(batch.inputs); }

  /// The mean loss of a batch, a scalar. The default is cross entropy on logits.
  virtual at::Tensor loss(const at::Tensor& output, const at::Tensor& targets) const;

  /// Whether a job with validation data ends with the accuracy of each class and the confusion matrix.
  virtual bool reports_classes() const { return false; }

  /// The tutorial's own log lines, to the letter; the line of metrics that all models share is printed beside them.
  virtual std::vector<std::string> opening_lines(const model::JobFacts&) const { return {}; }
  virtual model::LineRhythm rhythm() const { return {}; }
  virtual std::string batch_line(const model::BatchFacts&) const { return {}; }  // as often as rhythm() says
  virtual std::vector<std::string> epoch_lines(const model::EpochFacts&) const { return {}; }
  virtual std::vector<std::string> saving_lines() const { return {}; }
};

}  // namespace smlt::model
