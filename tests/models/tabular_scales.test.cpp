#include <torch/script.h>
#include <torch/torch.h>

#include "models/tabular/net.hpp"
#include "models/tabular/scales.hpp"
#include "script/trace.hpp"
#include "tests/catch.hpp"
#include "tests/models/opened.hpp"
#include "tests/temporary.hpp"

using namespace smlt;
using models::tabular::Scale;
using test::channel;

namespace {

std::vector<Scale> scales_of(const std::vector<float>& column) {
  return models::tabular::column_scales(torch::tensor(column).unsqueeze(1));
}

bool asks(const at::Tensor& rows) {
  const std::vector<std::string> names(static_cast<size_t>(rows.size(1)), "a column");
  return models::tabular::unlike_columns(models::tabular::column_scales(rows), names).has_value();
}

// 200 rows of three columns around 0 with deviation 1, and two classes that show in the second.
at::Tensor plain_rows() {
  torch::manual_seed(3);
  return torch::randn({200, 3});
}

// The table with the label first.
std::string table_of(const at::Tensor& rows) {
  std::string text;
  for (int64_t i = 0; i < rows.size(0); ++i) {
    text += std::to_string(i % 2);
    for (int64_t c = 0; c < rows.size(1); ++c) text += fmt::format(",{}", rows[i][c].item<float>());
    text += "\n";
  }
  return text;
}

struct Opened {
  data::DataSet data;
  std::vector<std::string> notes;
};

Opened opened(const at::Tensor& rows, const std::string& standardize) {
  const test::TemporaryDirectory folder;
  folder.write("train.csv", table_of(rows));
  const std::vector<platform::Channel> channels = {channel("train", folder.path())};
  const auto found = test::found_by("tabular", channels);
  Opened result;
  const auto note = [&](const std::string& line) { result.notes.push_back(line); };
  result.data = test::made_model("tabular", {{"standardize", standardize, "test"}})->open({*found, note});
  return result;
}

}  // namespace

TEST_CASE("Means and deviations are numpy's in double, whatever the scale", "[models]") {
  // np.array(column, np.float32).astype(np.float64): mean() and std().
  const std::tuple<std::vector<float>, double, double> cases[] = {
      {{1990, 2000, 2010, 2025}, 2006.25, 12.93010054098575},
      {{1.7e9F, 1.6e9F, 1.5e9F, 1.75e9F}, 1637500000.0, 96014321.84837602},
      {{1e30F, 2e30F, 3e30F, 4e30F}, 2.5e30, 1.118033988749895e30},
      {{3e38F, -3e38F, 3e38F, -3e38F}, 0, 3e38},
      {{1e-6F, 2e-6F, 3e-6F, 5e-6F}, 2.75e-6, 1.479019945774904e-6}};
  for (const auto& [column, mean, deviation] : cases) {
    CHECK(scales_of(column)[0].mean == Approx(mean).epsilon(1e-6));
    CHECK(scales_of(column)[0].deviation == Approx(deviation).epsilon(1e-6));
  }
  CHECK(scales_of({1990, 2000, 2010, 2025})[0].reach == 18.75);
}

TEST_CASE("A constant column is only moved to 0", "[models]") {
  const std::vector<float> tenths(1000, 0.1F);  // whose sum in double is not exact
  const std::vector<Scale> scales = scales_of(tenths);
  CHECK(scales[0].deviation == 0);
  CHECK(scales[0].mean == static_cast<double>(0.1F));
  const data::Scaling scaling = models::tabular::scaling_of(scales);
  CHECK(scaling.deviation.item<float>() == 1);
  CHECK(scaling.mean.item<float>() == 0.1F);
}

TEST_CASE("Columns of a table that is a view are computed from the view", "[models]") {
  const at::Tensor all = torch::tensor({{7.F, 1.F, 10.F}, {7.F, 3.F, 30.F}});
  const std::vector<Scale> scales = models::tabular::column_scales(all.narrow(1, 1, 2));
  REQUIRE(scales.size() == 2);
  CHECK(scales[0].mean == 2);
  CHECK(scales[1].mean == 20);
  CHECK(scales[1].deviation == 10);
}

TEST_CASE("Columns are scaled if their scales require it, and otherwise left alone", "[models]") {
  const at::Tensor plain = plain_rows();
  const auto with_first = [&](const at::Tensor& column) {
    at::Tensor rows = plain.clone();
    rows.select(1, 0).copy_(column);
    return rows;
  };
  CHECK_FALSE(asks(plain));
  CHECK_FALSE(asks(plain * 4 + 2));  // as wide and as far as the tutorial's
  CHECK_FALSE(asks(plain / 4));
  CHECK_FALSE(asks(with_first(torch::zeros({200}))));
  at::Tensor rare = torch::zeros({200});
  rare[17] = 1;  // one-hot: a small deviation, but not a small number
  CHECK_FALSE(asks(with_first(rare)));

  CHECK(asks(plain + 100));
  CHECK(asks(plain * 1000));
  CHECK(asks(plain * 1e-6));
  CHECK(asks(with_first(plain.select(1, 0) * 20 + 50)));      // an age
  CHECK(asks(with_first(plain.select(1, 0) * 10 + 2007)));    // a year
  CHECK(asks(with_first(plain.select(1, 0) * 1e7 + 1.7e9)));  // a time stamp
  CHECK(asks(with_first(plain.select(1, 0) * 1e-6)));         // a share of a million
  CHECK(asks(with_first(plain.select(1, 0) * 1e30)));
  CHECK(asks(with_first(torch::full({200}, 1e9F))));  // constant, and far away
}

TEST_CASE("standardize decides, and the log says which columns and how to turn it off", "[models]") {
  at::Tensor rows = plain_rows();
  CHECK(opened(rows, "auto").notes.empty());
  CHECK_FALSE(opened(rows, "auto").data.scaling);
  CHECK(opened(rows, "true").data.scaling);
  CHECK(opened(rows, "true").notes.size() == 1);
  rows.select(1, 1).mul_(20).add_(50);
  CHECK_FALSE(opened(rows, "false").data.scaling);
  CHECK(opened(rows, "false").notes.empty());
  const Opened unlike = opened(rows, "auto");
  REQUIRE(unlike.data.scaling);
  REQUIRE(unlike.notes.size() == 1);
  CHECK_THAT(unlike.notes[0],
             ContainsSubstring("column 3 (mean ") && ContainsSubstring("standardize=false turns this off"));
  CHECK(torch::allclose(unlike.data.scaling->mean, rows.mean(0), 1e-5, 1e-6));
  CHECK(torch::allclose(unlike.data.scaling->deviation, rows.std(0, /*unbiased=*/false), 1e-5, 1e-6));
}

TEST_CASE("The network scales raw rows, and so does its script", "[models]") {
  const at::Tensor raw = plain_rows() * torch::tensor({1e-6F, 20.F, 1e30F}) + torch::tensor({0.F, 1.7e9F, 1e30F});
  const data::Scaling scaling = models::tabular::scaling_of(models::tabular::column_scales(raw));
  torch::manual_seed(1337);
  models::tabular::Net plain(3, 2);
  torch::manual_seed(1337);
  models::tabular::Net net(3, 2, scaling);
  CHECK(plain.named_buffers().is_empty());
  CHECK(net.named_buffers().keys() == std::vector<std::string>{"mean", "std"});
  const at::Tensor expected = plain.forward((raw - scaling.mean) / scaling.deviation);
  CHECK(net.forward(raw).equal(expected));
  CHECK(expected.isfinite().all().item<bool>());

  torch::jit::Module script = script::to_script(net, raw.narrow(0, 0, 2));
  CHECK(torch::allclose(script.forward({raw}).toTensor(), expected, 0, 1e-6));
}
