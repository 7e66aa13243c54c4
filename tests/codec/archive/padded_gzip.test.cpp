// Each reader of files that may be compressed accepts zeros after the end of a gzip, and refuses anything else there.
#include <functional>

#include "base/error.hpp"
#include "codec/array/idx.hpp"
#include "codec/table/csv.hpp"
#include "datasets/cifar_data.hpp"
#include "datasets/image_folder.hpp"
#include "tests/catch.hpp"
#include "tests/codec/archive/made_gzip.hpp"
#include "tests/datasets/fresh_looks.hpp"
#include "tests/datasets/made_cifar.hpp"
#include "tests/temporary.hpp"

using namespace smlt::codec;
using namespace smlt::datasets;
using namespace std::string_literals;
namespace test = smlt::test;

namespace {

struct Reader {
  std::string name;     // of the file
  std::string content;  // that is compressed
  std::function<bool(const std::filesystem::path&)> reads_right;
};

bool reads_idx(const std::filesystem::path& path) {
  const bool is_recognised = test::fresh_looks().at(path).idx.has_value();
  return is_recognised && read_idx(path).data == std::vector<uint8_t>{7, 8, 9};
}

bool reads_csv(const std::filesystem::path& path) {
  FloatTable table;
  read_csv(path, CsvHeader::kNone, table);
  return table.columns == 3 && table.values == std::vector<float>{1, 2, 3, 4, 5, 6};
}

bool reads_cifar(const std::filesystem::path& path) {
  const std::vector<CifarPlace> places = find_cifar(path.parent_path(), test::fresh_looks());
  const CifarData data = read_cifar(places.at(0), 1);
  return places.size() == 1 && data.train.size() == 5 && data.train.images.back() == 4;
}

bool reads_cub(const std::filesystem::path& path) {
  const auto found = find_cub_archive(path.parent_path(), test::fresh_looks());
  const ImageFiles images = read_cub_archive(found.value(), 1 << 20);
  return images.classes == std::vector{"a"s} && images.files.at(0).bytes->size() == 3;
}

std::vector<Reader> readers() {
  const std::string cub = test::made_tar({{"CUB/classes.txt", "1 a\n"},
                                          {"CUB/images.txt", "1 a/1.jpg\n"},
                                          {"CUB/image_class_labels.txt", "1 1\n"},
                                          {"CUB/images/a/1.jpg", "xyz"}});
  return {{"a-labels-idx1-ubyte.gz", "\0\0\x08\x01\0\0\0\x03\x07\x08\x09"s, reads_idx},
          {"table.csv.gz", "1,2,3\n4,5,6\n", reads_csv},
          {"cifar-10-python.tar.gz", test::made_tar({{"x/data_batch_1", test::MadeCifar{.rows = 5}.pickle()}}),
           reads_cifar},
          {"CUB_200_2011.tgz", cub, reads_cub}};
}

}  // namespace

TEST_CASE("every gzip reader accepts zeros after the end, and names the file if anything else is there", "[archive]") {
  for (const Reader& reader : readers()) {
    CAPTURE(reader.name);
    const test::TemporaryDirectory folder;
    const std::string whole = test::made_gzip(reader.content);
    for (const size_t size : {0U, 1U, 10'240U, 300'000U}) {
      CHECK(reader.reads_right(folder.write(reader.name, whole + std::string(size, '\0'))));
    }
    CHECK_THROWS_WITH(reader.reads_right(folder.write(reader.name, whole + "\0\0\0x"s)),
                      ContainsSubstring(reader.name) && ContainsSubstring("bytes that are not gzip follow"));
  }
}
