#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cards/found.hpp"
#include "datasets/image_folder.hpp"
#include "datasets/reading.hpp"
#include "platform/channel.hpp"

namespace smlt::models::birds {

/// Where a channel's images are.
struct Place {
  enum class Kind { kTree, kArchive, kClassFolders };
  Kind kind;
  std::filesystem::path path;
};

/// The images of a channel, which are being listed.
struct Images {
  struct Listed {
    datasets::ImageFiles images;
    std::vector<std::filesystem::path> files;  // on disk, that they come from
  };
  std::string channel;  // its name
  datasets::Reading<Listed> listed;
};

/// The images in a job's channels, and a file of weights.
class Found : public cards::Found {
 public:
  Found(std::span<const platform::Channel> channels, std::shared_ptr<datasets::Looks> looks);

  /// Begins to list the images of the channels 'training' (or 'train') and 'validation' (or 'test'). Throws UserError
  /// if there is nothing to train on, and unless a channel 'pretrained' has exactly one file of weights.
  void choose(const settings::Settings& settings) override;

  struct Chosen {
    Images training;
    std::optional<Images> evaluation;
    std::optional<std::filesystem::path> weights;
  };
  Chosen& chosen() { return chosen_.value(); }  // after choose

 private:
  Images images_of(const platform::Channel& channel) const;

  std::vector<platform::Channel> channels_;
  std::shared_ptr<datasets::Looks> looks_;
  std::map<std::string, Place> places_;  // by channel
  std::optional<Chosen> chosen_;
};

}  // namespace smlt::models::birds
