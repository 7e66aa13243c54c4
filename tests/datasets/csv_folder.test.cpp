#include "datasets/csv_folder.hpp"

#include <sys/stat.h>

#include <string>

#include "tests/catch.hpp"
#include "tests/codec/archive/made_gzip.hpp"
#include "tests/datasets/fresh_looks.hpp"
#include "tests/temporary.hpp"

using smlt::datasets::CsvFolder;
using smlt::datasets::find_csv;
using smlt::datasets::find_nested_csv;
using smlt::test::made_gzip;
using smlt::test::TemporaryDirectory;
using Names = std::vector<std::string>;

namespace {

CsvFolder csv_in(const std::filesystem::path& folder) { return find_csv(folder, smlt::test::fresh_looks(folder)); }

Names names(const std::vector<std::filesystem::path>& paths) {
  Names out;
  for (const auto& path : paths) out.push_back(path.filename().native());
  return out;
}

}  // namespace

TEST_CASE("a part of a table is found, however it begins and whatever its name", "[datasets]") {
  const TemporaryDirectory folder;
  for (const char* name : {"A.csv", "a.csv", "a_1.csv", "a-1.csv", "B.CSV", "part-0"}) folder.write(name, "0,1\n1,2\n");
  folder.write("c.csv", "0,?\n1,?\n");
  folder.write("d.csv", "red,cat\nblue,dog\n");
  folder.write("e.csv", "0,True\n1,False\n");
  folder.write("f.csv", "");
  folder.write("part-1", "0,?\n1,?\n");
  folder.write("part-2.txt", "0;1\n1;2\n");
  folder.write("part-3.gz", made_gzip("0,NA\n1,NA\n"));
  for (const auto& [name, text] : {std::pair{"README.txt", "A table, made\nin, the, year 2024\n"},
                                   {"_SUCCESS", ""},
                                   {"a.jpg", "\xFF\xD8\xFF\xE0 1 2"},
                                   {"_committed_1", "{\"added\":[\"a\",\"b\"],\"removed\":[]}"},
                                   {".hidden.csv", "0,1\n"},
                                   {"sub/a.csv", "0,1\n"}}) {
    folder.write(name, text);
  }
  const CsvFolder found = csv_in(folder.path());
  CHECK(names(found.tables) == Names{"A.csv", "B.CSV", "a-1.csv", "a.csv", "a_1.csv", "c.csv", "d.csv", "e.csv",
                                     "f.csv", "part-0", "part-1", "part-2.txt", "part-3.gz"});
  CHECK(names(found.recognized) == Names{"A.csv", "B.CSV", "a-1.csv", "a.csv", "a_1.csv", "e.csv", "part-0"});
  CHECK(names(found.similar) == Names{"c.csv", "part-1", "part-2.txt", "part-3.gz"});
  CHECK(found.pairs.empty());
  CHECK(find_nested_csv(folder.path()) == folder.path() / "sub/a.csv");
}

TEST_CASE("a plain file and a gzip are one only if their names are the same", "[datasets]") {
  const TemporaryDirectory folder;
  for (const char* name : {"a.csv", "a.csv.gz", "A.csv.gz", "b.csv.gz", "part-0", "part-0.gz"}) {
    folder.write(name, std::string(name).ends_with(".gz") ? made_gzip("0,1\n1,2\n") : "0,1\n1,2\n");
  }
  CHECK(names(csv_in(folder.path()).tables) == Names{"A.csv.gz", "a.csv", "b.csv.gz", "part-0"});
}

TEST_CASE("the tutorial's names are found in any case, and two for one part are reported", "[datasets]") {
  const TemporaryDirectory folder;
  folder.write("X_train.csv", "a\n1\n");
  folder.write("y-Train.CSV.gz", made_gzip("y\n1\n"));
  CsvFolder found = csv_in(folder.path());
  CHECK(names({found.pairs.at("train").features, found.pairs.at("train").labels}) ==
        Names{"X_train.csv", "y-Train.CSV.gz"});
  CHECK_FALSE(found.doubled);
  folder.write("X_train.csv.gz", made_gzip("a\n1\n"));
  CHECK_FALSE(csv_in(folder.path()).doubled);
  folder.write("x_train.csv", "a\n1\n");
  found = csv_in(folder.path());
  REQUIRE(found.doubled);
  CHECK(names({found.doubled->first, found.doubled->second}) == Names{"X_train.csv", "x_train.csv"});
}

TEST_CASE("tables in other formats are told apart", "[datasets]") {
  const TemporaryDirectory folder;
  for (const char* name : {"a.csv.bz2", "b.CSV.zst", "c.csv.xz", "d.csv.zip", "e.parquet", "f.XLSX", "g.bz2"}) {
    folder.write(name, "BZh91AY");
  }
  folder.write("h.csv", "0,1\n");
  folder.write("h.csv.bz2", "BZh91AY");
  folder.write("i.csv.bz2", "BZh91AY");
  folder.write("i.csv.gz", made_gzip("0,1\n"));
  const CsvFolder found = csv_in(folder.path());
  CHECK(names(found.packed) == Names{"a.csv.bz2", "b.CSV.zst", "c.csv.xz", "d.csv.zip"});
  CHECK(names(found.foreign) == Names{"e.parquet", "f.XLSX"});
  CHECK(names(found.tables) == Names{"h.csv", "i.csv.gz"});
}

TEST_CASE("an unreadable file is kept, so that reading it says why", "[datasets]") {
  const TemporaryDirectory folder;
  std::filesystem::create_symlink("nowhere", folder.path() / "link.csv");
  std::filesystem::create_symlink("nowhere", folder.path() / "link");
  ::mkfifo((folder.path() / "pipe.csv").c_str(), 0600);
  folder.write("cut.csv.gz", made_gzip("0,1\n").substr(0, 12));
  folder.write("cut", made_gzip("0,1\n").substr(0, 12));
  folder.write("cut.tar.gz", made_gzip("0,1\n").substr(0, 12));
  CHECK(names(csv_in(folder.path()).tables) == Names{"cut", "cut.csv.gz", "link", "link.csv", "pipe.csv"});
  CHECK_FALSE(csv_in(folder.path() / "none").holds_csv());
  CHECK_FALSE(find_nested_csv(folder.path() / "none"));
}
