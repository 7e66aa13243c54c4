#include "serve/model_request.hpp"

#include <boost/json.hpp>
#include <fstream>

#include "tests/catch.hpp"
#include "tests/temporary.hpp"

using namespace smlt;
namespace fs = std::filesystem;

namespace {

std::string body(const std::string& name, const fs::path& url) {
  return boost::json::serialize(boost::json::object{{"model_name", name}, {"url", url.native()}});
}

}  // namespace

TEST_CASE("A request for a model names a folder below the root, whatever links say", "[serve]") {
  const test::TemporaryDirectory directory;
  const fs::path root = directory.path() / "models";
  fs::create_directories(root / "a" / "model");
  fs::create_directories(directory.path() / "models-of-others" / "b");
  fs::create_directory_symlink(directory.path() / "models-of-others", root / "others");
  fs::create_directory_symlink(root / "a", directory.path() / "link");
  const serve::ModelRequest request = serve::read_model_request(body("n", root / "a" / "model"), root);
  CHECK(request.name == "n");
  CHECK(request.directory == fs::canonical(root / "a" / "model"));
  CHECK(serve::read_model_request(body("n", directory.path() / "link" / "model"), root).directory == request.directory);
  CHECK(serve::read_model_request(body("n", root / "a" / ".." / "a" / "model"), root).directory == request.directory);
  for (const fs::path& outside : {root / "others" / "b", directory.path() / "models-of-others" / "b", root,
                                  root / ".." / "models-of-others", fs::path("/")}) {
    CHECK_THROWS_WITH(serve::read_model_request(body("n", outside), root), ContainsSubstring("Expected a url below "));
  }
}

TEST_CASE("A model whose files are links to others' is refused", "[serve]") {
  const test::TemporaryDirectory directory;
  const fs::path model = directory.path() / "models" / "a";
  fs::create_directories(model);
  fs::create_symlink("/etc/hostname", model / "model.pt");
  CHECK_THROWS_WITH(serve::read_model_request(body("n", model), directory.path() / "models"),
                    ContainsSubstring("found the link "));
}

TEST_CASE("A request for a model is strict JSON with a name and a url", "[serve]") {
  const test::TemporaryDirectory root;
  for (const char* text : {"", "{", "[1]", "3", "{} {}"}) {
    CHECK_THROWS_WITH(serve::read_model_request(text, root.path()),
                      ContainsSubstring("Expected {\"model_name\": NAME, \"url\": FOLDER} as the body"));
  }
  CHECK_THROWS_WITH(serve::read_model_request(R"({"model_name": "", "url": "/"})", root.path()),
                    ContainsSubstring("Expected model_name in the body"));
  CHECK_THROWS_WITH(serve::read_model_request(body(std::string(5000, 'n'), "/"), root.path()),
                    ContainsSubstring("a text of 1 to 4096 bytes without NUL, found one of 5000 bytes"));
}

TEST_CASE("A model counts with the largest of its files", "[serve]") {
  const test::TemporaryDirectory directory;
  std::ofstream(directory.path() / "a") << std::string(10, 'x');
  std::ofstream(directory.path() / "b") << std::string(30, 'x');
  fs::create_directory(directory.path() / "c");
  CHECK(serve::largest_file(directory.path()) == 30);
}
