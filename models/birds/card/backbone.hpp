#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace smlt::models::birds {

/// A torchvision network whose trunk can be used.
struct Backbone {
  enum class Family { kResNet, kSqueezeNet, kMobileNet };

  std::string_view name;        // torchvision's, and a value of the knob `backbone`
  std::string_view classifier;  // torchvision's name for its classifier: "fc" or "classifier"
  Family family;
  std::array<int, 4> blocks = {};  // of a ResNet: the number in each of its layers
  bool has_bottlenecks = false;    // of a ResNet: whether its blocks are bottlenecks
};

/// All of them, the default first.
inline constexpr std::array<Backbone, 5> kBackbones = {{
    {"resnet50", "fc", Backbone::Family::kResNet, {3, 4, 6, 3}, true},
    {"resnet18", "fc", Backbone::Family::kResNet, {2, 2, 2, 2}},
    {"resnet34", "fc", Backbone::Family::kResNet, {3, 4, 6, 3}},
    {"squeezenet1_1", "classifier", Backbone::Family::kSqueezeNet},
    {"mobilenet_v2", "classifier", Backbone::Family::kMobileNet},
}};

/// Their names in that order.
inline std::vector<std::string> backbone_names() {
  std::vector<std::string> names;
  for (const Backbone& backbone : kBackbones) names.emplace_back(backbone.name);
  return names;
}

}  // namespace smlt::models::birds
