#include "codec/table/csv_field.hpp"
#include "models/tabular/card/first_row.hpp"
#include "tests/catch.hpp"

using namespace smlt;

namespace {

const std::vector<std::string> kLabels = {"0", "1", "2"};

using Row = std::vector<std::string>;

Row fields_of(std::string_view text) {
  Row fields;
  for (const std::string_view field : codec::first_csv_row(text).fields) fields.emplace_back(codec::csv_content(field));
  return fields;
}

// Of X_train.csv and y_train.csv with these first rows.
Row of_pair(const std::string& x, const std::string& y, const Row& labels = kLabels) {
  const models::tabular::SplitFiles files = {"X_train.csv", "y_train.csv", {}, 0};
  return models::tabular::first_row_warnings(files, std::vector<Row>{fields_of(x), fields_of(y)}, labels);
}

Row of_table(const std::string& first) {
  return models::tabular::first_row_warnings({{}, {}, {"train.csv"}, 0}, std::vector<Row>{fields_of(first)}, kLabels);
}

}  // namespace

TEST_CASE("A row of data that was taken for a header is reported", "[models]") {
  for (const char* data : {"5.1,3.5,1.4", "25,400,123456", "-1,0,1", "1e9,2,3", "3,4,5", "0,0,0", "1,1,2"}) {
    INFO(data);
    REQUIRE(of_pair(data, "0").size() == 2);
    CHECK_THAT(of_pair(data, "0")[0], ContainsSubstring("X_train.csv' is numbers and was taken for its header"));
    CHECK_THAT(of_pair(data, "2")[1], ContainsSubstring("y_train.csv"));
    CHECK(of_pair(data, "label").size() == 1);
  }
  CHECK(of_pair("age,tenure,usage", "1").size() == 1);
}

TEST_CASE("Headers of names, and of numbers as pandas gives them, are headers", "[models]") {
  for (const char* header : {"age,tenure,usage", "0,1,2", "1,2,3", "\"0\",\"1\",\"2\"", "5.1,3.5,a"}) {
    INFO(header);
    CHECK(of_pair(header, "0").empty());
    CHECK(of_pair(header, "label").empty());
    CHECK(of_pair(header, "15").empty());
  }
  CHECK(of_pair("5,6,7,8", "0").empty());
  CHECK(of_pair("0", "1").empty());  // the next column's number
}

TEST_CASE("A header of column numbers before a table that should have none is reported", "[models]") {
  for (const char* header : {"0,1,2,3", "3,0,1,2", "0,1,2,3,4,5,6,7,8,9,10"}) {
    INFO(header);
    REQUIRE(of_table(header).size() == 1);
    CHECK_THAT(of_table(header)[0], ContainsSubstring("train.csv' is the numbers 0 to"));
  }
  for (const char* row : {"0,1,2", "1,2,3,4", "0,1,2,2", "0,1.5,2,3", "2,5,1,9"}) {
    INFO(row);
    CHECK(of_table(row).empty());
  }
}

TEST_CASE("A class name that was taken for the header of the labels is reported", "[models]") {
  REQUIRE(of_pair("a,b", "setosa", {"setosa", "virginica"}).size() == 1);
  CHECK_THAT(of_pair("a,b", "setosa", {"setosa", "virginica"})[0],
             ContainsSubstring("y_train.csv' is the name of a class and was taken for its header"));
  CHECK(of_pair("a,b", "setosa", {"ant", "bee"}).empty());
}
