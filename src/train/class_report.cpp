#include "train/class_report.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <boost/json.hpp>
#include <tuple>

#include "base/text.hpp"

namespace smlt::train {
namespace json = boost::json;
namespace {

constexpr size_t kShownMistakes = 5;

std::string mistakes_line(const at::Tensor& confusion, const std::vector<std::string>& labels) {
  const auto counts = confusion.accessor<int64_t, 2>();
  std::vector<std::tuple<int64_t, int64_t, int64_t>> mistakes;  // minus the count, right, said
  for (int64_t right = 0; right < confusion.size(0); ++right) {
    for (int64_t said = 0; said < confusion.size(1); ++said) {
      if (right != said && counts[right][said] > 0) mistakes.emplace_back(-counts[right][said], right, said);
    }
  }
  std::sort(mistakes.begin(), mistakes.end());
  mistakes.resize(std::min(mistakes.size(), kShownMistakes));
  std::vector<std::string> phrases;
  for (const auto& [count, right, said] : mistakes) {
    phrases.push_back(fmt::format("{} for {} ({} times)", in_quotes(labels[static_cast<size_t>(right)]),
                                  in_quotes(labels[static_cast<size_t>(said)]), -count));
  }
  return "Most frequent mistakes: " + (phrases.empty() ? "none" : listed(phrases)) + ".";
}

}  // namespace

at::Tensor confusion_matrix(const StepContext& context, const data::Split& split) {
  const torch::NoGradGuard no_grad;
  const bool was_training = context.net.is_training();
  context.net.eval();
  const auto classes = static_cast<int64_t>(context.data.labels.size());
  at::Tensor counts = torch::zeros({classes * classes}, torch::kLong);
  const c10::Device device = tensor::device_of(context.net);
  const int64_t step = context.model.evaluation_batch_size();
  const Ranks& ranks = context.ranks;
  for (int64_t first = ranks.turn() * step; first < split.size(); first += ranks.turns() * step) {
    const at::Tensor rows = torch::arange(first, std::min(first + step, split.size()));
    const data::Batch batch = context.model.batch(context.data, split, rows);
    const at::Tensor said = context.model.forward(context.net, batch.to(device)).argmax(1).cpu();
    counts += torch::bincount(batch.targets * classes + said, {}, classes * classes);
  }
  context.net.train(was_training);
  ranks.sum(counts);
  return counts.view({classes, classes});
}

std::vector<std::string> class_lines(const at::Tensor& confusion, const std::vector<std::string>& labels) {
  const auto counts = confusion.accessor<int64_t, 2>();
  std::vector<std::string> lines;
  for (int64_t right = 0; right < confusion.size(0); ++right) {
    const int64_t rows = confusion[right].sum().item<int64_t>();
    if (rows == 0) continue;
    lines.push_back(fmt::format("Class {}: {} of {} right ({:.1f}%)", in_quotes(labels[static_cast<size_t>(right)]),
                                counts[right][right], rows,
                                100.0 * static_cast<double>(counts[right][right]) / static_cast<double>(rows)));
  }
  lines.push_back(mistakes_line(confusion, labels));
  return lines;
}

json::object class_json(const at::Tensor& confusion, const std::vector<std::string>& labels) {
  json::array names, accuracy, matrix;
  for (int64_t right = 0; right < confusion.size(0); ++right) {
    const at::Tensor row = confusion[right].contiguous();
    const int64_t* counts = row.const_data_ptr<int64_t>();
    const int64_t rows = row.sum().item<int64_t>();
    names.emplace_back(printable(labels[static_cast<size_t>(right)]));
    accuracy.push_back(rows == 0 ? json::value(nullptr)
                                 : json::value(static_cast<double>(counts[right]) / static_cast<double>(rows)));
    matrix.emplace_back(json::array(counts, counts + row.numel()));
  }
  return {{"labels", names}, {"class_accuracy", accuracy}, {"confusion_matrix", matrix}};
}

}  // namespace smlt::train
