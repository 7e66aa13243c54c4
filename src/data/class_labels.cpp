#include "data/class_labels.hpp"

#include <torch/torch.h>

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt::data {

std::vector<std::string> numbered_labels(int64_t classes) {
  std::vector<std::string> labels;
  for (int64_t label = 0; label < classes; ++label) labels.push_back(std::to_string(label));
  return labels;
}

void check_targets(const Split& evaluation, int64_t classes, const std::filesystem::path& file) {
  const auto largest = evaluation.targets.max().item<int64_t>();
  if (largest < classes) return;
  const auto at = (evaluation.targets == largest).nonzero()[0].item<int64_t>();
  throw UserError("Expected labels from 0 to {} as in the training data, found {} at index {} of {}.", classes - 1,
                  largest, at, in_quotes(file.native(), 200));
}

}  // namespace smlt::data
