#include "serve/model_table.hpp"

#include <filesystem>

#include "tests/serve/served_models.hpp"

using namespace smlt;
using namespace smlt::test;

namespace {

settings::Endpoint for_many(int64_t memory) {
  settings::Endpoint settings = chosen_settings();
  settings.multi_model = true;
  settings.models_memory = memory;
  return settings;
}

// Models that Python could have written, below one root, and the table of them.
class Table {
 public:
  explicit Table(int64_t memory = int64_t{64} << 20, c10::Device device = c10::kCPU)
      : table_(directory_.path(), for_many(memory), device, quiet()) {}

  std::string put(const std::string& name, const std::string& code) {
    const std::filesystem::path folder = directory_.path() / name;
    std::filesystem::create_directories(folder);
    torch::jit::Module module("Net");
    module.register_parameter("weight", torch::full({1}, 2.0F), false);
    module.define(code);
    module.save((folder / "model.pt").string());
    return folder.native();
  }

  http::Response load(const std::string& name, const std::string& url) {
    http::Request request{"POST", "/models", "", {}, {}};
    request.body = boost::json::serialize(boost::json::object{{"model_name", name}, {"url", url}});
    return answer([&](const http::Reply& reply) { table_.load(request, reply); });
  }
  http::Response unload(const std::string& name) {
    return answer([&](const http::Reply& reply) { table_.unload(named(name), reply); });
  }
  http::Response invoke(const std::string& name, const std::string& body) {
    http::Request request = named(name);
    request.headers.emplace_back("Content-Type", kJson);
    request.body = body;
    return answer([&](const http::Reply& reply) { table_.invoke(std::move(request), reply); });
  }
  const serve::ModelTable& table() const { return table_; }

 private:
  static http::Request named(const std::string& name) {
    http::Request request{"POST", "", "", {}, {}};
    request.segment = name;
    return request;
  }
  template <typename Ask>
  http::Response answer(Ask ask) {
    std::promise<http::Response> promise;
    ask([&](http::Response response) { promise.set_value(std::move(response)); });
    return promise.get_future().get();
  }

  TemporaryDirectory directory_;
  serve::ModelTable table_;
};

constexpr const char* kDoubling = "def forward(self, x):\n  return x * self.weight\n";
constexpr const char* kWithoutBound =
    "def forward(self, x):\n  return torch.zeros([1 << 40], device=x.device) + x.sum()\n";

}  // namespace

TEST_CASE("A model answers from its loading to its unloading", "[serve]") {
  Table models;
  const std::string url = models.put("a", kDoubling);
  CHECK(models.invoke("n", "[1]").status == 404);
  CHECK(models.load("n", url).status == 200);
  CHECK(models.invoke("n", "[1, 2]").body == "[2.0, 4.0]");
  CHECK(models.load("n", url).status == 409);
  CHECK(models.unload("n").status == 200);
  CHECK(models.unload("n").status == 404);
  CHECK(models.invoke("n", "[1]").status == 404);
}

TEST_CASE("What models take is counted, and given back when they are unloaded or cannot be loaded", "[serve]") {
  Table models(int64_t{1200} << 10);  // room for two
  const std::string url = models.put("a", kDoubling);
  const auto taken = [&] {
    const std::string text = models.table().metrics();
    const std::string name = "\nsmlt_models_bytes ";
    return std::stoll(text.substr(text.find(name) + name.size()));
  };
  CHECK(models.load("1", url).status == 200);
  const long long one = taken();
  CHECK(models.load("bad", models.put("bad", "def forward(self):\n  return 1\n")).status == 200);  // refused when asked
  CHECK(models.unload("bad").status == 200);
  CHECK(taken() == one);
  CHECK(models.load("2", url).status == 200);
  const http::Response third = models.load("3", url);
  CHECK(third.status == 507);
  CHECK_THAT(third.body, ContainsSubstring("taken by 2 others; unload some, or raise --models-memory-mb."));
  CHECK(taken() == 2 * one);
  CHECK(models.unload("1").status == 200);
  CHECK(models.load("3", url).status == 200);
}

TEST_CASE("A prediction without memory is 507, so that the platform unloads others", "[serve]") {
  Table models;
  REQUIRE(models.load("n", models.put("a", kWithoutBound)).status == 200);
  const http::Response response = models.invoke("n", "[1]");
  CHECK(response.status == 507);
  CHECK(code_of(response) == "out_of_memory");
  CHECK(models.load("m", models.put("b", kDoubling)).status == 200);
}

TEST_CASE("A prediction without memory on the GPU is 507 too", "[cuda]") {
  if (!torch::cuda::is_available()) {
    WARN("skipped: expected a GPU, found none");
    return;
  }
  Table models(int64_t{64} << 20, c10::Device(c10::kCUDA));
  REQUIRE(models.load("n", models.put("a", kWithoutBound)).status == 200);
  CHECK(models.invoke("n", "[1]").status == 507);
  REQUIRE(models.load("m", models.put("b", kDoubling)).status == 200);
  CHECK(models.invoke("m", "[1]").body == "[2.0]");
}
