#include "train/ranks.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <tuple>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "data/fingerprint.hpp"

namespace smlt::train {
namespace json = boost::json;
namespace {

// What one rank has, as it tells the others.
json::object holdings(const data::DataSet& data, c10::Device device) {
  json::array labels;
  for (const std::string& label : data.labels) labels.emplace_back(printable(label));
  const at::Tensor& inputs = data.train.inputs;
  return {{"device", device.is_cuda() ? "GPU" : "CPU"},
          {"rows", data.train.size()},
          {"validation_rows", data.validation.size()},
          {"train", data::content(data.train)},
          {"validation", data::content(data.validation)},
          {"labels", labels},
          {"shape", inputs.defined() ? json::value_from(inputs.sizes().slice(1).vec()) : json::value(nullptr)}};
}

// Ranks whose `key` is that of `rank`: how many come before it, and how many there are.
std::pair<int64_t, int64_t> turn_of(const std::vector<json::object>& ranks, size_t rank, const char* key) {
  int64_t before = 0, all = 0;
  for (size_t i = 0; i < ranks.size(); ++i) {
    if (ranks[i].at(key) != ranks[rank].at(key)) continue;
    ++all;
    if (i < rank) ++before;
  }
  return {before, all};
}

void refuse_differences(const cluster::Group& group, const std::vector<json::object>& ranks) {
  for (size_t i = 1; i < ranks.size(); ++i) {
    const std::string first = group.name(0), other = group.name(static_cast<int>(i));
    if (ranks[i].at("device") != ranks[0].at("device")) {
      throw PlatformError(
          "Expected every host to compute on the same kind of device, found a {} on {} and a {} on {}; set device=cpu, "
          "or look at that host's GPU driver.",
          ranks[0].at("device").as_string().c_str(), first, ranks[i].at("device").as_string().c_str(), other);
    }
    for (const auto& [key, what] : {std::pair{"labels", "classes"}, std::pair{"shape", "shape of a row"}}) {
      if (ranks[i].at(key) == ranks[0].at(key)) continue;
      throw UserError(
          "Expected the same {} on every host, found {} on {} and {} on {}; give every host data of the same kind, "
          "with rows of every class.",
          what, in_quotes(json::serialize(ranks[0].at(key)), 200), first,
          in_quotes(json::serialize(ranks[i].at(key)), 200), other);
    }
  }
}

int64_t number(const json::object& rank, const char* key) { return rank.at(key).to_number<int64_t>(); }

}  // namespace

Ranks::Ranks(cluster::Group& group, const data::DataSet& data, c10::Device device) : group_(&group) {
  std::vector<json::object> ranks;
  for (const std::string& text : group.gather(json::serialize(holdings(data, device)))) {
    ranks.push_back(json::parse(text).as_object());
  }
  refuse_differences(group, ranks);
  std::set<std::string> contents;
  for (size_t i = 0; i < ranks.size(); ++i) {
    const auto [before, all] = turn_of(ranks, i, "train");
    const int64_t rows = number(ranks[i], "rows"), first = rows * before / all;
    rows_.push_back(rows * (before + 1) / all - first);
    total_ += rows_.back();
    if (static_cast<int>(i) == rank()) first_ = first;
    contents.emplace(ranks[i].at("train").as_string().c_str());
    if (turn_of(ranks, i, "validation").first == 0) validation_total_ += number(ranks[i], "validation_rows");
  }
  has_shard_ = contents.size() > 1;
  if (has_shard_) shards_ = listed(std::vector<std::string>(contents.begin(), contents.end()));
  std::tie(turn_, turns_) = turn_of(ranks, static_cast<size_t>(rank()), "validation");
}

Share Ranks::share(int64_t begin, int64_t end, int64_t batch_size) const {
  if (!has_shard_) {
    const int64_t all = end - begin, before = std::min(all, batch_size * rank());
    return {begin + before, begin + std::min(all, batch_size * (rank() + 1)), before, all};
  }
  const auto own = static_cast<size_t>(rank());
  Share share{first_ + boundary(own, begin), first_ + boundary(own, end)};
  for (size_t i = 0; i < rows_.size(); ++i) {
    const int64_t rows = boundary(i, end) - boundary(i, begin);
    if (i < own) share.first_row += rows;
    share.batch_rows += rows;
  }
  return share;
}

void Ranks::sum(const at::Tensor& tensor) const {
  if (are_several()) group_->sum(tensor);
}

cluster::Pending Ranks::start_sum(const at::Tensor& tensor) const {
  return are_several() ? group_->start_sum(tensor) : cluster::Pending();
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
