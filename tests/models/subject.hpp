#pragma once

#include <torch/torch.h>

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

}  // namespace smlt::test
