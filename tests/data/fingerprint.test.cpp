#include "data/fingerprint.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <memory>

#include "tests/catch.hpp"

using namespace smlt;

namespace {

// The peak memory of tensors beyond what there was before.
class Meter : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void*, int64_t bytes, size_t, size_t, c10::Device) override {
    now_ += bytes;
    peak_ = std::max(peak_, now_);
  }
  bool memoryProfilingEnabled() const override { return true; }
  int64_t peak() const { return peak_; }

 private:
  int64_t now_ = 0, peak_ = 0;
};

data::DataSet of(at::Tensor inputs) {
  data::DataSet data;
  data.train = {std::move(inputs), torch::arange(3)};
  return data;
}

}  // namespace

TEST_CASE("the checksum of a table's features needs no copy of the table", "[data]") {
  const at::Tensor table = torch::rand({200'000, 16});  // 12.8 MB
  const data::DataSet view = of(table.narrow(1, 1, 15)), copy = of(table.narrow(1, 1, 15).contiguous());
  const auto meter = std::make_shared<Meter>();
  std::string sum;
  {
    const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, meter);
    sum = data::content(view);
  }
  CHECK(meter->peak() > 0);  // it counts
  CHECK(meter->peak() < (4 << 20));
  CHECK(sum == data::content(copy));
  CHECK(sum != data::content(of(table.narrow(1, 0, 15))));
}

TEST_CASE("the checksum is that of the bytes in order, whatever the view", "[data]") {
  const at::Tensor bytes = torch::tensor({'1', '2', '3', '4', '5', '6', '7', '8', '9'}, torch::kByte);
  data::DataSet data;
  data.train = {bytes, at::Tensor()};
  CHECK(data::content(data) == "content cbf43926");  // CRC-32's check value
  data.train.inputs = bytes.view({3, 3}).t().contiguous().t();
  CHECK(data::content(data) == "content cbf43926");
  data.train.inputs = torch::stack({bytes, bytes}, 1).select(1, 0);
  CHECK(data::content(data) == "content cbf43926");
  data.train.inputs = torch::empty({0, 2}).narrow(1, 1, 1);
  CHECK(data::content(data) == "content 00000000");
}
