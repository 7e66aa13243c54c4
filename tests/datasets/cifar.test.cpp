#include "datasets/cifar.hpp"

#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "datasets/cifar_data.hpp"
#include "datasets/cifar_folder.hpp"
#include "tests/catch.hpp"
#include "tests/codec/archive/made_gzip.hpp"
#include "tests/datasets/fresh_looks.hpp"
#include "tests/datasets/made_cifar.hpp"
#include "tests/temporary.hpp"

using namespace smlt::datasets;
using namespace smlt::test;
using namespace std::string_literals;
using smlt::UserError;
namespace fs = std::filesystem;

namespace {

CifarRows rows(CifarForm form, int classes, const std::string& bytes) {
  return read_cifar_rows(form, classes, {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, "file");
}

std::vector<std::string> names(CifarForm form, int classes, const std::string& bytes) {
  return read_cifar_names(form, classes, {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, "file");
}

const std::vector<std::string> kTen = {"airplane", "automobile", "bird",  "cat",  "deer",
                                       "dog",      "frog",       "horse", "ship", "truck"};

// The files of a folder: two training batches, a test batch and names.
std::vector<std::pair<std::string, std::string>> files(CifarForm form) {
  const MadeCifar first{.rows = 12}, second{.rows = 8, .first = 12}, test{.rows = 5, .first = 40};
  if (form == CifarForm::kBinary) {
    return {{"data_batch_2.bin", second.binary()},
            {"test_batch.bin", test.binary()},
            {"data_batch_1.bin", first.binary()},
            {"batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n"}};
  }
  return {{"data_batch_2", second.pickle()},
          {"readme.html", "<p>"},
          {"test_batch", test.pickle()},
          {"data_batch_1", first.pickle()},
          {"batches.meta", made_cifar_meta(kTen)}};
}

void put_folder(const TemporaryDirectory& folder, const std::string& name, CifarForm form) {
  for (const auto& [file, content] : files(form)) folder.write(fs::path(name) / file, content);
}

std::string archive(CifarForm form) {
  std::vector<std::pair<std::string, std::string>> members;
  const char* root = form == CifarForm::kPickle ? "cifar-10-batches-py/" : "cifar-10-batches-bin/";
  for (const auto& [file, content] : files(form)) members.emplace_back(root + file, content);
  return made_tar(members);
}

std::vector<CifarPlace> cifar_in(const fs::path& channel) { return find_cifar(channel, fresh_looks()); }

void check_read(const CifarPlace& place) {
  const CifarData data = read_cifar(place, 3);
  REQUIRE(data.train.size() == 20);
  REQUIRE(data.train.images.size() == 20 * 3072);
  for (size_t i = 0; i < 20; ++i) {
    CHECK(data.train.labels[i] == i % 10);
    CHECK(data.train.images[i * 3072] == i);
    CHECK(data.train.images[i * 3072 + 3071] == i);
  }
  REQUIRE(data.test.size() == 5);
  CHECK(data.test.images[0] == 40);
  CHECK(data.names.size() == 10);
  CHECK(data.files.size() == (place.is_archive ? 1 : 4));
}

}  // namespace

TEST_CASE("a batch is read from a pickle and from rows of bytes, with the fine labels of CIFAR-100", "[datasets]") {
  for (const size_t classes : {size_t{10}, size_t{100}}) {
    const MadeCifar made{.rows = 130, .classes = classes};
    for (const CifarForm form : {CifarForm::kPickle, CifarForm::kBinary}) {
      const CifarRows read = rows(form, int(classes), form == CifarForm::kPickle ? made.pickle() : made.binary());
      REQUIRE(read.size() == 130);
      for (size_t i = 0; i < 130; ++i) CHECK((read.labels[i] == i % classes && read.images[i * 3072 + 7] == i));
    }
  }
}

TEST_CASE("anything but a batch is refused in one sentence", "[datasets]") {
  const MadeCifar made{.rows = 3};
  CHECK_THROWS_WITH(rows(CifarForm::kPickle, 100, made.pickle()), ContainsSubstring("Expected the key 'fine_labels'"));
  CHECK_THROWS_WITH(rows(CifarForm::kPickle, 10, kPickles[3]),
                    ContainsSubstring("Expected 3072 bytes of pixels per label under 'data' in 'file'") &&
                        ContainsSubstring("found an array of shape (2, 3) for 2 labels"));
  CHECK_THROWS_WITH(rows(CifarForm::kPickle, 10, kPickleOfArrays), ContainsSubstring("Expected 3072 bytes"));
  CHECK_THROWS_WITH(
      rows(CifarForm::kPickle, 10, "\x80\x02}(U\4dataK\1U\6labels](eu."),
      ContainsSubstring("Expected a numpy array of unsigned bytes under 'data' in 'file', found an integer"));
  CHECK_THROWS_WITH(rows(CifarForm::kPickle, 10,
                         "\x80\x02}(U\4dataK\1U\6labels](K\3K\x0a"
                         "eu."),
                    ContainsSubstring("labels from 0 to 9 in 'file', found 10 at index 1"));
  CHECK_THROWS_WITH(rows(CifarForm::kPickle, 10, "\x80\x02}(U\4dataK\1U\6labels](Neu."),
                    ContainsSubstring("found something that is not an integer at index 0"));
  CHECK_THROWS_WITH(rows(CifarForm::kBinary, 10, made.binary() + "x"),
                    ContainsSubstring("Expected rows of 3073 bytes"));
  CHECK_THROWS_WITH(rows(CifarForm::kBinary, 10, "\x0a" + std::string(3072, 'x')),
                    ContainsSubstring("found 10 at index 0"));
  CHECK_THROWS_WITH(rows(CifarForm::kBinary, 10, ""), ContainsSubstring("Expected images in 'file', found none"));
}

TEST_CASE("pixels may be one array per image, but their colours are never reinterpreted", "[datasets]") {
  const std::string labels = "U\6labels](K\3K\4e";
  const auto array = [](const std::string& shape, size_t size, char first) {
    std::string pixels(size, first);
    return "cnumpy._core.numeric\n_frombuffer\n(B" + smlt::to_little_endian(size, 4) + pixels +
           "cnumpy\ndtype\nU\2u1\x89\x88\x87R" + shape + "U\1CtR";
  };
  const auto batch = [&](const std::string& data) { return "\x80\5}(" + labels + "U\4data" + data + "u."; };
  const std::string side = "K\x20";
  for (const std::string& shape : {"M"s + '\0' + "\x0c\x85", "(K\3" + side + side + "t"}) {
    const CifarRows read =
        rows(CifarForm::kPickle, 10, batch("](" + array(shape, 3072, 1) + array(shape, 3072, 2) + "e"));
    REQUIRE(read.size() == 2);
    CHECK((read.images[3071] == 1 && read.images[3072] == 2 && read.labels[1] == 4));
  }
  CHECK(rows(CifarForm::kPickle, 10, batch(array("(K\2K\3" + side + side + "t", 6144, 5))).size() == 2);
  CHECK_THROWS_WITH(
      rows(CifarForm::kPickle, 10, batch(array("(K\2" + side + side + "K\3t", 6144, 5))),
      ContainsSubstring("with the three colours one after the other, found an array of shape (2, 32, 32, 3)"));
  CHECK_THROWS_WITH(rows(CifarForm::kPickle, 10, batch("](" + array("M"s + '\0' + "\x0c\x85", 3072, 1) + "e")),
                    ContainsSubstring("found 1 images and 2 labels"));
}

TEST_CASE("class names are read from a pickle or from lines", "[datasets]") {
  CHECK(names(CifarForm::kPickle, 10, made_cifar_meta(kTen)) == kTen);
  CHECK(names(CifarForm::kBinary, 10, "a\nb\r\nc\nd\ne\nf\ng\nh\ni\nj")[1] == "b");
  CHECK(names(CifarForm::kBinary, 10,
              "\xEF\xBB\xBF"
              "a\nb\nc\nd\ne\nf\ng\nh\ni\nj")[0] == "a");
  CHECK_THROWS_WITH(names(CifarForm::kBinary, 10, std::string("a\0\n\0b\0\n\0", 8)),
                    "Expected UTF-8 in 'file', found UTF-16; save it as UTF-8.");
  CHECK_THROWS_WITH(names(CifarForm::kPickle, 10, "\x80\2}U\x0blabel_names](K\1K\2es."),
                    ContainsSubstring("names of 10 classes in 'file', found 0"));
  CHECK_THROWS_WITH(names(CifarForm::kBinary, 10, "a\nb\n"),
                    ContainsSubstring("names of 10 classes in 'file', found 2"));
  CHECK_THROWS_WITH(names(CifarForm::kPickle, 100, made_cifar_meta(kTen, true)), ContainsSubstring("found 10"));
}

TEST_CASE("CIFAR is found in the channel, in its folders and in archives, whatever their names", "[datasets]") {
  const TemporaryDirectory folder;
  const CifarForm form = GENERATE(CifarForm::kPickle, CifarForm::kBinary);
  const std::string place = GENERATE(".", "cifar-10-batches-py", "anything", "a.tar", "b.tar.gz", "c.tgz");
  const bool is_archive = place.ends_with("r") || place.ends_with("z");
  if (is_archive) {
    folder.write(place, place == "a.tar" ? archive(form) : made_gzip(archive(form)));
  } else {
    put_folder(folder, place, form);
  }
  const auto found = cifar_in(folder.path());
  REQUIRE(found.size() == 1);
  CHECK(found[0].is_archive == is_archive);
  CHECK(found[0].form == form);
  CHECK(found[0].title() == "CIFAR-10");
  check_read(found[0]);
}

TEST_CASE("CIFAR-100 is found by its content or its folder's name", "[datasets]") {
  const TemporaryDirectory folder;
  const MadeCifar made{.rows = 4, .classes = 100};
  folder.write("a/train", made.pickle());
  folder.write("b/test.bin", made.binary());
  folder.write("cifar-100-python/train", "damaged");
  const std::string anew = "\x80\5\x95" + std::string(8, '\1') + "}\x94(\x8c\4data\x94\x8c\x13numpy._core.numeric";
  folder.write("rewritten/train", anew + std::string(5000, 'x') + "fine_labels");
  folder.write("other/train", "a text");
  folder.write("other/test.bin", "a text");
  folder.write("x.tgz", made_gzip(made_tar({{"cifar-100-python/test", made.pickle()}})));
  std::vector<std::string> found;
  for (const CifarPlace& place : cifar_in(folder.path())) {
    CHECK(place.title() == "CIFAR-100");
    found.push_back(place.path.filename());
  }
  CHECK(found == std::vector<std::string>{"a", "b", "cifar-100-python", "rewritten", "x.tgz"});
}

TEST_CASE("other files are not found, but damaged CIFAR is", "[datasets]") {
  const TemporaryDirectory folder;
  folder.write("train/class/1.jpg", "x");
  folder.write("other.tar.gz", made_gzip(made_tar({{"CUB_200_2011/images.txt", "x"}})));
  folder.write("._cifar-10-python.tar.gz", "x");
  folder.write("data.tar", "no archive");
  CHECK(cifar_in(folder.path()).empty());
  CHECK(cifar_in(folder.path() / "absent").empty());
  folder.write("cifar-10-python.tar.gz", "");
  folder.write("cifar-10-batches-py/data_batch_3", "");
  const auto found = cifar_in(folder.path());
  REQUIRE(found.size() == 2);
  CHECK_THROWS_WITH(read_cifar(found[0], 1), ContainsSubstring("data_batch_3"));
  CHECK_THROWS_WITH(read_cifar(found[1], 1), ContainsSubstring("cifar-10-python.tar.gz' is not an archive"));
}

TEST_CASE("a missing, duplicate or damaged batch is reported", "[datasets]") {
  const TemporaryDirectory folder;
  put_folder(folder, ".", CifarForm::kPickle);
  folder.write("data_batch_4", MadeCifar{.rows = 3}.pickle());
  CHECK_THROWS_WITH(read_cifar(cifar_in(folder.path())[0], 1),
                    ContainsSubstring("Expected data_batch_1 to data_batch_4") && ContainsSubstring("no data_batch_3"));
  folder.write("data_batch_3", "x");
  CHECK_THROWS_WITH(read_cifar(cifar_in(folder.path())[0], 2), ContainsSubstring("data_batch_3"));
  const MadeCifar made{.rows = 3};
  folder.write("two/a.tar", made_tar({{"x/data_batch_1", made.pickle()}, {"y/data_batch_1", made.pickle()}}));
  CHECK_THROWS_WITH(read_cifar(cifar_in(folder.path() / "two")[0], 1),
                    ContainsSubstring("one file called 'data_batch_1'"));
}

TEST_CASE("a folder, its archive and the binary form of one set are the same; another set is not", "[datasets]") {
  const TemporaryDirectory folder;
  put_folder(folder, "py", CifarForm::kPickle);
  put_folder(folder, "q", CifarForm::kBinary);
  folder.write("r.tgz", made_gzip(archive(CifarForm::kPickle)));
  folder.write("s/data_batch_1", MadeCifar{.rows = 20, .first = 1}.pickle());
  folder.write("s/data_batch_2", MadeCifar{.rows = 20, .first = 1}.pickle());
  const auto found = cifar_in(folder.path());
  REQUIRE(found.size() == 4);
  for (const CifarPlace& place : found) {
    CifarReading first(found[0], 1), other(place, 1);
    CHECK(is_same_cifar(first, place) == (place.path.filename() != "s"));
    CHECK(is_same_cifar(other, found[0]) == (place.path.filename() != "s"));
  }
}
