// An unreadable file is the platform's fault, even during the search for data: it is not data in another format. A link
// to itself stands for what a disk has lost, since root may read everything else; tests/contract/test_disk_errors.py
// has the failing disk.
#include "base/error.hpp"
#include "codec/table/csv.hpp"
#include "datasets/cifar_folder.hpp"
#include "datasets/idx_folder.hpp"
#include "datasets/image_folder.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/fresh_looks.hpp"
#include "tests/temporary.hpp"

using namespace smlt::codec;
using namespace smlt::datasets;
using smlt::PlatformError;
using smlt::test::fresh_looks;
using smlt::test::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

fs::path lost(const TemporaryDirectory& folder, const std::string& name) {
  fs::create_symlink(folder.path() / name, folder.path() / name);
  return folder.path() / name;
}

}  // namespace

TEST_CASE("an unreadable file is named during the search for data", "[datasets]") {
  const TemporaryDirectory idx, cifar, archive, cub, csv;
  const fs::path images = lost(idx, "train-images-idx3-ubyte");
  CHECK_THROWS_AS(fresh_looks().at(images), PlatformError);
  CHECK_THROWS_AS(find_idx(idx.path(), fresh_looks()), PlatformError);
  CHECK_THROWS_WITH(find_idx(idx.path(), fresh_looks()), ContainsSubstring("Cannot read '" + images.string() + "'"));
  lost(cifar, "data_batch_1");
  CHECK_THROWS_AS(find_cifar(cifar.path(), fresh_looks()), PlatformError);
  lost(archive, "a.tar.gz");
  CHECK_THROWS_AS(find_cifar(archive.path(), fresh_looks()), PlatformError);
  lost(cub, "CUB_200_2011.tgz");
  CHECK_THROWS_AS(find_cub_archive(cub.path(), fresh_looks()), PlatformError);
  FloatTable table;
  CHECK_THROWS_AS(read_csv(lost(csv, "table.csv"), CsvHeader::kNone, table), PlatformError);
}

TEST_CASE(
    "a broken link is nothing unless its name is one of IDX, and so are a disk's own folder and hidden "
    "files",
    "[datasets]") {
  const TemporaryDirectory folder;
  for (const char* name : {"train-images-idx3-ubyte", "data_batch_1", "a.tgz"}) {
    fs::create_symlink("absent", folder.path() / name);
  }
  lost(folder, "lost+found");
  lost(folder, ".hidden");
  CHECK(find_idx(folder.path(), fresh_looks()).damaged == std::vector{folder.path() / "train-images-idx3-ubyte"});
  CHECK(find_cifar(folder.path(), fresh_looks()).empty());
  CHECK_FALSE(find_cub_archive(folder.path(), fresh_looks()));
}
