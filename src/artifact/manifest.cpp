#include "artifact/manifest.hpp"

#include <torch/version.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <new>

#include "base/byte_order_mark.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/version.hpp"

namespace smlt::artifact {
namespace json = boost::json;
namespace {

constexpr int kFormat = 1;
constexpr size_t kLargest = size_t{16} << 20;

// torchvision's Resize and CenterCrop take one number for squares, two for (height, width).
json::value crop_json(const image::ImageSpec& image) {
  if (image.crop_height == image.crop_width) return image.crop_height;
  return json::array{image.crop_height, image.crop_width};
}

json::object image_json(const image::ImageSpec& image) {
  return {{"mode", image.mode},
          {"resize", image.resize},
          {"crop", crop_json(image)},
          {"mean", json::value_from(image.mean)},
          {"std", json::value_from(image.std)}};
}

image::ImageSpec read_image(const json::value& value) {
  image::ImageSpec image;
  image.mode = json::value_to<std::string>(value.at("mode"));
  image.resize = json::value_to<int64_t>(value.at("resize"));
  const json::value& crop = value.at("crop");
  image.crop_height = json::value_to<int64_t>(crop.is_array() ? crop.at(0) : crop);
  image.crop_width = json::value_to<int64_t>(crop.is_array() ? crop.at(1) : crop);
  image.mean = json::value_to<std::vector<double>>(value.at("mean"));
  image.std = json::value_to<std::vector<double>>(value.at("std"));
  return image;
}

constexpr int64_t kLargestSide = 1 << 14;

void check_image(const image::ImageSpec& image) {
  const auto channels = static_cast<size_t>(image.channels());
  const bool sides = image.resize >= 0 && image.resize <= kLargestSide && image.crop_height >= 0 &&
                     image.crop_height <= kLargestSide && image.crop_width >= 0 && image.crop_width <= kLargestSide;
  const auto divides = [](double value) { return std::isfinite(value) && value > 0; };
  const bool numbers = std::all_of(image.std.begin(), image.std.end(), divides);
  if ((image.mode != "L" && image.mode != "RGB") || !numbers || !sides || image.mean.size() != channels ||
      image.std.size() != channels) {
    throw std::invalid_argument("'image' does not describe an image");
  }
}

json::array shape_json(const std::vector<std::optional<int64_t>>& shape) {
  json::array out;
  for (const auto& size : shape) out.push_back(size ? json::value(*size) : json::value(nullptr));
  return out;
}

std::vector<std::optional<int64_t>> read_shape(const json::value& value) {
  std::vector<std::optional<int64_t>> shape;
  for (const json::value& size : value.as_array()) {
    shape.push_back(size.is_null() ? std::nullopt : std::optional(json::value_to<int64_t>(size)));
  }
  return shape;
}

void check_output(const std::string& kind) {
  if (kind == "logits" || kind == "log_probabilities" || kind == "scores") return;
  throw std::invalid_argument("'output' is not one of logits, log_probabilities and scores");
}

Manifest parsed(const json::value& root) {
  if (json::value_to<int>(root.at("format")) != kFormat) {
    throw std::invalid_argument("'format' is not 1, the one this version reads");
  }
  Manifest manifest;
  manifest.model = json::value_to<std::string>(root.at("model"));
  manifest.recipe = json::value_to<std::string>(root.at("recipe"));
  manifest.input_shape = read_shape(root.at("input").at("shape"));
  manifest.output = json::value_to<std::string>(root.at("output"));
  check_output(manifest.output);
  manifest.labels = json::value_to<std::vector<std::string>>(root.at("labels"));
  manifest.hyperparameters = root.at("hyperparameters").as_object();
  manifest.metrics = root.at("metrics").as_object();
  if (const json::value* image = root.as_object().if_contains("image")) {
    manifest.image = read_image(*image);
    check_image(*manifest.image);
  }
  return manifest;
}

}  // namespace

std::string to_json(const Manifest& manifest) {
  json::object root;
  root["format"] = kFormat;
  root["model"] = manifest.model;
  root["recipe"] = manifest.recipe;
  root["version"] = version();
  root["libtorch"] = TORCH_VERSION;
  root["input"] = json::object{{"shape", shape_json(manifest.input_shape)}, {"dtype", "float32"}};
  root["output"] = manifest.output;
  root["labels"] = json::value_from(manifest.labels);
  if (manifest.image) root["image"] = image_json(*manifest.image);
  root["hyperparameters"] = manifest.hyperparameters;
  root["metrics"] = manifest.metrics;
  return indented(root) + "\n";
}

Manifest read_manifest(const std::filesystem::path& path) {
  const std::string text = read_file(path, kLargest);
  try {
    return parsed(json::parse(without_byte_order_mark(text, in_quotes(path.native(), 200))));
  } catch (const Error&) {
    throw;
  } catch (const boost::system::system_error& e) {  // its what() refers to lines of Boost's source
    if (!is_utf8(text)) {
      throw UserError("Expected UTF-8 in {}, found bytes of another encoding; save it as UTF-8.",
                      in_quotes(path.native(), 200));
    }
    throw UserError("Expected a model description in {}, found a file that is not one: {}.",
                    in_quotes(path.native(), 200), e.code().message());
  } catch (const std::out_of_range&) {
    throw UserError("Expected a model description in {}, found one that lacks a field; write it again by training.",
                    in_quotes(path.native(), 200));
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    throw UserError("Expected a model description in {}, found a file that is not one: {}.",
                    in_quotes(path.native(), 200), printable(e.what()));
  }
}

}  // namespace smlt::artifact
