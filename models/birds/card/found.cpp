#include "models/birds/card/found.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "datasets/folder.hpp"
#include "machine/quota.hpp"
#include "platform/data_channels.hpp"

namespace smlt::models::birds {
namespace fs = std::filesystem;
namespace {

using Kind = Place::Kind;

// A quarter of memory: decoded images may take another 30 % (image::ImageMemory).
uint64_t most_archived_bytes() {
  return static_cast<uint64_t>(machine::usable_memory().value_or(int64_t{64} << 30)) / 4;
}

std::optional<Place> place_in(const fs::path& channel, datasets::Looks& looks) {
  if (const auto tree = datasets::find_cub_tree(channel)) return Place{Kind::kTree, *tree};
  if (const auto archive = datasets::find_cub_archive(channel, looks)) return Place{Kind::kArchive, *archive};
  if (datasets::has_class_folders(channel, looks)) return Place{Kind::kClassFolders, channel};
  return std::nullopt;
}

const char* phrase(Kind kind) {
  switch (kind) {
    case Kind::kTree:
      return "a CUB tree";
    case Kind::kArchive:
      return "the archive of a CUB tree";
    case Kind::kClassFolders:
      return "class folders of images";
  }
  return "";
}

Images::Listed list(const Place& place, datasets::Looks& looks) {
  if (place.kind == Kind::kArchive) {
    return {datasets::read_cub_archive(place.path, most_archived_bytes()), {place.path}};
  }
  const bool is_tree = place.kind == Kind::kTree;
  Images::Listed listed{is_tree ? datasets::read_cub_tree(place.path) : datasets::find_class_folders(place.path, looks),
                        {}};
  for (const datasets::ImageFiles::File& file : listed.images.files) listed.files.push_back(file.path);
  if (!is_tree) return listed;
  for (const char* name : {"images.txt", "classes.txt", "image_class_labels.txt"}) {
    listed.files.push_back(place.path / name);
  }
  return listed;
}

// By content; a damaged one by its name.
bool is_weights(const fs::path& file, datasets::Looks& looks) {
  const std::string ending = file.extension().native();
  return looks.at(file).is_weights || ending == ".pth" || ending == ".pt" || ending == ".safetensors";
}

fs::path weights_in(const platform::Channel& channel, datasets::Looks& looks) {
  std::vector<fs::path> found;
  datasets::walk(channel.path, [&](const datasets::Listing& here) {
    std::copy_if(here.files.begin(), here.files.end(), std::back_inserter(found),
                 [&](const fs::path& file) { return is_weights(file, looks); });
    return true;
  });
  if (found.size() == 1) return found[0];
  std::vector<std::string> names;
  for (const fs::path& path : found) names.push_back(in_quotes(path.filename().native()));
  std::sort(names.begin(), names.end());
  throw UserError("Expected one weights file (.pth, .pt or .safetensors) in channel {}, found {}.",
                  in_quotes(channel.name), names.empty() ? "none" : listed(names));
}

}  // namespace

Found::Found(std::span<const platform::Channel> channels, std::shared_ptr<datasets::Looks> looks)
    : channels_(channels.begin(), channels.end()), looks_(std::move(looks)) {
  for (const platform::Channel& channel : channels_) {
    const auto place = place_in(channel.path, *looks_);
    if (!place) continue;
    places_.emplace(channel.name, *place);
    add(channel.name, phrase(place->kind));
  }
}

void Found::choose(const settings::Settings&) {
  const auto may_hold = [this](const platform::Channel& channel) {
    return places_.contains(channel.name) || !datasets::listing_of(channel.path).folders.empty();
  };
  const platform::Channel& training = platform::training_channel(channels_, "images", may_hold);
  const platform::Channel* evaluation = platform::evaluation_channel(channels_, "images", may_hold);
  std::optional<fs::path> weights;
  if (const platform::Channel* pretrained = platform::channel_named(channels_, "pretrained")) {
    weights = weights_in(*pretrained, *looks_);
  }
  chosen_.emplace(Chosen{images_of(training), std::nullopt, std::move(weights)});
  if (evaluation != nullptr) chosen_->evaluation = images_of(*evaluation);
  looks_.reset();  // it knows every file, and is kept only until all are listed
}

// A channel without a place of images may have class folders of damaged ones, of which the log will tell.
Images Found::images_of(const platform::Channel& channel) const {
  const auto found = places_.find(channel.name);
  const Place place = found != places_.end() ? found->second : Place{Kind::kClassFolders, channel.path};
  const auto when = place.kind == Kind::kArchive ? std::launch::deferred : std::launch::async;
  const auto read = [place, looks = looks_] { return list(place, *looks); };
  return {channel.name, datasets::Reading<Images::Listed>(read, when)};
}

}  // namespace smlt::models::birds
