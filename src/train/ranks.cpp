#include "train/ranks.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/text.hpp"
#include "data/fingerprint.hpp"

namespace smlt::train {
namespace json = boost::json;
namespace {

// What one rank has, as it tells the others.
json::object holdings(const data::DataSet& data) {
  json::array labels;
  for (const std::string& label : data.labels) labels.emplace_back(printable(label));
  const at::Tensor& inputs = data.train.inputs;
  return {{"rows", data.train.size()},
          {"validation_rows", data.validation.size()},
          {"train", data::content(data.train)},
          {"validation", data::content(data.validation)},
          {"labels", labels},
          {"shape", inputs.defined() ? json::value_from(inputs.sizes().slice(1).vec()) : json::value(nullptr)}};
}

bool all_equal(const std::vector<json::object>& ranks, const char* key) {
  return std::all_of(ranks.begin(), ranks.end(),
                     [&](const json::object& each) { return each.at(key) == ranks[0].at(key); });
}

void refuse_differences(const std::vector<json::object>& ranks) {
  for (size_t i = 1; i < ranks.size(); ++i) {
    for (const auto& [key, what] : {std::pair{"labels", "classes"}, std::pair{"shape", "shape of a row"}}) {
      if (ranks[i].at(key) == ranks[0].at(key)) continue;
      throw UserError(
          "Expected the same {} on every host, found {} on rank 0 and {} on rank {}; give every host the "
          "same channels, or rows of every class.",
          what, in_quotes(json::serialize(ranks[0].at(key)), 200), in_quotes(json::serialize(ranks[i].at(key)), 200),
          i);
    }
  }
}

}  // namespace

Ranks::Ranks(cluster::Group& group, const data::DataSet& data) : group_(&group) {
  if (group.is_alone()) return;
  std::vector<json::object> ranks;
  for (const std::string& text : group.gather(json::serialize(holdings(data)))) {
    ranks.push_back(json::parse(text).as_object());
  }
  refuse_differences(ranks);
  has_shard_ = !all_equal(ranks, "train");
  share_validation_ = all_equal(ranks, "validation");
  for (const json::object& each : ranks) rows_.push_back(each.at("rows").to_number<int64_t>());
  for (const int64_t rows : rows_) total_ += rows;
  for (const json::object& each : ranks) validation_total_ += each.at("validation_rows").to_number<int64_t>();
}

Share Ranks::share(int64_t begin, int64_t end, int64_t batch_size) const {
  if (!has_shard_) {
    const int64_t all = end - begin, before = std::min(all, batch_size * rank());
    return {begin + before, begin + std::min(all, batch_size * (rank() + 1)), before, all};
  }
  Share share{boundary(static_cast<size_t>(rank()), begin), boundary(static_cast<size_t>(rank()), end)};
  for (size_t i = 0; i < rows_.size(); ++i) {
    const int64_t rows = boundary(i, end) - boundary(i, begin);
    if (i < static_cast<size_t>(rank())) share.first_row += rows;
    share.batch_rows += rows;
  }
  return share;
}

void Ranks::sum(const at::Tensor& tensor) const {
  if (are_several()) group_->sum(tensor);
}

void Ranks::broadcast(const std::vector<at::Tensor>& tensors) const {
  if (are_several() && !tensors.empty()) group_->broadcast(tensors);
}

std::string Ranks::broadcast(const std::string& bytes) const {
  if (!are_several()) return bytes;
  at::Tensor length = torch::tensor({static_cast<int64_t>(bytes.size())});
  broadcast({length});
  at::Tensor content = torch::empty({length.item<int64_t>()}, torch::kByte);
  if (leads()) std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(content.mutable_data_ptr<uint8_t>()));
  if (content.numel() > 0) broadcast({content});
  return {reinterpret_cast<const char*>(content.const_data_ptr<uint8_t>()), static_cast<size_t>(content.numel())};
}

}  // namespace smlt::train
