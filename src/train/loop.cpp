#include "train/loop.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.hpp"
#include "base/uptime.hpp"
#include "tensor/permutation.hpp"
#include "train/evaluate.hpp"
#include "train/meter.hpp"
#include "train/optimizer.hpp"
#include "train/step.hpp"

namespace smlt::train {
namespace {

// A loss or weights that are no numbers any more.
struct Diverged : UserError {
  using UserError::UserError;
};

models::Metrics metrics_of(const EpochFacts& facts) {
  models::Metrics metrics = {{"train_loss", facts.train_loss}};
  if (facts.validation.rows > 0) {
    metrics.emplace_back("validation_loss", facts.validation.loss());
    metrics.emplace_back("validation_accuracy", facts.validation.accuracy());
  }
  metrics.emplace_back("samples_per_second", facts.samples_per_second);
  return metrics;
}

}  // namespace

Loop::Loop(const models::Model& model, tensor::Net& net, const data::DataSet& data, LoopOptions options, Output& output,
           Journal& journal)
    : model_(model), net_(net), data_(data), options_(options), output_(output), journal_(journal) {}

bool Loop::run(const std::stop_token& stop) {
  try {
    run_phases(stop);
  } catch (const Diverged& divergence) {
    if (!sound_) throw;
    output_.line("{} Training stops with the weights of epoch {}.", divergence.what(), sound_->facts.epoch);
    go_back_to(*sound_);
  }
  if (options_.keep_best && best_ && best_->facts.epoch != last_.epoch) go_back_to(*best_);
  if (stepped_) journal_.flush();
  return stepped_;
}

void Loop::run_phases(const std::stop_token& stop) {
  for (const Phase& phase : model_.phases()) last_.epochs += phase.epochs;
  for (const Phase& phase : model_.phases()) {
    if (!stop.stop_requested() && !has_lost_patience()) run_phase(phase, stop);
  }
}

void Loop::go_back_to(const Moment& moment) {
  moment.weights.restore(net_);
  last_ = moment.facts;
  report();
}

void Loop::run_phase(const Phase& phase, const std::stop_token& stop) {
  const auto optimizer = make_optimizer(phase.optimizer, net_.parameters());
  for (int64_t i = 0; i < phase.epochs && !stop.stop_requested() && !has_lost_patience(); ++i) {
    if (run_epoch(phase, *optimizer, stop)) finish_epoch();
  }
}

// Returns whether at least one step was done.
bool Loop::run_epoch(const Phase& phase, torch::optim::Optimizer& optimizer, const std::stop_token& stop) {
  const int64_t epoch = last_.epoch + 1;
  const int64_t size = data_.train.size();
  const int64_t batches = (size + phase.batch_size - 1) / phase.batch_size;
  const at::Tensor order = tensor::permutation(size, options_.seed, static_cast<uint64_t>(epoch));
  net_.train();
  Meter meter;
  for (int64_t number = 1; number <= batches && !stop.stop_requested(); ++number) {
    last_.epoch = epoch;
    const at::Tensor rows = order.narrow(0, meter.rows(), std::min(phase.batch_size, size - meter.rows()));
    const data::Batch batch = model_.batch(data_, data_.train, rows);
    const double loss = run_step(phase, optimizer, batch, number);
    meter.add(loss, batch.size());
    if (const auto line = model_.batch_line({epoch, number, batches, batch.size(), size, loss})) output_.line(*line);
    output_.progress(static_cast<double>(number) / static_cast<double>(batches),
                     fmt::format("of epoch {} of {}, loss {:.4f}", epoch, last_.epochs, meter.loss()));
  }
  last_.train_loss = meter.loss();
  last_.samples_per_second = meter.rate();
  return meter.rows() > 0;
}

double Loop::run_step(const Phase& phase, torch::optim::Optimizer& optimizer, const data::Batch& batch,
                      int64_t number) {
  const double loss = step(model_, net_, optimizer, batch,
                           {options_.seed, static_cast<uint64_t>(last_.epoch), static_cast<uint64_t>(number)});
  if (!std::isfinite(loss)) refuse_loss(loss, number, phase.optimizer.lr);
  if (!std::exchange(stepped_, true)) {
    output_.line("First training step done {:.2f} s after the start of the process.", uptime_seconds());
  }
  return loss;
}

void Loop::finish_epoch() {
  last_.validation = data_.validation.size() > 0 ? evaluate(model_, net_, data_, data_.validation) : Evaluation{};
  refuse_lost_weights();
  report();
  journal_.add(last_.epoch, final_metrics());
  keep_if_best();
  if (options_.stop_on_divergence) sound_ = Moment{last_, Weights::of(net_)};
}

// A step's own loss is that of the weights before it: what the last step of an epoch did shows only here.
void Loop::refuse_lost_weights() const {
  const auto is_lost = [](const at::Tensor& tensor) { return !tensor.isfinite().all().item<bool>(); };
  const std::vector<at::Tensor> parameters = net_.parameters();
  const bool lost = std::any_of(parameters.begin(), parameters.end(), is_lost);
  if (!lost && (last_.validation.rows == 0 || std::isfinite(last_.validation.loss()))) return;
  throw Diverged(
      "Expected a finite {} at the end of epoch {}, found one that is not; lower the learning rate, or check the data "
      "for "
      "values that are not numbers.",
      lost ? "weight" : "validation loss", last_.epoch);
}

void Loop::report() {
  for (const std::string& line : model_.epoch_lines(last_)) output_.line(line);
  output_.line(models::metric_line(last_.epoch, final_metrics()));
}

void Loop::keep_if_best() {
  if (last_.validation.rows == 0) return;
  if (best_ && last_.validation.loss() >= best_->facts.validation.loss()) return;
  best_ = Moment{last_, options_.keep_best ? Weights::of(net_) : Weights{}};
}

bool Loop::has_lost_patience() const {
  return options_.patience > 0 && best_ && last_.epoch - best_->facts.epoch >= options_.patience;
}

void Loop::refuse_loss(double loss, int64_t batch, double lr) const {
  throw Diverged(
      "Expected a finite loss, found {} at epoch {}, step {}, with learning rate {}; lower the learning rate, or check "
      "the data for values that are not numbers.",
      std::isnan(loss) ? "nan" : "infinity", last_.epoch, batch, lr);
}

models::Metrics Loop::final_metrics() const { return metrics_of(last_); }

}  // namespace smlt::train
