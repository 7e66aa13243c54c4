#pragma once

#include <torch/torch.h>

#include <boost/json.hpp>

#include "artifact/manifest.hpp"
#include "cards/card.hpp"
#include "jobs/make_model.hpp"
#include "tests/models/tiny_data.hpp"
#include "train/step.hpp"

namespace smlt::test {

inline std::vector<settings::RawSetting> with_tiny_settings(const std::string& model,
                                                            std::vector<settings::RawSetting> raw) {
  for (const auto& [name, value] : tiny_set(model).settings) raw.push_back({name, value, "test"});
  return raw;
}

/// A registered model with its tiny data and a fresh network.
struct Subject {
  const cards::Card& card;
  uint64_t seed = 1;
  std::vector<settings::RawSetting> raw = {};
  std::vector<settings::Knob> knobs = cards::all_knobs(card);
  std::vector<std::string> warnings = {};
  settings::Settings settings{knobs, with_tiny_settings(card.name, raw), warnings};
  std::unique_ptr<model::Model> model = make_model(card.name, settings);
  data::DataSet data = tiny_set(card.name).data();
  std::shared_ptr<tensor::Net> net = (torch::manual_seed(seed), model->make_net(data));

  train::StepContext context() const { return {*model, *net, data}; }
  at::Tensor inputs(int64_t rows) const { return model->batch(data, data.train, torch::arange(rows)).inputs; }
};

/// What a job on that data writes into model.json.
inline artifact::Manifest manifest_of(const Subject& subject) {
  artifact::Manifest manifest;
  manifest.model = subject.card.name;
  manifest.recipe = "tutorial";
  manifest.input_shape = {std::nullopt};
  const at::Tensor inputs = subject.inputs(1);
  for (const int64_t size : inputs.sizes().slice(1)) manifest.input_shape.emplace_back(size);
  manifest.output = subject.model->output_kind();
  manifest.labels = subject.data.labels;
  if (!subject.data.image.mean.empty()) manifest.image = subject.data.image;
  for (const settings::Settings::Entry& entry : subject.settings.entries()) {
    if (entry.knob->is_script_option()) continue;
    manifest.hyperparameters[entry.knob->name()] =
        std::visit([](const auto& held) { return boost::json::value_from(held); }, entry.value);
  }
  return manifest;
}

}  // namespace smlt::test
