#include "models/birds/choice.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <iterator>
#include <map>
#include <numeric>

#include "base/error.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "datasets/folder.hpp"
#include "machine/quota.hpp"
#include "tensor/permutation.hpp"
#include "tensor/state_dict.hpp"

namespace smlt::models::birds {
namespace fs = std::filesystem;
namespace {

using datasets::ImageFiles;
using Channels = std::span<const platform::Channel>;

// A quarter of memory: decoded images may take another 30 % (image::ImageMemory).
uint64_t most_archived_bytes() {
  return static_cast<uint64_t>(machine::usable_memory().value_or(int64_t{64} << 30)) / 4;
}

// `read` receives the files on disk that they come from.
ImageFiles images_in(const platform::Channel& channel, std::vector<fs::path>& read) {
  const auto tree = datasets::find_cub_tree(channel.path);
  const auto archive = tree ? std::nullopt : datasets::find_cub_archive(channel.path);
  if (archive) {
    read.push_back(*archive);
    return datasets::read_cub_archive(*archive, most_archived_bytes());
  }
  ImageFiles images = tree ? datasets::read_cub_tree(*tree) : datasets::find_class_folders(channel.path);
  for (const ImageFiles::File& file : images.files) read.push_back(file.path);
  if (tree) {
    for (const char* name : {"images.txt", "classes.txt", "image_class_labels.txt"}) read.push_back(*tree / name);
  }
  return images;
}

const platform::Channel* channel_called(Channels channels, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    for (const platform::Channel& channel : channels) {
      if (channel.name == name) return &channel;
    }
  }
  return nullptr;
}

// "013.Bobolink" can be called 13, 013, Bobolink or by its whole name, as in the log or as the folder is called.
bool is_called(std::string_view name, const std::string& wanted) {
  const std::string label = utf8_name(composed(wanted));
  if (name == wanted || name == label) return true;
  const size_t dot = name.find('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view number = name.substr(0, dot), rest = name.substr(dot + 1);
  if (rest == wanted || rest == label) return true;
  const auto without_zeros = [](std::string_view text) {
    return text.substr(std::min(text.find_first_not_of('0'), text.size()));
  };
  const bool is_number =
      !number.empty() && std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
  return is_number && without_zeros(number) == without_zeros(wanted);
}

void refuse_undecodable(const ImageFiles& images, const std::vector<std::string>& wanted,
                        const platform::Channel& channel) {
  for (const ImageFiles::Undecodable& each : images.undecodable) {
    const auto is_meant = [&](const std::string& name) { return is_called(each.name, name); };
    if (!wanted.empty() && std::none_of(wanted.begin(), wanted.end(), is_meant)) continue;
    throw UserError(
        "Expected JPEG or PNG images in the class folder {} of channel {}, found {}; convert them, or leave the folder "
        "out.",
        in_quotes(each.name), in_quotes(channel.name), each.found);
  }
}

void keep_classes(ImageFiles& images, const std::vector<std::string>& wanted) {
  std::vector<bool> kept(images.classes.size(), wanted.empty());
  for (const std::string& name : wanted) {
    bool found = false;
    for (size_t i = 0; i < kept.size(); ++i) {
      if (is_called(images.classes[i], name)) kept[i] = found = true;
    }
    if (!found) {
      throw UserError(
          "Expected the names or numbers of classes in the hyperparameter classes, found {}, which is not one of {}.",
          in_quotes(name), shortened(listed(images.classes), 500));
    }
  }
  ImageFiles out;
  std::vector<int64_t> target(kept.size(), -1);
  for (size_t i = 0; i < kept.size(); ++i) {
    if (!kept[i]) continue;
    target[i] = static_cast<int64_t>(out.classes.size());
    out.classes.push_back(images.classes[i]);
  }
  for (ImageFiles::File& file : images.files) {
    const int64_t now = target[static_cast<size_t>(file.target)];
    if (now < 0) continue;
    file.target = now;
    out.files.push_back(std::move(file));
  }
  images = std::move(out);
}

void leave_out(ImageFiles& images, const std::vector<std::string>& names) {
  std::vector<std::string> endings;
  for (const std::string& name : names) endings.push_back(std::string("/").append(composed(name)));
  const auto is_named = [&](const ImageFiles::File& file) {
    const std::string path = composed(file.path.native());
    return std::any_of(endings.begin(), endings.end(), [&](const std::string& end) { return path.ends_with(end); });
  };
  std::erase_if(images.files, is_named);
}

// With the classes of the training images, matched by name.
void adopt_classes(ImageFiles& images, const ImageFiles& train, const platform::Channel& channel) {
  std::vector<int64_t> target;
  for (const std::string& name : images.classes) {
    const auto found = std::find(train.classes.begin(), train.classes.end(), name);
    target.push_back(found == train.classes.end() ? -1 : found - train.classes.begin());
  }
  for (ImageFiles::File& file : images.files) {
    const auto old = static_cast<size_t>(file.target);
    if (target[old] < 0) {
      throw UserError(
          "Expected class folders in channel {} with the names of those to train on, found {}, which has no images "
          "there.",
          in_quotes(channel.name), in_quotes(images.classes[old]));
    }
    file.target = target[old];
  }
  images.classes = train.classes;
}

// Shares of each class: rounded down to train on and to evaluate on; the rest is set aside.
void split(Files& files, const Choice& choice) {
  ImageFiles all = std::move(files.train);
  files.train.classes = files.validation.classes = all.classes;
  size_t first = 0;
  for (size_t of = 0; of < all.classes.size(); ++of) {
    size_t end = first;
    while (end < all.files.size() && all.files[end].target == static_cast<int64_t>(of)) ++end;
    const auto size = static_cast<int64_t>(end - first);
    const at::Tensor order = tensor::permutation(size, choice.seed, of, tensor::Purpose::kSplit);
    const int64_t* row = order.const_data_ptr<int64_t>();
    const auto share = [&](size_t part) {
      return static_cast<int64_t>(std::floor(static_cast<double>(size) * choice.split[part] + 1e-9));
    };
    for (int64_t i = 0; i < share(0) + share(1); ++i) {
      ImageFiles& part = i < share(0) ? files.train : files.validation;
      part.files.push_back(std::move(all.files[first + static_cast<size_t>(row[i])]));
    }
    first = end;
  }
  files.notes.push_back(
      fmt::format("The one channel of images is split by 'split': {} to train on, {} to evaluate on, {} set aside.",
                  files.train.files.size(), files.validation.files.size(),
                  all.files.size() - files.train.files.size() - files.validation.files.size()));
}

// By content; a damaged one by its name.
bool is_weights(const fs::path& path) {
  const std::string ending = path.extension().native();
  return tensor::looks_like_weights(path) || ending == ".pth" || ending == ".pt" || ending == ".safetensors";
}

fs::path weights_in(const platform::Channel& channel) {
  std::vector<fs::path> found;
  datasets::walk(channel.path, [&](const datasets::Listing& here) {
    std::copy_if(here.files.begin(), here.files.end(), std::back_inserter(found), is_weights);
    return true;
  });
  if (found.size() == 1) return found[0];
  std::vector<std::string> names;
  for (const fs::path& path : found) names.push_back(in_quotes(path.filename().native()));
  std::sort(names.begin(), names.end());
  throw UserError("Expected one weights file (.pth, .pt or .safetensors) in channel {}, found {}.",
                  in_quotes(channel.name), names.empty() ? "none" : listed(names));
}

ImageFiles chosen(const platform::Channel& channel, const Choice& choice, std::vector<fs::path>& read) {
  ImageFiles images = images_in(channel, read);
  refuse_undecodable(images, choice.classes, channel);
  keep_classes(images, choice.classes);
  leave_out(images, choice.exclude);
  return images;
}

}  // namespace

Choice Choice::of(const settings::Settings& settings) {
  Choice choice{
      settings.list("classes"), settings.list("exclude"), {}, static_cast<uint64_t>(settings.integer("seed"))};
  for (const std::string& text : settings.list("split")) {
    double share = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), share);
    choice.split.push_back(error == std::errc() && end == text.data() + text.size() ? share : -1);
  }
  const auto is_share = [](double share) { return share >= 0 && share <= 1; };
  const double sum = std::accumulate(choice.split.begin(), choice.split.end(), 0.0);
  if (choice.split.size() != 3 || !std::all_of(choice.split.begin(), choice.split.end(), is_share) || sum > 1 + 1e-9) {
    throw UserError(
        "Expected three shares of at most 1 in all for the hyperparameter split, as in 0.6,0.2,0.2, found {}.",
        in_quotes(settings::to_text(settings.list("split"))));
  }
  return choice;
}

Files choose_files(Channels channels, const Choice& choice) {
  Files files;
  const platform::Channel* training = channel_called(channels, {"train", "training"});
  if (training != nullptr) files.train = chosen(*training, choice, files.read);
  if (files.train.files.empty()) {
    throw UserError("Expected images to train on in a channel called 'train' or 'training', found none there.");
  }
  if (const platform::Channel* evaluation = channel_called(channels, {"validation", "test"})) {
    files.validation = chosen(*evaluation, choice, files.read);
    if (files.validation.files.empty()) {
      throw UserError("Expected images to evaluate on in channel {}, found none; add them or leave the channel out.",
                      in_quotes(evaluation->name));
    }
    adopt_classes(files.validation, files.train, *evaluation);
  } else {
    split(files, choice);
    if (files.train.files.empty()) {
      throw UserError(
          "Expected enough images in a class of channel {} to train on a share of {} of them, found too few in every "
          "class; add images, raise the first number of the hyperparameter split, or add a channel 'validation'.",
          in_quotes(training->name), choice.split[0]);
    }
  }
  if (const platform::Channel* pretrained = channel_called(channels, {"pretrained"})) {
    files.weights = weights_in(*pretrained);
    files.read.push_back(*files.weights);
  }
  return files;
}

}  // namespace smlt::models::birds
