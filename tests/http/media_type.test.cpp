#include "http/media_type.hpp"

#include "tests/catch.hpp"

using namespace smlt::http;

namespace {

const std::vector<std::string> kOffered = {"application/json", "text/csv", "application/x-npy"};

std::string chosen(std::string_view accept) {
  const auto type = negotiated(accept, kOffered);
  return type ? type->name : "none";
}

}  // namespace

TEST_CASE("A media type is read with its parameters, whatever the case and blanks", "[http]") {
  const auto type = parse_media_type(" Application/X-NPY ;dtype=float32; Name=\"a;\\\"b\" ");
  REQUIRE(type);
  CHECK(type->name == "application/x-npy");
  CHECK(type->parameter("dtype") == "float32");
  CHECK(type->parameter("name") == "a;\"b");
  CHECK(type->parameter("charset").empty());
}

TEST_CASE("What is not a media type is refused", "[http]") {
  for (const char* text : {"", "json", "a/", "/b", "a b/c", "text/csv; =1", "text/csv; charset", "a/b/c"}) {
    CHECK_FALSE(parse_media_type(text).has_value());
  }
}

TEST_CASE("The client's favourite among the offered types is chosen", "[http]") {
  CHECK(chosen("text/csv") == "text/csv");
  CHECK(chosen("text/csv;q=0.5, application/x-npy") == "application/x-npy");
  CHECK(chosen("image/png, application/*;q=0.3") == "application/json");
  CHECK(chosen("*/*, application/json;q=0.1") == "text/csv");
  CHECK(chosen("application/json;q=0.9") == "application/json");
  CHECK(negotiated("application/x-npy; dtype=float32", kOffered)->parameter("dtype") == "float32");
}

TEST_CASE("Without a preference the server's first type is chosen", "[http]") {
  for (const char* accept : {"", "*/*", "nonsense", "*/*;q=0.8"}) CHECK(chosen(accept) == "application/json");
}

TEST_CASE("Nothing is chosen if nothing offered is acceptable", "[http]") {
  CHECK(chosen("image/png") == "none");
  CHECK(chosen("application/json;q=0, image/png") == "none");
  CHECK(chosen("text/csv;q=nonsense") == "none");
}
