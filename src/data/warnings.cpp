#include "data/warnings.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <optional>

#include "base/error.hpp"
#include "base/text.hpp"
#include "image/image_store.hpp"
#include "image/one_colour.hpp"

namespace smlt::data {
namespace {

// Classes with a given number of training rows.
struct Rare {
  int64_t count = 0;
  std::string example = {};  // the first one's name, in quotes

  std::string text(const char* what) const { return fmt::format("{} {} (such as {})", count, what, example); }
};

Rare classes_with(const at::Tensor& counts, int64_t rows, const std::vector<std::string>& labels) {
  const at::Tensor found = (counts == rows).nonzero();
  if (found.size(0) == 0) return {};
  return {found.size(0), in_quotes(labels.at(static_cast<size_t>(found[0].item<int64_t>())))};
}

void refuse_one_class(const at::Tensor& counts, const std::vector<std::string>& labels) {
  if ((counts > 0).sum().item<int64_t>() != 1) return;
  const auto alone = counts.argmax().item<int64_t>();
  throw UserError(
      "Expected training data of two or more classes, found only {} ({}); add the others, or check the labels.",
      in_quotes(labels.at(static_cast<size_t>(alone))), counted(counts[alone].item<int64_t>(), "row"));
}

std::optional<std::string> class_warning(const at::Tensor& counts, const std::vector<std::string>& labels) {
  const auto rows = counts.sum().item<int64_t>();
  const auto classes = (counts > 0).sum().item<int64_t>();
  if (2 * classes > rows) {
    return fmt::format(
        "The {} to train on are of {} classes, nearly one per row, as an index or a number to be predicted has, and a "
        "class that is seen once is hardly learned; check where the labels come from.",
        counted(rows, "row"), classes);
  }
  std::vector<std::string> phrases;
  const Rare single = classes_with(counts, 1, labels);
  if (single.count > 0) phrases.push_back(single.text("with a single row"));
  const Rare absent = classes_with(counts, 0, labels);
  if (absent.count > 0) phrases.push_back(absent.text("without a row"));
  if (phrases.empty()) return std::nullopt;
  return fmt::format("Of {} classes the training data has {}; add rows of them, or leave these classes out.",
                     counts.numel(), listed(phrases));
}

std::optional<std::string> image_warning(const Split& split, const char* use) {
  const bool are_pixels = split.inputs.defined() && split.inputs.scalar_type() == torch::kByte;
  if (!split.images && !are_pixels) return std::nullopt;
  const image::OneColour found = split.images ? split.images->one_coloured() : image::one_coloured(split.inputs);
  if (found.count == 0) return std::nullopt;
  return fmt::format("{} of {} to {} {} nothing but one colour, such as {}; check how they were made.", found.count,
                     counted(split.size(), "image"), use, found.count == 1 ? "is" : "are", found.example);
}

}  // namespace

std::vector<std::string> warnings(const DataSet& data) {
  const at::Tensor counts = torch::bincount(data.train.targets, {}, static_cast<int64_t>(data.labels.size()));
  refuse_one_class(counts, data.labels);
  std::vector<std::string> sentences;
  const auto add = [&](std::optional<std::string> sentence) {
    if (sentence) sentences.push_back(std::move(*sentence));
  };
  add(class_warning(counts, data.labels));
  add(image_warning(data.train, "train on"));
  if (data.validation.size() > 0) add(image_warning(data.validation, "evaluate on"));
  return sentences;
}

}  // namespace smlt::data
