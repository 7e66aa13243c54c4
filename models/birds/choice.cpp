#include "models/birds/choice.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <numeric>

#include "base/error.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "tensor/permutation.hpp"

namespace smlt::models::birds {
namespace fs = std::filesystem;
namespace {

using datasets::ImageFiles;

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

void refuse_undecodable(const ImageFiles& images, const std::vector<std::string>& wanted, const std::string& channel) {
  for (const ImageFiles::Undecodable& each : images.undecodable) {
    const auto is_meant = [&](const std::string& name) { return is_called(each.name, name); };
    if (!wanted.empty() && std::none_of(wanted.begin(), wanted.end(), is_meant)) continue;
    throw UserError(
        "Expected JPEG or PNG images in the class folder {} of channel {}, found {}; convert them, or leave the folder "
        "out.",
        in_quotes(each.name), in_quotes(channel), each.found);
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
void adopt_classes(ImageFiles& images, const ImageFiles& train, const std::string& channel) {
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
          in_quotes(channel), in_quotes(images.classes[old]));
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

// `read` receives the files that they come from.
ImageFiles chosen(Images& found, const Choice& choice, std::vector<fs::path>& read) {
  auto [images, files] = found.listed.take();
  read.insert(read.end(), files.begin(), files.end());
  refuse_undecodable(images, choice.classes, found.channel);
  keep_classes(images, choice.classes);
  leave_out(images, choice.exclude);
  return std::move(images);
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

Files choose_files(Found::Chosen& found, const Choice& choice) {
  Files files;
  files.weights = found.weights;
  if (found.weights) files.read.push_back(*found.weights);
  files.train = chosen(found.training, choice, files.read);
  if (files.train.files.empty()) {
    throw UserError(
        "Expected images to train on in channel {}, found none that the hyperparameters classes and exclude leave.",
        in_quotes(found.training.channel));
  }
  if (found.evaluation) {
    files.validation = chosen(*found.evaluation, choice, files.read);
    if (files.validation.files.empty()) {
      throw UserError("Expected images to evaluate on in channel {}, found none; add them or leave the channel out.",
                      in_quotes(found.evaluation->channel));
    }
    adopt_classes(files.validation, files.train, found.evaluation->channel);
    return files;
  }
  split(files, choice);
  if (files.train.files.empty()) {
    throw UserError(
        "Expected enough images in a class of channel {} to train on a share of {} of them, found too few in every "
        "class; add images, raise the first number of the hyperparameter split, or add a channel 'validation'.",
        in_quotes(found.training.channel), choice.split[0]);
  }
  return files;
}

}  // namespace smlt::models::birds
