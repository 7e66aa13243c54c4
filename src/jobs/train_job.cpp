#include "jobs/train_job.hpp"

#include <torch/torch.h>

#include <boost/json.hpp>
#include <cmath>
#include <utility>

#include "artifact/save.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"
#include "base/uptime.hpp"
#include "data/fingerprint.hpp"
#include "data/skipped.hpp"
#include "data/warnings.hpp"
#include "device/device.hpp"
#include "jobs/make_model.hpp"
#include "machine/gpu.hpp"
#include "machine/processor.hpp"
#include "report/page.hpp"
#include "train/class_report.hpp"
#include "train/loop.hpp"
#include "train/warnings.hpp"

namespace smlt {
namespace {

constexpr const char* kJournal = "metrics.jsonl";
constexpr const char* kReport = "report.html";

boost::json::value as_json(const settings::Value& value) {
  return std::visit([](const auto& held) { return boost::json::value_from(held); }, value);
}

boost::json::object hyperparameters(const settings::Settings& settings) {
  boost::json::object out;
  for (const settings::Settings::Entry& entry : settings.entries()) {
    if (!entry.knob->is_script_option()) out[entry.knob->name()] = as_json(entry.value);
  }
  return out;
}

boost::json::object as_json(const cards::Metrics& metrics) {
  boost::json::object out;
  for (const auto& [name, value] : metrics) {
    if (std::isfinite(value)) out[name] = value;
  }
  return out;
}

// The shape of an input with the batch left open.
std::vector<std::optional<int64_t>> open_shape(const at::Tensor& inputs) {
  std::vector<std::optional<int64_t>> shape = {std::nullopt};
  for (const int64_t size : inputs.sizes().slice(1)) shape.emplace_back(size);
  return shape;
}

artifact::Manifest manifest_of(const TrainRequest& request, const model::Model& model, const data::DataSet& data,
                               const at::Tensor& example, const cards::Metrics& metrics) {
  return {.model = request.card.name,
          .recipe = request.settings.text("recipe"),
          .input_shape = open_shape(example),
          .output = model.output_kind(),
          .labels = data.labels,
          .image = data.image.mean.empty() ? std::nullopt : std::optional(data.image),
          .hyperparameters = hyperparameters(request.settings),
          .metrics = as_json(metrics)};
}

model::JobFacts facts_of(const data::DataSet& data, const c10::Device& device) {
  return {.gpus = device.is_cuda() ? 1 : 0,
          .train_rows = data.train.size(),
          .train_rows_total = data.train.size(),
          .validation_rows = data.validation.size()};
}

train::LoopOptions loop_options(const settings::Settings& settings, int threads) {
  return {.seed = static_cast<uint64_t>(settings.integer("seed")),
          .threads = threads,
          .keep_best = settings.text("keep") == "best",
          .stop_on_divergence = settings.text("on_divergence") == "stop",
          .patience = settings.integer("patience")};
}

std::string job_name(const Environment& environment) {
  const auto found = environment.find("TRAINING_JOB_NAME");
  return found == environment.end() ? "" : as_utf8(found->second);
}

// What the bits of a result may depend on apart from the job.
std::string machine_text(int threads, const device::DeviceChoice& device) {
  const std::string where = device.device.is_cuda()
                                ? device.gpu
                                : fmt::format("{} on {}", counted(threads, "thread"), machine::processor_name());
  return fmt::format("{} with LibTorch {}", where, TORCH_VERSION);
}

train::Checkpoints checkpoints_of(const TrainRequest& request, train::CheckpointStore& store,
                                  const train::Identity& identity, const device::DeviceChoice& device) {
  return {.store = store,
          .identity = identity,
          .job = job_name(request.job.environment),
          .machine = machine_text(request.threads, device),
          .every_steps = request.settings.integer("checkpoint_interval_steps"),
          .every_seconds = request.settings.real("checkpoint_interval_seconds")};
}

// Continues where an earlier process of this job stopped, unless resume=never or there is nothing to continue.
void resume(const TrainRequest& request, const train::Checkpoints& checkpoints, train::Loop& loop, Output& output) {
  train::CheckpointStore& store = checkpoints.store;
  if (request.settings.text("resume") == "never") {
    output.line("resume=never: training starts anew, and earlier checkpoints of this job are removed.");
    store.clear();
    return;
  }
  train::refuse_another_identity(store.directory(), checkpoints.identity, checkpoints.job);
  std::optional<train::Checkpoint> found = store.newest();
  if (!found) return;
  if (found->job != checkpoints.job && !loop.reaches(*found)) {  // a tuner's jobs may differ only in their epochs
    output.line("The checkpoint here is from a job with more epochs and is skipped: training starts anew.");
    return;
  }
  const train::Progress& progress = found->progress;
  output.line("Continuing from a checkpoint: {} finished, {} of the next, {} in all.",
              counted(progress.finished_epochs, "epoch"), counted(progress.batch, "step"),
              counted(progress.steps, "step"));
  if (found->machine != checkpoints.machine) {
    output.line(
        "It was written with {}, and this is {}: the weights may differ from an uninterrupted run in their last bits.",
        found->machine, checkpoints.machine);
  }
  loop.resume(std::move(*found));
}

device::DeviceChoice device_of(const TrainRequest& request) {
  return device::choose_device(request.settings.text("device"), machine::num_gpus(request.job.environment));
}

void report_classes(const train::StepContext& context, Output& output, train::Journal& journal) {
  if (!context.model.reports_classes() || context.data.validation.size() == 0) return;
  const at::Tensor confusion = train::confusion_matrix(context, context.data.validation);
  for (const std::string& line : train::class_lines(confusion, context.data.labels)) output.line(line);
  journal.close_with(train::class_json(confusion, context.data.labels));
  journal.flush();
}

void check_validation(const settings::Settings& settings, const data::DataSet& data) {
  if (data.validation.size() > 0) return;
  for (const auto& [knob, off] :
       {std::pair{"keep", settings.text("keep") == "last"}, {"patience", settings.integer("patience") == 0}}) {
    if (!off)
      throw UserError(
          "Expected data to evaluate on for the hyperparameter {}, found none; add a channel 'test' or leave it out.",
          knob);
  }
}

// Says in the log what was left out of the data, and what looks wrong with it.
data::DataSet open_data(const TrainRequest& request, const model::Model& model, Output& output) {
  const auto note = [&output](const std::string& sentence) { output.line(sentence); };
  const auto warn = [&output](const std::string& sentence) { output.warning(sentence); };
  data::DataSet data = model.open({request.found, note, warn});
  for (const std::string& line : data::skipped_lines(request.job.channels, std::exchange(data.files, {}))) note(line);
  if (const auto line = data::skipped_beside_channels(request.job.tree.data)) note(*line);
  for (const std::string& sentence : data::warnings(data)) warn(sentence);
  check_validation(request.settings, data);
  return data;
}

}  // namespace

void train_job(const TrainRequest& request, Output& output, const std::stop_token& stop) {
  const platform::Tree& tree = request.job.tree;
  const device::DeviceChoice device = device_of(request);
  if (!device.note.empty()) output.line(device.note);
  at::set_num_threads(request.threads);
  at::set_num_interop_threads(1);

  const auto model = make_model(request.card.name, request.settings);
  data::DataSet data = open_data(request, *model, output);
  if (request.dry_run) {
    model->make_net(data);  // reads pretrained weights
    output.line("Dry run: the configuration and the data are good; {} rows to train on, {} to evaluate on, {} classes.",
                data.train.size(), data.validation.size(), data.labels.size());
    return;
  }
  artifact::check_writable(tree.model);
  artifact::check_writable(tree.output_data);
  for (const char* file : {kJournal, kReport}) remove_leftovers(tree.output_data / file);

  for (const std::string& line : model->opening_lines(facts_of(data, device.device))) output.line(line);
  const train::LoopOptions options = loop_options(request.settings, request.threads);
  torch::manual_seed(options.seed);
  const auto net = model->make_net(data);
  net->to(device.device);
  train::Journal journal(tree.output_data / kJournal);
  train::Loop loop(*model, *net, data, options, output, journal);
  std::optional<train::CheckpointStore> store;
  if (is_folder(tree.checkpoints)) {
    const train::Identity identity =
        train::identity_of(request.card.name, request.settings, *net, data.fingerprint + ", " + data::content(data));
    store.emplace(tree.checkpoints, identity, output);
    train::Checkpoints checkpoints = checkpoints_of(request, *store, identity, device);
    loop.keep_checkpoints(checkpoints);
    resume(request, checkpoints, loop, output);
  }
  artifact::remove_model(tree.model);  // an older one must not be taken for this job's, which can run now
  if (!loop.run(stop)) {
    output.line("Stopped before the first training step: there is no model to save.");
    return;
  }
  if (stop.stop_requested()) output.line("Stopped by a signal: the model so far is saved.");

  if (const auto sentence = train::one_answer_warning(loop.final_facts().validation, data)) output.warning(*sentence);
  report_classes({*model, *net, data}, output, journal);
  net->to(at::kCPU);  // so that a model trained on a GPU loads everywhere
  for (const std::string& line : model->saving_lines()) output.line(line);
  const at::Tensor example =
      model->batch(data, data.train, torch::arange(std::min<int64_t>(2, data.train.size()))).inputs;
  const artifact::Manifest manifest = manifest_of(request, *model, data, example, loop.final_metrics());
  artifact::save(tree.model, *net, example, manifest);
  report::write_page(tree.output_data / kReport, manifest, journal.entries());
  output.line("Saved model.pt, model.json and model.safetensors in {} after {:.1f} s.", tree.model.native(),
              uptime_seconds());
}

}  // namespace smlt
