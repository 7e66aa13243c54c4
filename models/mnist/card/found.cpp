#include "models/mnist/card/found.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/array/idx.hpp"
#include "platform/data_channels.hpp"

namespace smlt::models::mnist {
namespace {

using datasets::IdxPair;

// Reading it says what is wrong.
[[noreturn]] void refuse_damaged(const std::filesystem::path& file) {
  codec::read_idx(file);
  throw UserError("Expected images (three dimensions) or labels (one) of unsigned bytes in {}, found something else.",
                  in_quotes(file.native(), 200));
}

// The only one of `pairs` that `is_wanted`; nullopt if there is none.
template <typename Predicate>
std::optional<IdxPair> only(const std::vector<IdxPair>& pairs, const platform::Channel& channel, const char* use,
                            Predicate is_wanted) {
  std::vector<IdxPair> wanted;
  std::copy_if(pairs.begin(), pairs.end(), std::back_inserter(wanted), is_wanted);
  if (wanted.empty()) return std::nullopt;
  if (wanted.size() > 1) {
    std::vector<std::string> names;
    for (const IdxPair& pair : wanted)
      names.push_back(in_quotes(pair.images.lexically_relative(channel.path).native(), 200));
    throw UserError("Expected one data set for {} in channel {}, found {}: {}; keep one of them.", use,
                    in_quotes(channel.name), wanted.size(), listed(names));
  }
  return wanted[0];
}

bool is_for_training(const IdxPair& pair) { return pair.is_called_train() || !pair.is_called_test(); }
bool is_for_test(const IdxPair& pair) { return !is_for_training(pair); }

}  // namespace

Found::Found(std::span<const platform::Channel> channels, datasets::Looks& looks)
    : channels_(channels.begin(), channels.end()) {
  for (const platform::Channel& channel : channels_) {
    datasets::IdxFolder folder = datasets::find_idx(channel.path, looks);
    for (const IdxPair& pair : folder.pairs) add(channel.name, pair.images, channel.path);
    for (const auto* files : {&folder.images_without_labels, &folder.damaged, &folder.labels_without_images}) {
      for (const std::filesystem::path& file : *files) add(channel.name, file, channel.path);
    }
    folders_.emplace(channel.name, std::move(folder));
  }
}

void Found::choose(const settings::Settings&) {
  constexpr const char* kWhat = "IDX images and labels";
  const auto holds = [this](const platform::Channel& channel) { return !folders_.at(channel.name).empty(); };
  const platform::Channel& training = platform::training_channel(channels_, kWhat, holds);
  const platform::Channel* evaluation = platform::evaluation_channel(channels_, kWhat, holds);
  const std::vector<IdxPair> pairs = pairs_in(training);
  const auto wanted = only(pairs, training, "training", is_for_training);
  if (!wanted) {
    throw UserError("Expected training images in channel {}, found only test images ({}); add the training files.",
                    in_quotes(training.name), in_quotes(pairs[0].images.native(), 200));
  }
  const auto to_evaluate =
      evaluation != nullptr ? evaluation_pair(*evaluation) : only(pairs, training, "evaluation", is_for_test);
  chosen_.emplace(Chosen{datasets::IdxReading(*wanted), std::nullopt});
  if (to_evaluate) chosen_->test.emplace(*to_evaluate);
}

std::vector<IdxPair> Found::pairs_in(const platform::Channel& channel) const {
  const datasets::IdxFolder& found = folders_.at(channel.name);
  if (!found.damaged.empty()) refuse_damaged(found.damaged[0]);
  if (!found.images_without_labels.empty()) {
    throw UserError(
        "Expected labels beside the images {} in channel {}, found none; add the file with 'labels' and 'idx1' in "
        "place of 'images' and 'idx3'.",
        in_quotes(found.images_without_labels[0].native(), 200), in_quotes(channel.name));
  }
  if (!found.labels_without_images.empty()) {
    throw UserError(
        "Expected images beside the labels {} in channel {}, found none in IDX format; add the file with 'images' and "
        "'idx3' in place of 'labels' and 'idx1'.",
        in_quotes(found.labels_without_images[0].native(), 200), in_quotes(channel.name));
  }
  return found.pairs;
}

std::optional<IdxPair> Found::evaluation_pair(const platform::Channel& channel) const {
  const std::vector<IdxPair> pairs = pairs_in(channel);
  // The test channel may be the whole data set again.
  const bool named = std::any_of(pairs.begin(), pairs.end(), is_for_test);
  return only(pairs, channel, "evaluation", [&](const IdxPair& pair) { return !named || is_for_test(pair); });
}

}  // namespace smlt::models::mnist
