// Small data sets for tests: every registered model has one here.
#pragma once

#include <torch/torch.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "data/split.hpp"

namespace smlt::test {

/// Images whose class is the place of a bright square: learnable in a few steps. uint8 [n, channels, side, side].
inline data::DataSet tiny_images(int64_t rows, int64_t side = 28, int64_t classes = 10, int64_t channels = 1) {
  torch::manual_seed(7);
  const auto split = [&](int64_t n) {
    const at::Tensor targets = torch::randint(classes, {n}, torch::kLong);
    at::Tensor inputs = torch::randint(40, {n, channels, side, side}, torch::kByte);
    for (int64_t i = 0; i < n; ++i) {
      const int64_t place = targets[i].item<int64_t>();
      inputs[i].narrow(1, 2 + 5 * (place / 5), 5).narrow(2, 2 + 4 * (place % 5), 5).fill_(255);
    }
    return data::Split{inputs, targets};
  };
  data::DataSet data;
  data.train = split(rows);
  data.validation = split(rows / 2);
  for (int64_t i = 0; i < classes; ++i) data.labels.push_back(std::to_string(i));
  data.image = {.mode = channels == 1 ? "L" : "RGB",
                .resize = side,
                .crop_height = side,
                .crop_width = side,
                .mean = std::vector<double>(static_cast<size_t>(channels), 0.1307),
                .std = std::vector<double>(static_cast<size_t>(channels), 0.3081)};
  return data;
}

/// Rows with one column per class that is large if the row has that class. float [n, 15], two classes.
inline data::DataSet tiny_table(int64_t rows) {
  torch::manual_seed(7);
  const auto split = [](int64_t n) {
    const at::Tensor targets = torch::randint(2, {n}, torch::kLong);
    at::Tensor inputs = torch::randn({n, 15});
    for (int64_t i = 0; i < n; ++i) inputs[i][targets[i].item<int64_t>()] += 4;
    return data::Split{inputs, targets};
  };
  data::DataSet data;
  data.train = split(rows);
  data.validation = split(rows / 2);
  data.labels = {"0", "1"};
  return data;
}

/// Coloured noise whose class is the colour. uint8 [n, 3, 32, 32].
inline data::DataSet tiny_photographs(int64_t rows) {
  torch::manual_seed(7);
  const auto split = [](int64_t n) {
    const at::Tensor targets = torch::arange(n, torch::kLong) % 3;
    at::Tensor inputs = torch::randint(100, {n, 3, 32, 32}, torch::kByte);
    for (int64_t i = 0; i < n; ++i) inputs[i][targets[i].item<int64_t>()] += 150;
    return data::Split{inputs, targets};
  };
  data::DataSet data;
  data.train = split(rows);
  data.validation = split(rows / 2);
  data.labels = {"red", "green", "blue"};
  data.image = {
      .resize = 32, .crop_height = 32, .crop_width = 32, .mean = {0.485, 0.456, 0.406}, .std = {0.229, 0.224, 0.225}};
  return data;
}

/// What the generic tests train a model on, and the hyperparameters with which it learns that in a hundred steps, if
/// its tutorial's defaults are too slow.
struct Tiny {
  data::DataSet (*data)();
  std::vector<std::pair<std::string, std::string>> settings = {};
};

/// By the name of the model: every registered one is listed here.
inline const std::map<std::string, Tiny>& tiny_sets() {
  static const std::map<std::string, Tiny> all = {
      {"mnist", {[] { return tiny_images(64); }}},
      {"cifar10", {[] { return tiny_images(64, /*side=*/32, /*classes=*/10, /*channels=*/3); }}},
      {"tabular", {[] { return tiny_table(64); }, {{"learning-rate", "0.3"}}}},
      {"birds",
       {[] { return tiny_photographs(64); },
        {{"backbone", "squeezenet1_1"},
         {"initial_lr", "0.001"},
         {"initial_epochs", "2"},
         {"fine_tuning_epochs", "2"}}}},
  };
  return all;
}

inline const Tiny& tiny_set(const std::string& model) {
  const auto found = tiny_sets().find(model);
  if (found != tiny_sets().end()) return found->second;
  throw std::logic_error("tests/models/tiny_data.hpp has no data set for the model " + model);
}

}  // namespace smlt::test
