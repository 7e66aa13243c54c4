#pragma once

#include <torch/torch.h>

#include "models/card.hpp"
#include "models/model.hpp"
#include "tests/models/tiny_data.hpp"
#include "train/step.hpp"

namespace smlt::test {

inline std::vector<config::RawSetting> with_tiny_settings(const std::string& model,
                                                          std::vector<config::RawSetting> raw) {
  for (const auto& [name, value] : tiny_set(model).settings) raw.push_back({name, value, "test"});
  return raw;
}

/// A registered model with its tiny data and a fresh network.
struct Subject {
  const models::Card& card;
  uint64_t seed = 1;
  std::vector<config::RawSetting> raw = {};
  std::vector<config::Knob> knobs = models::all_knobs(card);
  std::vector<std::string> warnings = {};
  config::Settings settings{knobs, with_tiny_settings(card.name, raw), warnings};
  std::unique_ptr<models::Model> model = models::make_model(card.name, settings);
  data::DataSet data = tiny_set(card.name).data();
  std::shared_ptr<tensor::Net> net = (torch::manual_seed(seed), model->make_net(data));

  train::StepContext context() const { return {*model, *net, data}; }
  at::Tensor inputs(int64_t rows) const { return model->batch(data, data.train, torch::arange(rows)).inputs; }
};

}  // namespace smlt::test
