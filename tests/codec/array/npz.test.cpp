#include "codec/array/npz.hpp"

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "codec/array/npy.hpp"
#include "tests/catch.hpp"
#include "tests/codec/archive/made_zip.hpp"
#include "tests/codec/array/made_numbers.hpp"

using namespace smlt;
using namespace smlt::codec;
using namespace smlt::test;

namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

std::string npy_of(const std::vector<float>& values) {
  return write_npy(made_numbers(NumberType::kFloat32, {static_cast<int64_t>(values.size())}, values));
}

std::string npy_of(const std::vector<int32_t>& values) {
  return write_npy(made_numbers(NumberType::kInt32, {static_cast<int64_t>(values.size())}, values));
}

Files sparse(const std::string& format, const std::vector<int32_t>& shape) {
  return {{"format.npy", made_npy("{'descr': '|S3', 'fortran_order': False, 'shape': (), }", format)},
          {"shape.npy", npy_of(shape)},
          {"data.npy", npy_of(std::vector<float>{1, 2, 3})}};
}

Files csr(const std::vector<int32_t>& starts, const std::vector<int32_t>& indices, const std::vector<int32_t>& shape) {
  Files files = sparse("csr", shape);
  files.emplace_back("indptr.npy", npy_of(starts));
  files.emplace_back("indices.npy", npy_of(indices));
  return files;
}

void refuses(const Files& files, const std::string& sentence) {
  REQUIRE_THROWS_WITH(read_npz(made_zip(files), "body"), ContainsSubstring(sentence));
}

}  // namespace

TEST_CASE("an npz archive with one array is read, stored or deflated", "[array]") {
  for (const bool is_deflated : {false, true}) {
    const NumberArray array =
        read_npz(made_zip({{"arr_0.npy", npy_of(std::vector<float>{1, 2})}}, is_deflated), "body");
    REQUIRE(array.shape == std::vector<int64_t>{2});
    REQUIRE(numbers_of<float>(array) == std::vector<float>{1, 2});
  }
  refuses({{"a.npy", npy_of(std::vector<float>{1})}, {"b.npy", npy_of(std::vector<float>{1})}}, "found 2 files");
  refuses({}, "found 0 files");
}

TEST_CASE("sparse matrices become dense ones", "[array]") {
  const NumberArray rows = read_npz(made_zip(csr({0, 2, 2, 3}, {0, 1, 1}, {3, 2})), "body");
  REQUIRE(rows.shape == std::vector<int64_t>{3, 2});
  REQUIRE(numbers_of<float>(rows) == std::vector<float>{1, 2, 0, 0, 0, 3});
  Files columns = csr({0, 2, 3}, {2, 0, 0}, {3, 2});
  columns[0] = sparse("csc", {3, 2})[0];
  REQUIRE(numbers_of<float>(read_npz(made_zip(columns), "body")) == std::vector<float>{2, 3, 0, 0, 1, 0});
  Files places = sparse("coo", {2, 2});
  places.emplace_back("row.npy", npy_of(std::vector<int32_t>{0, 1, 1}));
  places.emplace_back("col.npy", npy_of(std::vector<int32_t>{0, 1, 1}));
  REQUIRE(numbers_of<float>(read_npz(made_zip(places), "body")) == std::vector<float>{1, 0, 0, 5});
}

TEST_CASE("sparse matrices that do not fit together are refused", "[array]") {
  refuses(csr({0, 2, 3}, {0, 1, 2}, {2, 2}), "indices within its shape");
  refuses(csr({0, 2, 3}, {0, 1, -1}, {2, 2}), "indices within its shape");
  refuses(csr({0, 2}, {0, 1, 1}, {2, 2}), "'indptr'");
  refuses(csr({0, 3, 2}, {0, 1, 1}, {2, 2}), "'indptr'");
  refuses(csr({0, 2, 4}, {0, 1, 1}, {2, 2}), "'indptr'");
  refuses(csr({-1, 2, 3}, {0, 1, 1}, {2, 2}), "'indptr'");
  refuses(csr({0, 2, 3, 3}, {0, 1}, {2, 2}), "'indptr'");
  refuses(csr({0, 2}, {0, 1}, {1, 2}), "a row and a column for each value");
  refuses(csr({0, 2, 3}, {0, 1, 1}, {2}), "two dimensions");
  refuses(csr({0, 2, 3}, {0, 1, 1}, {-1, 2}), "two dimensions");
  refuses(csr({0, 2, 3}, {0, 1, 1}, {2, 2147483647}), "send fewer rows");
  refuses(sparse("csr", {2, 2}), "an array 'indptr'");
  refuses(sparse("dia", {2, 2}), "the format csr, csc or coo");
}

TEST_CASE("a damaged or lying archive is refused", "[array]") {
  const std::string whole = made_zip({{"arr_0.npy", npy_of(std::vector<float>{1, 2})}}, true);
  for (size_t size = 0; size < whole.size(); ++size) {
    REQUIRE_THROWS_AS(read_npz(whole.substr(0, size), "body"), UserError);
  }
  const auto changed = [&](size_t from_end, uint64_t value, size_t size) {
    std::string archive = whole;
    return archive.replace(archive.size() - from_end, size, to_little_endian(value, size));
  };
  constexpr size_t kEntry = 22 + 46 + 9;  // of the directory, from the end
  const std::pair<std::string, const char*> lies[] = {
      {changed(kEntry - 24, 0x7FFFFFFF, 4), "a size that cannot be true"},  // unpacked
      {changed(kEntry - 24, 129, 4), "it is damaged"},
      {changed(kEntry - 20, 0x7FFFFFFF, 4), "it is cut off"},  // packed size
      {changed(kEntry - 16, 0, 4), "a checksum is wrong"},
  };
  for (const auto& [archive, sentence] : lies) {
    INFO(sentence);
    REQUIRE_THROWS_WITH(read_npz(archive, "body"), ContainsSubstring(sentence));
  }
  REQUIRE_THROWS_WITH(read_npz(made_zip({{"a.npy", std::string(300 << 20, '\0')}}, true), "body"),
                      ContainsSubstring("bytes unpacked"));
}
