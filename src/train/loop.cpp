#include "train/loop.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/uptime.hpp"
#include "tensor/permutation.hpp"
#include "train/evaluate.hpp"

namespace smlt::train {
namespace {

// A loss or weights that have become NaN or infinite.
struct Diverged : UserError {
  using UserError::UserError;
};

cards::Metrics metrics_of(const model::EpochFacts& facts) {
  cards::Metrics metrics = {{"train_loss", facts.train_loss}};
  if (facts.validation.rows > 0) {
    metrics.emplace_back("validation_loss", facts.validation.loss());
    metrics.emplace_back("validation_accuracy", facts.validation.accuracy());
  }
  metrics.emplace_back("samples_per_second", facts.samples_per_second);
  return metrics;
}

// Lets gradients flow to the parameters that the phase trains, and returns those.
std::vector<at::Tensor> trainable(const model::Phase& phase, tensor::Net& net) {
  std::vector<at::Tensor> parameters;
  for (auto& [name, parameter] : net.named_parameters().pairs()) {
    const auto starts = [&name = name](const std::string& prefix) { return name.starts_with(prefix); };
    const bool trained = phase.trainable.empty() || std::any_of(phase.trainable.begin(), phase.trainable.end(), starts);
    parameter.set_requires_grad(trained);
    if (trained) parameters.push_back(parameter);
  }
  return parameters;
}

int64_t epochs_of(const std::vector<model::Phase>& phases) {
  int64_t epochs = 0;
  for (const model::Phase& phase : phases) epochs += phase.epochs;
  return epochs;
}

}  // namespace

Loop::Loop(const model::Model& model, tensor::Net& net, data::DataSet& data, LoopOptions options, Output& output,
           Journal& journal)
    : model_(model), net_(net), data_(data), options_(options), output_(output), journal_(journal) {}

bool Loop::reaches(const Checkpoint& checkpoint) const {
  return checkpoint.progress.begun_epochs() <= epochs_of(model_.phases());
}

void Loop::resume(Checkpoint checkpoint) {
  if (!reaches(checkpoint)) {
    throw UserError(
        "Expected at least the {} epochs that the checkpoint in {} has begun, found {}; ask for as many, or set "
        "resume=never to start anew.",
        checkpoint.progress.begun_epochs(), writer_ ? in_quotes(writer_->directory().native(), 200) : "memory",
        epochs_of(model_.phases()));
  }
  progress_ = std::move(checkpoint.progress);
  checkpoint.weights.restore(net_);
  optimizer_state_ = std::move(checkpoint.optimizer);
  journal_.restore(checkpoint.journal);
}

bool Loop::run(const std::stop_token& stop) {
  try {
    const bool complete = run_phases(stop);
    if (complete && stepped_) save_last_checkpoint();
  } catch (const Diverged& divergence) {
    if (!progress_.sound) throw;
    output_.line("{} Training stops with the weights of epoch {}.", divergence.what(), progress_.sound->facts.epoch);
    go_back_to(*progress_.sound);
  }
  if (options_.keep_best && progress_.best && progress_.best->facts.epoch != progress_.last.epoch) {
    go_back_to(*progress_.best);
  } else if (!stepped_ && progress_.last.epoch > 0) {
    report();  // nothing was left to train, so this process has not reported yet what it exports
  }
  if (progress_.steps > 0) journal_.flush();
  return progress_.steps > 0;
}

// Returns whether every epoch that has begun is complete.
bool Loop::run_phases(const std::stop_token& stop) {
  std::vector<model::Phase> phases = model_.phases();
  for (model::Phase& phase : phases) phase.optimizer.lr *= options_.lr_scale;
  epochs_ = epochs_of(phases);
  int64_t end = 0;
  bool complete = true;
  for (size_t i = 0; i < phases.size() && complete; ++i) {
    end += phases[i].epochs;
    if (progress_.finished_epochs >= end) continue;  // done before the checkpoint
    if (!goes_on(stop)) break;
    complete = run_phase(phases[i], i, end, stop);
  }
  return complete;
}

void Loop::go_back_to(const Moment& moment) {
  moment.weights.restore(net_);
  progress_.last = moment.facts;
  report();
}

// Up to the epoch `end`. Returns whether every epoch that has begun is complete.
bool Loop::run_phase(const model::Phase& phase, size_t index, int64_t end, const std::stop_token& stop) {
  Optimizer optimizer(phase.optimizer, trainable(phase, net_));
  take_optimizer_state(optimizer, index);
  model_.prepare(net_, data_, phase);
  net_.train();
  plan_ = plan_step(model_, net_, phase.batch_size, options_.threads);
  const std::string others =
      options_.ranks.are_several() ? fmt::format(" on each of {} ranks", options_.ranks.size()) : "";
  output_.line("Each step{}: {}.", others, plan_.text(phase.batch_size));
  bool complete = true;
  while (complete && progress_.finished_epochs < end && goes_on(stop)) {
    complete = run_epoch(phase, optimizer, stop);
    if (progress_.is_within_epoch()) finish_epoch();
  }
  return complete;
}

// An epoch that a checkpoint interrupted is finished, or evaluated as it is, whatever else holds.
bool Loop::goes_on(const std::stop_token& stop) {
  return progress_.is_within_epoch() || !(stops(stop) || has_lost_patience());
}

// Several ranks must all stop at the same place, so a stop counts once a step has told it to all.
bool Loop::stops(const std::stop_token& stop) {
  if (!options_.ranks.are_several() && stop.stop_requested()) stops_ = true;
  return stops_;
}

// The checkpoint's state if it belongs to this phase; otherwise that of a new optimizer.
void Loop::take_optimizer_state(Optimizer& optimizer, size_t phase) {
  const torch::NoGradGuard no_grad;
  const std::vector<at::Tensor> state = optimizer.state();
  if (progress_.steps > 0 && progress_.phase == phase) {
    for (size_t i = 0; i < state.size(); ++i) state[i].copy_(optimizer_state_.at(i));
  }
  optimizer_state_ = state;
  progress_.phase = phase;
}

// Returns whether the epoch is complete.
bool Loop::run_epoch(const model::Phase& phase, Optimizer& optimizer, const std::stop_token& stop) {
  const Ranks& ranks = options_.ranks;
  const int64_t size = ranks.training_rows(data_.train.size());
  const int64_t batch_size = phase.batch_size * ranks.size();
  const int64_t batches = (size + batch_size - 1) / batch_size;
  const at::Tensor order =
      tensor::permutation(data_.train.size(), options_.seed, static_cast<uint64_t>(progress_.epoch()));
  const model::LineRhythm rhythm = model_.rhythm();
  net_.train();
  Meter meter(progress_.meter);
  while (meter.rows() < size && !stops(stop)) {
    const int64_t rows = std::min(batch_size, size - meter.rows());
    const Share share = ranks.share(meter.rows(), meter.rows() + rows, phase.batch_size);
    const double loss = run_step(phase, optimizer, order, share, stop);
    meter.add(loss, rows);
    progress_.recent_loss += loss;
    progress_.recent_batches += 1;
    if (rhythm.steps > 0 && (rhythm.across_epochs ? progress_.steps : progress_.batch) % rhythm.steps == 0) {
      print_batch_line({.epoch = progress_.epoch(),
                        .epochs = epochs_,
                        .batch = progress_.batch,
                        .batches = batches,
                        .step = progress_.steps,
                        .rows = share.size(),
                        .rows_total = ranks.own_rows(data_.train.size()),
                        .loss = loss});
    }
    progress_.meter = meter.sums();
    if (writer_ && writer_->is_due(progress_.steps)) writer_->save(progress_, net_, optimizer_state_, journal_);
    output_.progress(static_cast<double>(progress_.batch) / static_cast<double>(batches),
                     fmt::format("of epoch {} of {}, loss {:.4f}", progress_.epoch(), epochs_, meter.loss()));
  }
  if (progress_.is_within_epoch() && stops(stop)) save_last_checkpoint();
  return meter.rows() >= size;
}

double Loop::run_step(const model::Phase& phase, Optimizer& optimizer, const at::Tensor& order, const Share& share,
                      const std::stop_token& stop) {
  progress_.batch += 1;
  progress_.steps += 1;
  const tensor::StepRandomness randomness = {options_.seed, static_cast<uint64_t>(progress_.epoch()),
                                             static_cast<uint64_t>(progress_.batch), share.first_row};
  const auto [loss, stops] = step(context(), optimizer, {order.narrow(0, share.begin, share.size()), share.batch_rows},
                                  randomness, options_.ranks.are_several() && stop.stop_requested());
  stops_ = stops;
  if (!std::isfinite(loss)) refuse_loss(loss, phase.optimizer.lr);
  if (!std::exchange(stepped_, true)) {
    output_.line("First training step done {:.2f} s after the start of the process.", uptime_seconds());
  }
  return loss;
}

void Loop::save_last_checkpoint() {
  if (writer_) writer_->save_last(progress_, net_, optimizer_state_, journal_);
}

void Loop::print_batch_line(model::BatchFacts batch) {
  batch.recent_loss = progress_.recent_loss / static_cast<double>(progress_.recent_batches);
  if (model_.rhythm().evaluate) batch.validation = evaluation();
  output_.result(model_.batch_line(batch));
  progress_.recent_loss = 0;
  progress_.recent_batches = 0;
}

model::Evaluation Loop::evaluation() const {
  if (options_.ranks.validation_rows(data_.validation.size()) == 0) return {};
  return evaluate(context(), data_.validation);
}

void Loop::finish_epoch() {
  const Meter meter(progress_.meter);
  progress_.last = {.epoch = progress_.epoch(),
                    .epochs = epochs_,
                    .train_loss = meter.loss(),
                    .train_batch_loss = meter.batch_loss(),
                    .samples_per_second = meter.rate(),
                    .validation = evaluation()};
  refuse_lost_weights();
  report();
  journal_.add(progress_.last.epoch, final_metrics());
  keep_if_best();
  if (options_.stop_on_divergence) progress_.sound = Moment{progress_.last, Weights::of(net_)};
  progress_.finished_epochs += 1;
  progress_.batch = 0;
  progress_.meter = {};
  if (!model_.rhythm().across_epochs) progress_.recent_loss = 0, progress_.recent_batches = 0;
}

// A step's own loss is that of the weights before it, so the effect of an epoch's last step shows only here.
void Loop::refuse_lost_weights() const {
  const auto is_lost = [](const at::Tensor& tensor) { return !tensor.isfinite().all().item<bool>(); };
  const std::vector<at::Tensor> parameters = net_.parameters();
  const bool lost = std::any_of(parameters.begin(), parameters.end(), is_lost);
  if (!lost && (progress_.last.validation.rows == 0 || std::isfinite(progress_.last.validation.loss()))) return;
  throw Diverged(
      "Expected a finite {} at the end of epoch {}, found one that is not; lower the learning rate, or check the data "
      "for values that are not numbers.",
      lost ? "weight" : "validation loss", progress_.last.epoch);
}

void Loop::report() {
  for (const std::string& line : model_.epoch_lines(progress_.last)) output_.result(line);
  output_.result(cards::metric_line(progress_.last.epoch, final_metrics()));
}

void Loop::keep_if_best() {
  if (progress_.last.validation.rows == 0) return;
  if (progress_.best && progress_.last.validation.loss() >= progress_.best->facts.validation.loss()) return;
  progress_.best = Moment{progress_.last, options_.keep_best ? Weights::of(net_) : Weights{}};
}

bool Loop::has_lost_patience() const {
  return options_.patience > 0 && progress_.best &&
         progress_.last.epoch - progress_.best->facts.epoch >= options_.patience;
}

void Loop::refuse_loss(double loss, double lr) const {
  throw Diverged(
      "Expected a finite loss, found {} at epoch {}, step {}, with learning rate {}; lower the learning rate, or check "
      "the data for values that are not numbers.",
      std::isnan(loss) ? "nan" : "infinity", progress_.epoch(), progress_.batch, lr);
}

cards::Metrics Loop::final_metrics() const { return metrics_of(progress_.last); }

}  // namespace smlt::train
