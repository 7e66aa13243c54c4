#include "datasets/looks.hpp"

#include <sys/stat.h>

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "tests/codec/archive/made_gzip.hpp"
#include "tests/codec/image/made_png.hpp"
#include "tests/datasets/fresh_looks.hpp"
#include "tests/datasets/made_cifar.hpp"
#include "tests/temporary.hpp"

using namespace smlt::datasets;
using namespace std::string_literals;
using smlt::codec::TableLook;
using smlt::test::fresh_looks;
using smlt::test::made_gzip;
using smlt::test::made_tar;
using smlt::test::TemporaryDirectory;

namespace {

const std::string kLabels = "\0\0\x08\x01\0\0\0\x03"s + "123";

}  // namespace

TEST_CASE("a file is looked at once, and what its front told stays", "[datasets]") {
  const TemporaryDirectory folder;
  Looks& looks = fresh_looks();
  const auto file = folder.write("a", kLabels);
  CHECK(looks.at(file).idx->shape == std::vector<int64_t>{3});
  std::filesystem::remove(file);
  CHECK(looks.at(file).idx->shape == std::vector<int64_t>{3});
  CHECK_THROWS_AS(looks.at(folder.path() / "b"), smlt::PlatformError);
}

TEST_CASE("the front of a file tells its format, whatever its name", "[datasets]") {
  const TemporaryDirectory folder;
  Looks& looks = fresh_looks();
  CHECK(looks.at(folder.write("1", made_gzip(kLabels))).idx);
  CHECK(looks.at(folder.write("2", smlt::test::made_png({1, 1, 8, 0, {7}}))).is_image);
  CHECK(looks.at(folder.write("3", "RIFF1234WEBPVP8 ")).is_other_picture);
  CHECK(looks.at(folder.write("4", smlt::test::MadeCifar{.rows = 4, .classes = 100}.pickle())).is_cifar_100);
  CHECK(looks.at(folder.write("5", "PK\3\4" + std::string(100, 'x'))).is_weights);
  const Look& text = looks.at(folder.write("6", "words"));
  CHECK_FALSE((text.idx || text.is_image || text.is_other_picture || text.is_cifar_100 || text.is_weights));
  CHECK(text.size == 5);
  CHECK(looks.at(folder.write("7.tgz", made_gzip(made_tar({{"a/b", "x"}, {"c", ""}})))).members ==
        std::vector{"a/b"s, "c"s});
}

TEST_CASE("only a file directly in a channel may be a table", "[datasets]") {
  const TemporaryDirectory folder;
  folder.write("deep/a.csv", "1,2\n3,4\n");
  folder.write("a.csv", "1,2\n3,4\n");
  folder.write("a.csv.gz", made_gzip("1,2\n3,4\n"));
  Looks& looks = fresh_looks(folder.path());
  CHECK(looks.at(folder.path() / "deep/a.csv").table == TableLook::kNone);
  CHECK(looks.at(folder.path() / "a.csv").table == TableLook::kTable);
  CHECK(looks.at(folder.path() / "a.csv").values >= 4);
  CHECK(looks.at(folder.path() / "a.csv.gz").table == TableLook::kTable);
  CHECK(looks.at(folder.path() / "a.csv.gz").values == 0);
}

TEST_CASE("damage is noted, and what comes before it tells", "[datasets]") {
  const TemporaryDirectory folder;
  Looks& looks = fresh_looks(folder.path());
  std::string noise = kLabels;
  for (uint32_t i = 0, x = 1; i < 20'000; ++i) noise += static_cast<char>((x = x * 1664525 + 1013904223) >> 24);
  const Look& cut = looks.at(folder.write("cut.gz", made_gzip(noise).substr(0, 3000)));
  CHECK(cut.is_damaged);
  CHECK(cut.idx);
  CHECK(looks.at(folder.write("garbage.gz", "\x1F\x8B damaged gzip")).is_damaged);
  CHECK(looks.at(folder.path()).is_damaged);
  REQUIRE(::mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);
  CHECK(looks.at(folder.path() / "pipe").is_damaged);
  CHECK(looks.at(folder.write("no archive.tar", "words")).members.empty());
  CHECK(looks.at(folder.write("model.pth.tar", "PK\3\4" + std::string(100, 'x'))).is_weights);
}
