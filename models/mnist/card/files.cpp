#include "models/mnist/card/files.hpp"

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

std::vector<IdxPair> pairs_of(const platform::Channel& channel) {
  const datasets::IdxFolder found = datasets::find_idx(channel.path);
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

std::optional<IdxPair> evaluation_pair(const platform::Channel& channel) {
  const std::vector<IdxPair> pairs = pairs_of(channel);
  // The test channel may be the whole data set again.
  const bool named = std::any_of(pairs.begin(), pairs.end(), is_for_test);
  return only(pairs, channel, "evaluation", [&](const IdxPair& pair) { return !named || is_for_test(pair); });
}

}  // namespace

Files choose_files(std::span<const platform::Channel> channels) {
  const auto [training, evaluation] = platform::choose_data_channels(
      channels, "IDX images and labels",
      [](const std::filesystem::path& channel) { return !datasets::find_idx(channel).empty(); });
  const std::vector<IdxPair> pairs = pairs_of(*training);
  const auto train = only(pairs, *training, "training", is_for_training);
  if (!train) {
    throw UserError("Expected training images in channel {}, found only test images ({}); add the training files.",
                    in_quotes(training->name), in_quotes(pairs[0].images.native(), 200));
  }
  if (evaluation != nullptr) return {*train, evaluation_pair(*evaluation)};
  return {*train, only(pairs, *training, "evaluation", is_for_test)};
}

std::vector<std::filesystem::path> paths_of(const Files& files) {
  std::vector<std::filesystem::path> paths = {files.train.images, files.train.labels};
  if (files.test) paths.insert(paths.end(), {files.test->images, files.test->labels});
  return paths;
}

}  // namespace smlt::models::mnist
