// A tutorial on training and tuning with synthetic data (ysviru/PyTorch-with-Amazon-Sagemaker,
// hyperparameter_tuning_simple_tutorial): its net, defaults, loss, optimizer and log lines. With 10 epochs, learning
// rate 0.005 and batches of 32 it reports 67.25 %.
#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/text.hpp"
#include "data/class_labels.hpp"
#include "data/csv_split.hpp"
#include "data/fingerprint.hpp"
#include "model/model.hpp"
#include "model/registry.hpp"
#include "models/tabular/card/first_row.hpp"
#include "models/tabular/card/found.hpp"
#include "models/tabular/net.hpp"
#include "models/tabular/scales.hpp"
#include "values/python.hpp"

namespace smlt::models {
namespace {

using FirstRows = std::vector<std::vector<std::string>>;

data::CsvSplit read_split(const tabular::SplitFiles& files, codec::CsvClasses& classes) {
  if (files.tables.empty()) return data::read_csv_pair(files.features, files.labels, classes);
  return data::read_csv_tables(files.tables, files.values, classes);
}

// Class numbers run from 0 and each class has a row, so there are no more classes than rows.
std::vector<std::string> labels_of(const data::Split& train, const codec::CsvClasses& classes,
                                   const std::filesystem::path& file) {
  if (classes.are_names()) return classes.names();
  const auto largest = train.targets.max().item<int64_t>();
  if (largest < train.size()) return data::numbered_labels(largest + 1);
  throw UserError(
      "Expected class numbers below the number of rows ({}), found {} as the largest in {}; number the classes 0, 1, 2 "
      "and so on (an index, or a number to be predicted, is not a class).",
      train.size(), largest, in_quotes(file.native(), 200));
}

// The features as the log calls them: by name, or by column as a spreadsheet counts.
std::vector<std::string> column_names(const tabular::SplitFiles& files, const FirstRows& rows, int64_t features) {
  std::vector<std::string> names;
  if (files.tables.empty()) {
    for (const std::string& name : rows[0]) names.push_back("column " + in_quotes(name));
  } else {
    for (int64_t i = 0; i < features; ++i) names.push_back(fmt::format("column {}", i + 2));  // after the label
  }
  return names;
}

void check_columns(const data::DataSet& data, const tabular::SplitFiles& files) {
  if (data.validation.inputs.size(1) == data.train.inputs.size(1)) return;
  throw UserError("Expected {} features to evaluate on, as in the training data, found {} in {}.",
                  data.train.inputs.size(1), data.validation.inputs.size(1), in_quotes(files.paths()[0].native(), 200));
}

// Whether one of `names` is among `others` at another place.
bool is_moved(const std::vector<std::string>& names, const std::vector<std::string>& others) {
  for (size_t i = 0; i < names.size(); ++i) {
    const auto place = std::find(others.begin(), others.end(), names[i]);
    if (place != others.end() && (i >= others.size() || others[i] != names[i])) return true;
  }
  return false;
}

// Columns are identified by position: the same names in another order would be a mix-up that nobody notices.
void check_order(const tabular::SplitFiles& train, const std::vector<std::string>& expected,
                 const tabular::SplitFiles& validation, const std::vector<std::string>& found,
                 const model::Source& source) {
  if (train.features.empty() || validation.features.empty()) return;
  const auto [wanted, given] = std::mismatch(expected.begin(), expected.end(), found.begin(), found.end());
  if (wanted == expected.end() || given == found.end()) return;
  const std::string names =
      fmt::format("{} as column {} in place of {}", in_quotes(*given), given - found.begin() + 1, in_quotes(*wanted));
  const std::string file = in_quotes(validation.features.native(), 200),
                    model = in_quotes(train.features.native(), 200);
  if (is_moved(expected, found)) {
    throw UserError("Expected the columns of {} in the order of {}, found {}; reorder them.", file, model, names);
  }
  source.warn(
      fmt::format("The columns of {} have other names than those of {} ({}); they are matched by position, so check "
                  "that they are the same.",
                  file, model, names));
}

std::string python_repr(double value) { return values::python_str(value); }

class Tabular : public model::Model {
 public:
  explicit Tabular(const settings::Settings& settings)
      : phase_{.epochs = settings.integer("num-epochs"),
               .batch_size = settings.integer("batch-size"),
               .optimizer = {.lr = settings.real("learning-rate")}},
        test_batch_size_(settings.integer("test-batch-size")),
        standardize_(settings.text("standardize")) {}

  data::DataSet open(const model::Source& source) const override;
  std::shared_ptr<tensor::Net> make_net(const data::DataSet& data) const override {
    return std::make_shared<tabular::Net>(data.train.inputs.size(1), static_cast<int64_t>(data.labels.size()),
                                          data.scaling);
  }
  std::shared_ptr<tensor::Net> net_for(data::DataSet data, const tensor::NamedTensors& weights) const override;
  std::string output_kind() const override { return "scores"; }
  std::vector<model::Phase> phases() const override { return {phase_}; }
  // rows_are_independent() stays false although they are: calling the operators takes longer than their work, so a step
  // cut into shards would take longer than a whole one.
  int64_t evaluation_batch_size() const override { return test_batch_size_; }
  // The loss is the default: the tutorial feeds its sigmoid's output to CrossEntropyLoss as if it were logits.

  std::vector<std::string> epoch_lines(const model::EpochFacts& epoch) const override;

 private:
  std::optional<data::Scaling> scaling_for(const data::Split& train, const tabular::SplitFiles& files,
                                           const FirstRows& rows, const model::Source& source) const;

  model::Phase phase_;
  int64_t test_batch_size_;
  std::string standardize_;
};

data::DataSet Tabular::open(const model::Source& source) const {
  const auto& [train_files, validation_files] = source.found_as<tabular::Found>().chosen();
  data::DataSet data;
  codec::CsvClasses classes;
  const auto warn_of = [&](const tabular::SplitFiles& files, const FirstRows& rows) {
    for (const std::string& each : tabular::first_row_warnings(files, rows, data.labels)) source.warn(each);
  };
  data::CsvSplit train = read_split(train_files, classes);
  data.train = std::move(train.split);
  data.files = train_files.paths();
  data.labels = labels_of(data.train, classes, data.files.back());
  warn_of(train_files, train.first_rows);
  if (validation_files) {
    data::CsvSplit validation = read_split(*validation_files, classes);
    data.validation = std::move(validation.split);
    check_columns(data, *validation_files);
    check_order(train_files, train.first_rows[0], *validation_files, validation.first_rows[0], source);
    for (const std::filesystem::path& file : validation_files->paths()) data.files.push_back(file);
    data::check_targets(data.validation, static_cast<int64_t>(data.labels.size()), data.files.back());
    warn_of(*validation_files, validation.first_rows);
  }
  data.scaling = scaling_for(data.train, train_files, train.first_rows, source);
  data.fingerprint = data::fingerprint(data.files, data);
  return data;
}

std::optional<data::Scaling> Tabular::scaling_for(const data::Split& train, const tabular::SplitFiles& files,
                                                  const FirstRows& rows, const model::Source& source) const {
  if (standardize_ == "false") return std::nullopt;
  const std::vector<tabular::Scale> scales = tabular::column_scales(train.inputs);
  const std::vector<std::string> columns = column_names(files, rows, train.inputs.size(1));
  if (const auto coarse = tabular::coarse_column(scales, columns)) source.warn(*coarse);
  if (standardize_ == "true") {
    source.note("The network scales its columns by their means and deviations (standardize=true).");
    return tabular::scaling_of(scales);
  }
  const auto unlike = tabular::unlike_columns(scales, columns);
  if (!unlike) return std::nullopt;
  source.note(
      fmt::format("The network scales its columns by their means and deviations, because SGD learns little from "
                  "numbers far from 1 or with different scales: {}; standardize=false turns this off.",
                  *unlike));
  return tabular::scaling_of(scales);
}

// The data decided whether there is a scaling: then its two buffers are among the weights.
std::shared_ptr<tensor::Net> Tabular::net_for(data::DataSet data, const tensor::NamedTensors& weights) const {
  const bool scales =
      std::any_of(weights.begin(), weights.end(), [](const auto& weight) { return weight.first == "mean"; });
  const at::Tensor columns = torch::zeros({data.train.inputs.size(1)});
  if (scales) data.scaling = data::Scaling{columns, columns.clone()};
  return make_net(data);
}

std::vector<std::string> Tabular::epoch_lines(const model::EpochFacts& epoch) const {
  std::vector<std::string> lines = {"",
                                    fmt::format("Train epoch: {}, Loss: {:.6f}", epoch.epoch, epoch.train_batch_loss)};
  const model::Evaluation& test = epoch.validation;
  if (test.rows == 0) return lines;
  const auto rows = static_cast<double>(test.rows);
  const double percent = static_cast<double>(test.correct) * 100.0 / rows;
  // As in the tutorial, to the letter: a sum of means over batches, divided by rows. It depends on test-batch-size.
  const double loss = test.batch_loss_sum / rows;
  lines.push_back("Validation: accuracy=" + python_repr(percent));
  lines.push_back("Validation: loss = " + python_repr(loss));
  lines.push_back(fmt::format("Test set: Average loss: {:.4f}, Accuracy: {}/{} ({:.0f}%)\n", loss, test.correct,
                              test.rows, percent));
  return lines;
}

}  // namespace

std::unique_ptr<model::Model> make_tabular(const settings::Settings& settings) {
  return std::make_unique<Tabular>(settings);
}

}  // namespace smlt::models
