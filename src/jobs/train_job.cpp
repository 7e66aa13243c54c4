#include "jobs/train_job.hpp"

#include <torch/torch.h>

#include <boost/json.hpp>
#include <chrono>
#include <cmath>
#include <utility>

#include "artifact/save.hpp"
#include "base/ending.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"
#include "base/uptime.hpp"
#include "cluster/group.hpp"
#include "data/skipped.hpp"
#include "data/warnings.hpp"
#include "device/device.hpp"
#include "jobs/make_model.hpp"
#include "jobs/resume.hpp"
#include "jobs/translated.hpp"
#include "machine/gpu.hpp"
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

model::JobFacts facts_of(const TrainRequest& request, const train::Ranks& ranks, const data::DataSet& data,
                         const c10::Device& device) {
  const int64_t rows = ranks.training_rows(data.train.size());
  return {.hosts = ranks.size(),
          .rank = ranks.rank(),
          .backend = device.is_cuda() ? "nccl" : "gloo",
          .gpus = device.is_cuda() ? request.processes.per_host : 0,
          .train_rows = ranks.own_rows(data.train.size()),
          .train_rows_total = rows,
          .validation_rows = ranks.validation_rows(data.validation.size())};
}

train::LoopOptions loop_options(const TrainRequest& request, const train::Ranks& ranks) {
  const settings::Settings& settings = request.settings;
  return {.seed = static_cast<uint64_t>(settings.integer("seed")),
          .threads = request.threads,
          .keep_best = settings.text("keep") == "best",
          .stop_on_divergence = settings.text("on_divergence") == "stop",
          .patience = settings.integer("patience"),
          .ranks = ranks,
          .lr_scale = request.processes.scales_learning_rate ? static_cast<double>(ranks.size()) : 1};
}

// Each process of a host has a GPU of its own.
device::DeviceChoice device_of(const TrainRequest& request) {
  device::DeviceChoice choice =
      device::choose_device(request.settings.text("device"), machine::num_gpus(request.job.environment));
  if (!choice.device.is_cuda()) return choice;
  if (request.processes.local_rank >= choice.gpus) {
    throw PlatformError("Expected {} GPUs, one for each process, found {}; set SM_NUM_GPUS or `processes` to that.",
                        request.processes.per_host, choice.gpus);
  }
  choice.device.set_index(static_cast<c10::DeviceIndex>(request.processes.local_rank));
  return choice;
}

void report_classes(const train::StepContext& context, Output& output, train::Journal& journal) {
  if (!context.model.reports_classes() || context.ranks.validation_rows(context.data.validation.size()) == 0) return;
  const at::Tensor confusion = train::confusion_matrix(context, context.data.validation);
  for (const std::string& line : train::class_lines(confusion, context.data.labels)) output.result(line);
  if (!context.ranks.leads()) return;
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

cluster::Place place_of(const platform::Cluster& cluster, const Processes& processes) {
  return cluster::place_in(cluster, processes.per_host, processes.local_rank, processes.port);
}

cluster::Group join(const TrainRequest& request, const device::DeviceChoice& device, Output& output,
                    const std::stop_token& stop) {
  if (request.dry_run) return cluster::Group::alone();
  const cluster::Place place = place_of(request.job.cluster, request.processes);
  return cluster::Group::join(place, {.on_failure = request.processes.on_failure, .device = device.device}, output,
                              stop);
}

// The model as the loop left it, by rank 0.
void save(const TrainRequest& request, const model::Model& model, tensor::Net& net, const data::DataSet& data,
          const train::Loop& loop, const train::Journal& journal, Output& output) {
  const platform::Tree& tree = request.job.tree;
  net.to(at::kCPU);  // so that a model trained on a GPU loads everywhere
  for (const std::string& line : model.saving_lines()) output.line(line);
  const at::Tensor example =
      model.batch(data, data.train, torch::arange(std::min<int64_t>(2, data.train.size()))).inputs;
  const artifact::Manifest manifest = manifest_of(request, model, data, example, loop.final_metrics());
  artifact::save(tree.model, net, example, manifest);
  report::write_page(tree.output_data / kReport, manifest, journal.entries());
  output.line("Saved model.pt, model.json and model.safetensors in {} after {:.1f} s.", tree.model.native(),
              uptime_seconds());
}

// In local mode an ordinary user's SDK must be able to read and remove what this process wrote as root.
void open_results(const platform::Job& job) {
  if (!job.cluster.instance_type.starts_with("local")) return;
  for (const std::filesystem::path& top : {job.tree.model, job.tree.output}) open_to_everybody(top);
}

void prepare_outputs(const platform::Tree& tree) {
  artifact::check_writable(tree.model);
  artifact::check_writable(tree.output_data);
  for (const char* file : {kJournal, kReport}) remove_leftovers(tree.output_data / file);
}

void dry_run(const model::Model& model, const data::DataSet& data, Output& output) {
  model.make_net(data);  // reads pretrained weights
  output.line("Dry run: the configuration and the data are good; {} rows to train on, {} to evaluate on, {} classes.",
              data.train.size(), data.validation.size(), data.labels.size());
}

// The part of one rank, which may be the only one. Rank 0 writes all files.
void train_rank(const TrainRequest& request, const device::DeviceChoice& device, cluster::Group& group, Output& output,
                const std::stop_token& stop) {
  const platform::Tree& tree = request.job.tree;
  const auto model = make_model(request.card.name, request.settings);
  data::DataSet data = open_data(request, *model, output);
  if (request.dry_run) return dry_run(*model, data, output);
  if (group.leads()) prepare_outputs(tree);

  const train::Ranks ranks = group.is_alone() ? train::Ranks() : train::Ranks(group, data, device.device);
  for (const std::string& line : model->opening_lines(facts_of(request, ranks, data, device.device)))
    output.result(line);
  torch::manual_seed(static_cast<uint64_t>(request.settings.integer("seed")));
  const auto net = model->make_net(data);
  net->to(device.device);
  ranks.broadcast(net->parameters());
  ranks.broadcast(net->buffers());
  train::Journal journal(ranks.leads() ? tree.output_data / kJournal : std::filesystem::path());
  train::Loop loop(*model, *net, data, loop_options(request, ranks), output, journal);
  const auto checkpoints = resume(request, device, ranks, *net, data, loop, output);
  if (ranks.leads())
    artifact::remove_model(tree.model);  // an older one must not be taken for this job's, which can run now
  if (!loop.run(stop)) {
    output.line("Stopped before the first training step: there is no model to save.");
    return;
  }
  if (loop.was_stopped() || (group.is_alone() && stop.stop_requested()))
    output.line("Stopped by a signal: the model so far is saved.");

  const auto suspicion = train::one_answer_warning(loop.final_facts().validation, data);
  if (suspicion && ranks.leads()) output.warning(*suspicion);
  report_classes({*model, *net, data, {}, ranks}, output, journal);
  if (ranks.leads()) save(request, *model, *net, data, loop, journal, output);
}

constexpr auto kTellFor = std::chrono::seconds(30);  // hosts of a job start within less

}  // namespace

void report_failure(const platform::Cluster& cluster, const Processes& processes, const Ending& ending, Output& log,
                    const std::stop_token& stop) {
  const cluster::JoinOptions options = {.on_failure = [](const Ending&) {}, .patience = {.give_up = kTellFor}};
  cluster::report_failure(place_of(cluster, processes), options, ending, log, stop);
}

void train_job(const TrainRequest& request, Output& output, const std::stop_token& stop) {
  device::DeviceChoice device;
  try {
    translated([&] { device = device_of(request); });
  } catch (...) {
    const bool is_alone =
        request.dry_run || request.job.cluster.size() * static_cast<size_t>(request.processes.per_host) == 1;
    if (!is_alone) {
      const Ending ending = ending_of(std::current_exception());
      if (request.processes.keep_reason) request.processes.keep_reason(ending);
      report_failure(request.job.cluster, request.processes, ending, output, stop);
    }
    throw;
  }
  if (!device.note.empty()) output.line(device.note);
  at::set_num_threads(request.threads);
  at::set_num_interop_threads(1);
  cluster::Group group = join(request, device, output, stop);
  try {
    translated([&] { train_rank(request, device, group, output, stop); });
    open_results(request.job);
    group.barrier();  // from here on nobody has anything to lose
    group.leave();
  } catch (...) {
    if (group.is_alone()) throw;
    const Ending ending = group.fail(ending_of(std::current_exception()));
    throw Error(static_cast<Fault>(ending.code), ending.sentence);
  }
}

}  // namespace smlt
