#include "report/page.hpp"

#include <boost/json.hpp>

#include "base/file.hpp"
#include "base/text.hpp"
#include "tests/catch.hpp"
#include "tests/temporary.hpp"

using namespace smlt;

namespace {

std::string page(std::vector<boost::json::object> epochs, boost::json::object hyperparameters = {}) {
  const test::TemporaryDirectory directory;
  const artifact::Manifest manifest{.model = "mnist",
                                    .recipe = "tutorial",
                                    .input_shape = {},
                                    .output = "logits",
                                    .labels = {},
                                    .image = {},
                                    .hyperparameters = std::move(hyperparameters),
                                    .metrics = {{"validation_accuracy", 0.9881}}};
  report::write_page(directory.path() / "report.html", manifest, epochs);
  return read_file(directory.path() / "report.html", 1 << 20);
}

}  // namespace

TEST_CASE("The report shows every epoch, the exported metrics and the curves", "[report]") {
  const std::string html = page({{{"epoch", 1}, {"train_loss", 0.5}, {"validation_loss", 0.25}},
                                 {{"epoch", 2}, {"train_loss", 0.375}, {"validation_loss", 0.125}}});
  for (const char* text : {"mnist", "0.9881", "0.375", "0.125", "<polyline", "train_loss"})
    CHECK_THAT(html, ContainsSubstring(text));
  CHECK(html.find("http") == std::string::npos);
  CHECK(html.find("<script") == std::string::npos);
}

TEST_CASE("The report of a job without a finished epoch says so", "[report]") {
  CHECK_THAT(page({}), ContainsSubstring("No epoch was completed") && ContainsSubstring("Not measured"));
}

TEST_CASE("Text from users is shown as text, never as markup", "[report]") {
  const std::string html = page({}, {{"name", "<b>\"&'</b>"}});
  CHECK(html.find("<b>") == std::string::npos);
  CHECK_THAT(html, ContainsSubstring("&lt;b&gt;&quot;&amp;"));
}

TEST_CASE("The report is valid UTF-8 without control characters whatever a user wrote", "[report]") {
  const std::string html = page({}, {{"exclude", boost::json::array{"caf\xe9", "\x01"}}, {"name", "\xff\x02\x7f"}});
  CHECK(is_utf8(html));
  CHECK(html.find_first_of("\x01\x02\x7f") == std::string::npos);
  CHECK_THAT(html, ContainsSubstring("caf\uFFFD") && ContainsSubstring("<td>\uFFFD  </td>"));
}
