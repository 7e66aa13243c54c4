#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "settings/settings.hpp"

namespace smlt::cards {

/// What a model found in the channels of a job: which files there are and how they are laid out. Each model has a class
/// of its own (models/NAME/card/found.hpp). The object of the model that is chosen goes on to Model::open, so that
/// nothing is looked for twice.
class Found {
 public:
  struct DataSet {
    std::string channel;  // its name
    std::string what;     // for sentences: "MNIST/raw/train-images-idx3-ubyte"
  };

  virtual ~Found() = default;

  /// Those that are clearly this model's.
  const std::vector<DataSet>& data_sets() const { return data_sets_; }

  /// Whether the channels may hold this model's data although there is no such data set: asked only if no model found
  /// one, so that `choose` can say what is wrong with the data. More may count if the job names the model.
  virtual bool may_be_meant(bool /*is_named*/) const { return false; }

  /// Decides what is read to train on and to evaluate on. May begin to read it on other threads, while LibTorch loads.
  /// Called once, before Model::open. Throws UserError for data that is missing or does not fit together.
  virtual void choose(const settings::Settings& settings) = 0;

 protected:
  void add(std::string channel, std::string what) { data_sets_.push_back({std::move(channel), std::move(what)}); }

  /// The same for a file or folder in a channel.
  void add(std::string channel, const std::filesystem::path& place, const std::filesystem::path& folder) {
    add(std::move(channel), place.lexically_relative(folder).string());
  }

 private:
  std::vector<DataSet> data_sets_;
};

}  // namespace smlt::cards
