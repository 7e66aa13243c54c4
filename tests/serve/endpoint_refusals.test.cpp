// What is refused: requests, models, and requests for which there is no room or time.
#include "tests/serve/served_models.hpp"

using namespace smlt;
using namespace smlt::test;

TEST_CASE("A request that cannot be answered gets a sentence and the right status", "[serve]") {
  Digits digits;
  const auto check = [&](const http::Response& response, int status, const std::string& code,
                         const std::string& phrase) {
    CHECK(response.status == status);
    CHECK(code_of(response) == code);
    CHECK_THAT(response.body, ContainsSubstring(phrase));
  };
  check(ask(*digits.endpoint, "application/xml", "<a/>"), 415, "unsupported_media_type", "found 'application/xml'");
  check(ask(*digits.endpoint, "", "hello"), 415, "unsupported_media_type", "does not start like");
  check(ask(*digits.endpoint, kJson, "[1]", "text/html"), 406, "not_acceptable", "found 'text/html'");
  check(ask(*digits.endpoint, kJson, "[1]", kNpy + ";dtype=int8"), 406, "not_acceptable", "found 'int8'");
  check(ask(*digits.endpoint, kJson, "[1, 2"), 400, "bad_request", "the body of the request");
  check(ask(*digits.endpoint, kNpy, "\x93NUMPY"), 400, "bad_request", "the body of the request");
  check(ask(*digits.endpoint, kNpy, npy(torch::zeros({2, 3}))), 400, "bad_request", "found shape (2, 3)");
  check(ask(*digits.endpoint, "image/png", "no image"), 400, "bad_request", "the body of the request");
  for (const std::string& mark : {std::string(), std::string("\xFF\xFE")}) {
    const std::string wide = mark + std::string("[\0001\0]\0", 6);
    for (const char* type : {"application/json", "application/jsonlines", "text/csv", "application/octet-stream"}) {
      check(ask(*digits.endpoint, type, wide), 400, "bad_request", "found UTF-16; save it as UTF-8.");
    }
  }
  check(ask(*digits.endpoint, "", std::string("\xFE\xFF\0[\0001\0]", 8)), 400, "bad_request", "found UTF-16");
  check(ask(*digits.endpoint, "", std::string("\0\0\x80\x3f\0\0\x80\x3f", 8)), 415, "unsupported_media_type",
        "does not start like");  // numbers as they are in memory
  CHECK(ask(*digits.endpoint, kJson, "").status == 204);
}

TEST_CASE("A model.json whose labels do not match the network's outputs is refused when it is loaded", "[serve]") {
  Digits digits;
  artifact::Manifest manifest = digits_manifest();
  manifest.labels.pop_back();
  artifact::save(digits.directory.path(), digits.net, torch::zeros({1, 1, 28, 28}), manifest);
  const auto open = [&] { serve::Endpoint endpoint(digits.directory.path(), chosen_settings(), c10::kCPU, quiet()); };
  CHECK_THROWS_WITH(open(), ContainsSubstring("model.pt and model.json belong to different models"));
}

TEST_CASE("A directory without a model that can be served is refused", "[serve]") {
  test::TemporaryDirectory directory;
  const auto open = [&] { serve::Endpoint endpoint(directory.path(), chosen_settings(), c10::kCPU, quiet()); };
  CHECK_THROWS_WITH(open(), ContainsSubstring("found no model.pt"));
  directory.write("model.tar.gz", "x");
  directory.write("a.pt", "x");
  CHECK_THROWS_WITH(open(), ContainsSubstring("a.pt") && ContainsSubstring("cannot be loaded"));
  directory.write("b.pth", "x");
  CHECK_THROWS_WITH(open(), ContainsSubstring("found a.pt and b.pth"));
  c10::Dict<std::string, at::Tensor> weights;
  weights.insert("fc.weight", torch::ones({2}));
  const std::vector<char> saved = torch::pickle_save(weights);
  directory.write("model.pt", {saved.data(), saved.size()});
  CHECK_THROWS_WITH(open(), ContainsSubstring("torch.save"));
}

TEST_CASE("A full queue refuses at once and says when to come again", "[serve]") {
  settings::Endpoint chosen = chosen_settings(1);
  chosen.queue_size = 1;
  Digits digits(chosen);
  const std::string body = npy(torch::rand({500, 1, 28, 28}));
  std::vector<std::promise<http::Response>> answers(20);
  for (auto& answer : answers) {
    digits.endpoint->invoke({"POST", "/invocations", "", {{"Content-Type", kNpy}}, body},
                            [&answer](http::Response response) { answer.set_value(std::move(response)); });
  }
  int refused = 0;
  for (auto& answer : answers) {
    const http::Response response = answer.get_future().get();
    if (response.status == 200) continue;
    CHECK(response.status == 503);
    CHECK(code_of(response) == "queue_full");
    CHECK(response.headers == http::Headers{{"Retry-After", "1"}});
    ++refused;
  }
  CHECK(refused > 0);
  CHECK(refused < 20);
}

TEST_CASE("What has waited longer than the timeout is turned away", "[serve]") {
  settings::Endpoint chosen = chosen_settings(1);
  chosen.timeout = std::chrono::milliseconds(0);
  Digits digits(chosen);
  const http::Response late = ask(*digits.endpoint, kJson, "[1]");
  CHECK(late.status == 503);
  CHECK(code_of(late) == "overloaded");
  CHECK(late.headers == http::Headers{{"Retry-After", "1"}});
}

// However slow the machine is: each line adds to the time, and there are more than can be answered in it.
TEST_CASE("What nobody waits for any more is not computed to its end", "[serve]") {
  settings::Endpoint chosen = chosen_settings(1);
  chosen.timeout = std::chrono::seconds(2);
  Bare slow(
      "def forward(self, x):\n"
      "  for i in range(1000):\n"
      "    x = torch.sin(x + torch.zeros([10000]).sum())\n"
      "  return x\n",
      "model.pt", chosen);
  std::string lines;
  for (int line = 0; line < 20000; ++line) lines += "[1]\n";
  const http::Response late = ask(*slow.endpoint, kLines, lines);
  CHECK(late.status == 504);
  CHECK(code_of(late) == "prediction_timeout");
  CHECK(ask(*slow.endpoint, kJson, "[1]").status == 200);
}

TEST_CASE("Answers that are too large, and lack of memory, are not bugs in the program", "[serve]") {
  Bare wide("def forward(self, x):\n  return x.expand([12000000])\n");
  const http::Response large = ask(*wide.endpoint, kJson, "[1]");
  CHECK(large.status == 413);
  CHECK(code_of(large) == "answer_too_large");
  CHECK(ask(*wide.endpoint, kJson, "[1]", kNpy).status == 200);
  Bare greedy("def forward(self, x):\n  return torch.zeros([1125899906842624])\n");
  const http::Response none = ask(*greedy.endpoint, kJson, "[1]");
  CHECK(none.status == 500);
  CHECK(code_of(none) == "out_of_memory");
}
