#include "datasets/cifar_layout.hpp"

#include <algorithm>

namespace smlt::datasets {

std::string CifarLayout::file_name(int number) const {
  if (number == kNames) return names;
  if (number == kTest) return std::string(test) + suffix;
  return train + (classes == 10 ? std::to_string(number) : "") + suffix;
}

std::optional<int> CifarLayout::number_of(const std::string& name) const {
  for (int number = kNames; number <= last_number(); ++number) {
    if (name == file_name(number)) return number;
  }
  return std::nullopt;
}

const CifarLayout& cifar_layout(CifarForm form, int classes) {
  return *std::find_if(kCifarLayouts.begin(), kCifarLayouts.end(),
                       [&](const CifarLayout& layout) { return layout.form == form && layout.classes == classes; });
}

}  // namespace smlt::datasets
