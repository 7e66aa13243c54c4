#include "serve/shape.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <optional>
#include <span>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/array/shape.hpp"

namespace smlt::serve {
namespace {

using Size = std::optional<int64_t>;

// Whether `sizes` fit a record; unknown sizes may be anything.
bool fits(at::IntArrayRef sizes, std::span<const Size> record) {
  if (sizes.size() != record.size()) return false;
  for (size_t i = 0; i < record.size(); ++i) {
    if (sizes[i] < 1 || (record[i] && sizes[i] != *record[i])) return false;
  }
  return true;
}

// The shape of a record that arrives flat: unknown sides of an image are those it is cropped to.
std::optional<std::vector<int64_t>> flat_record(std::span<const Size> record, const artifact::Manifest& manifest) {
  std::vector<int64_t> sizes;
  for (size_t i = 0; i < record.size(); ++i) {
    const int64_t crop = !manifest.image ? 0 : i == 1 ? manifest.image->crop_height : manifest.image->crop_width;
    const int64_t size = record[i].value_or(i > 0 ? crop : 0);
    if (size < 1) return std::nullopt;
    sizes.push_back(size);
  }
  return sizes;
}

at::Tensor unflattened(const at::Tensor& numbers, std::vector<int64_t> record) {
  int64_t features = 1;
  for (const int64_t size : record) features *= size;
  if (numbers.dim() > 2 || (numbers.size(-1) != features && (numbers.dim() == 2 || features != 1))) return {};
  record.insert(record.begin(), numbers.dim() == 2 ? numbers.size(0) : numbers.size(0) / features);
  return numbers.reshape(record);
}

// Undefined if this shape cannot be meant.
at::Tensor with_all_dimensions(const at::Tensor& numbers, std::span<const Size> record,
                               const artifact::Manifest& manifest) {
  const at::IntArrayRef sizes = numbers.sizes();
  if (sizes.empty()) return {};
  if (fits(sizes.slice(1), record)) return numbers;
  if (fits(sizes, record)) return numbers.unsqueeze(0);
  if (record.size() == 3 && record[0] == Size(1)) {
    if (fits(sizes.slice(1), record.subspan(1))) return numbers.unsqueeze(1);
    if (fits(sizes, record.subspan(1))) return numbers.unsqueeze(0).unsqueeze(0);
  }
  const auto flat = flat_record(record, manifest);
  return flat ? unflattened(numbers, *flat) : at::Tensor();
}

std::string wanted(std::span<const Size> record, const artifact::Manifest& manifest) {
  std::string text = "(N";
  for (const Size& size : record) text += size ? fmt::format(", {}", *size) : ", any";
  text += ")";
  const auto flat = flat_record(record, manifest);
  if (!flat || record.size() < 2) return text;
  int64_t features = 1;
  for (const int64_t size : *flat) features *= size;
  return fmt::format("{} or rows of {}", text, features);
}

}  // namespace

Shaped shaped(const at::Tensor& numbers, const artifact::Manifest& manifest, std::string_view name) {
  const auto record =
      std::span<const Size>(manifest.input_shape).subspan(std::min<size_t>(1, manifest.input_shape.size()));
  const at::Tensor rows = with_all_dimensions(numbers, record, manifest);
  if (!rows.defined()) {
    throw UserError("Expected numbers of shape {} in {}, which model {} takes, found shape {}.",
                    wanted(record, manifest), name, in_quotes(manifest.model), codec::shape_text(numbers.sizes()));
  }
  if (rows.size(0) == 0) throw UserError("Expected at least one record in {}, found none.", name);
  return {rows.to(at::kFloat).contiguous(), numbers.dim() == 1 && record.size() == 1};
}

}  // namespace smlt::serve
