#include "datasets/image_folder.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/file.hpp"
#include "tests/catch.hpp"
#include "tests/codec/archive/made_gzip.hpp"
#include "tests/codec/image/made_png.hpp"
#include "tests/datasets/fresh_looks.hpp"
#include "tests/datasets/made_cifar.hpp"
#include "tests/temporary.hpp"

using namespace smlt::datasets;
using smlt::UserError;
using smlt::test::fresh_looks;
using smlt::test::made_gzip;
using smlt::test::made_tar;
using smlt::test::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

const std::string kPng = smlt::test::made_png({1, 1, 8, 0, {7}});

std::vector<std::string> names(const ImageFiles& found, const fs::path& root) {
  std::vector<std::string> out;
  for (const ImageFiles::File& file : found.files) {
    out.push_back(std::to_string(file.target) + " " + file.path.lexically_relative(root).string());
  }
  return out;
}

void write_tree(const TemporaryDirectory& directory, const std::string& place) {
  directory.write(place + "classes.txt", "2 013.Bobolink\r\n1 001.Black_footed_Albatross\n\n");
  directory.write(place + "images.txt",
                  "1 001.Black_footed_Albatross/b.jpg\n3 013.Bobolink/c d.jpg\n2 001.Black_footed_Albatross/a.jpg\n");
  directory.write(place + "image_class_labels.txt", "1 1\n2 1\n3 2\n");
  fs::create_directories(directory.path() / place / "images");
}

// The members of an archive of the same tree, some of which are not used here.
std::vector<std::pair<std::string, std::string>> made_cub(const std::string& place) {
  return {{place + "README", "words"},
          {place + "classes.txt", "2 013.Bobolink\r\n1 001.Black_footed_Albatross\n\n"},
          {place + "parts/parts.txt", "1 back"},
          {place + "images/001.Black_footed_Albatross/a.jpg", "bytes of a.jpg"},
          {place + "images.txt",
           "1 001.Black_footed_Albatross/b.jpg\n3 013.Bobolink/c d.jpg\n2 001.Black_footed_Albatross/a.jpg\n"},
          {place + "images/001.Black_footed_Albatross/b.jpg", "bytes of b.jpg"},
          {place + "images/001.Black_footed_Albatross/not listed.jpg", "x"},
          {place + "image_class_labels.txt", "1 1\n2 1\n3 2\n"},
          {place + "images/013.Bobolink/c d.jpg", "bytes of c d.jpg"}};
}

}  // namespace

TEST_CASE("classes are the sorted names of the folders with images", "[datasets]") {
  const TemporaryDirectory directory;
  for (const char* file : {"b b/2.png", "b b/deep/1.PNG", "\xC3\xA4/x.jpg", "a/no-ending", ".hidden/x.png",
                           "a/.hidden.png", "__MACOSX/x.png", "top.png"}) {
    directory.write(file, kPng);
  }
  directory.write("a/broken.jpeg", "not an image");
  directory.write("a/Thumbs.db", "something else");
  directory.write("notes/readme.txt", "nothing to see");
  const ImageFiles found = find_class_folders(directory.path(), fresh_looks());
  CHECK(found.classes == std::vector<std::string>{"a", "b b", "\xC3\xA4"});
  CHECK(names(found, directory.path()) == std::vector<std::string>{"0 a/broken.jpeg", "0 a/no-ending", "1 b b/2.png",
                                                                   "1 b b/deep/1.PNG", "2 \xC3\xA4/x.jpg"});
  CHECK(has_class_folders(directory.path(), fresh_looks()));
}

TEST_CASE("a file's first bytes say what it is, whatever its name", "[datasets]") {
  const TemporaryDirectory directory;
  const std::string jpeg = "\xFF\xD8\xFF\xE0 and so on", webp = "RIFF1234WEBPVP8 ";
  for (const char* file : {"a/jpeg.webp", "a/jpeg.gif", "a/jpeg", "a/jpeg.txt", "a/JPEG.JPG"}) {
    directory.write(file, jpeg);
  }
  directory.write("a/webp.webp", webp);
  directory.write("a/empty.tif", "");
  directory.write("a/webp.jpg", webp);  // not opened here; the decoder will tell
  CHECK(names(find_class_folders(directory.path(), fresh_looks()), directory.path()) ==
        std::vector<std::string>{"0 a/JPEG.JPG", "0 a/jpeg", "0 a/jpeg.gif", "0 a/jpeg.txt", "0 a/jpeg.webp",
                                 "0 a/webp.jpg"});
}

TEST_CASE("a class is recognised after any number of other files", "[datasets]") {
  const std::string others[] = {"<a/>", "RIFF1234WEBPVP8 ", "GIF89a", ""};
  const std::string image = GENERATE("z.jpg", "z.png", "z", "deep/er/z.png");
  for (const std::string& content : others) {
    const TemporaryDirectory directory;
    for (int i = 0; i < 150; ++i) directory.write("a/" + std::to_string(i) + ".xml", content);
    for (int i = 0; i < 30; ++i) directory.write("a/" + std::to_string(i) + ".jpg", "damaged");
    CHECK_FALSE(has_class_folders(directory.path(), fresh_looks()) == (content == "" || content == "<a/>"));
    directory.write("a/" + image, kPng);
    CHECK(has_class_folders(directory.path(), fresh_looks()));
    CHECK(find_class_folders(directory.path(), fresh_looks()).files.size() == 31);
  }
}

TEST_CASE("folders with only pictures that are not decoded are named", "[datasets]") {
  const TemporaryDirectory directory;
  directory.write("a/x.heic", "whatever it holds");
  directory.write("a/y.HEIC", std::string("\0\0\0\x18"
                                          "ftypheic",
                                          12));
  directory.write("a/notes.txt", "words");
  directory.write("b/z.avif", "");
  CHECK(has_class_folders(directory.path(), fresh_looks()));  // so that a job says what is wrong with them
  const ImageFiles found = find_class_folders(directory.path(), fresh_looks());
  CHECK(found.files.empty());
  REQUIRE(found.undecodable.size() == 2);
  CHECK(found.undecodable[0].name == "a");
  CHECK_THAT(found.undecodable[0].found,
             ContainsSubstring("1 .HEIC, 1 .heic, such as '") && ContainsSubstring("a/y.HEIC'"));
  CHECK(found.undecodable[1].name == "b");
  directory.write("a/z.png", kPng);
  CHECK(find_class_folders(directory.path(), fresh_looks()).undecodable.size() == 1);
  directory.write("table.csv", "1,2");  // folders of pictures beside another model's data are not ours
  fs::remove(directory.path() / "a/z.png");
  CHECK_FALSE(has_class_folders(directory.path(), fresh_looks()));
}

TEST_CASE("the names of classes are valid UTF-8, and the same in composed and decomposed form", "[datasets]") {
  const TemporaryDirectory directory;
  directory.write("caf\xE9/x.png", kPng);
  directory.write("caf\xE8/x.png", kPng);
  directory.write("a\nb/x.png", kPng);
  directory.write("Gr\u00FCnspecht/x.png", kPng);
  directory.write("Gru\u0308nspecht/y.png", kPng);
  const ImageFiles found = find_class_folders(directory.path(), fresh_looks());
  CHECK(found.classes == std::vector<std::string>{"Gr\u00FCnspecht", "a\\x0Ab", "caf\\xE8", "caf\\xE9"});
  CHECK(names(found, directory.path()) == std::vector<std::string>{"0 Gru\u0308nspecht/y.png",
                                                                   "0 Gr\u00FCnspecht/x.png", "1 a\nb/x.png",
                                                                   "2 caf\xE8/x.png", "3 caf\xE9/x.png"});
}

TEST_CASE("a folder without class folders is not a data set", "[datasets]") {
  const TemporaryDirectory directory;
  CHECK_FALSE(has_class_folders(directory.path(), fresh_looks()));
  CHECK_FALSE(has_class_folders(directory.path() / "absent", fresh_looks()));
  directory.write("top.png", kPng);
  directory.write("raw/data.bin", "bytes");
  CHECK_FALSE(has_class_folders(directory.path(), fresh_looks()));
  CHECK(find_class_folders(directory.path(), fresh_looks()).files.empty());
}

TEST_CASE("links that lead upwards do not loop forever", "[datasets]") {
  const TemporaryDirectory directory;
  directory.write("a/x.png", kPng);
  fs::create_directory_symlink(directory.path() / "a", directory.path() / "a/again");
  fs::create_symlink(directory.path() / "absent", directory.path() / "a/broken.png");
  CHECK(find_class_folders(directory.path(), fresh_looks()).classes.size() == 1);
}

TEST_CASE("broken links with image names are bad images", "[datasets]") {
  const TemporaryDirectory directory;
  directory.write("a/x.png", kPng);
  fs::create_symlink("round.png", directory.path() / "a/round.png");
  fs::create_symlink(directory.path() / "absent", directory.path() / "a/broken.jpg");
  fs::create_symlink(directory.path() / "absent", directory.path() / "a/broken.txt");
  CHECK(names(find_class_folders(directory.path(), fresh_looks()), directory.path()) ==
        std::vector<std::string>{"0 a/x.png", "0 a/broken.jpg", "0 a/round.png"});
}

TEST_CASE("a CUB tree is read by its text files", "[datasets]") {
  const TemporaryDirectory directory;
  const std::string place = GENERATE("", "CUB_200_2011/");
  CHECK_FALSE(find_cub_tree(directory.path()));
  write_tree(directory, place);
  const auto tree = find_cub_tree(directory.path());
  REQUIRE(tree);
  const ImageFiles found = read_cub_tree(*tree);
  CHECK(found.classes == std::vector<std::string>{"013.Bobolink", "001.Black_footed_Albatross"});
  CHECK(names(found, *tree / "images") == std::vector<std::string>{"0 013.Bobolink/c d.jpg",
                                                                   "1 001.Black_footed_Albatross/a.jpg",
                                                                   "1 001.Black_footed_Albatross/b.jpg"});
}

TEST_CASE("a CUB tree's text files may start with a byte-order mark", "[datasets]") {
  const TemporaryDirectory directory;
  write_tree(directory, "");
  for (const char* name : {"classes.txt", "image_class_labels.txt", "images.txt"}) {
    const std::string text = smlt::read_file(directory.path() / name, 1000);
    directory.write(name, "\xEF\xBB\xBF" + text);
  }
  CHECK(read_cub_tree(directory.path()).classes[0] == "013.Bobolink");
  CHECK(read_cub_tree(directory.path()).files.size() == 3);
  for (const char* name : {"classes.txt", "image_class_labels.txt", "images.txt"}) {
    const std::string text = smlt::read_file(directory.path() / name, 1000);
    directory.write(name, std::string_view("\xFF\xFE"
                                           "1\0 \0",
                                           6));
    CHECK_THROWS_WITH(read_cub_tree(directory.path()), ContainsSubstring(name) && ContainsSubstring("found UTF-16"));
    directory.write(name, text);
  }
}

TEST_CASE("a CUB tree whose files do not fit together is refused with the line", "[datasets]") {
  const TemporaryDirectory directory;
  write_tree(directory, "");
  const fs::path tree = directory.path();
  directory.write("classes.txt", "1 a\nzwei b\n");
  CHECK_THROWS_WITH(read_cub_tree(tree), ContainsSubstring("in line 2 of") && ContainsSubstring("found 'zwei b'"));
  directory.write("classes.txt", "1 a\n2 b\n");
  directory.write("image_class_labels.txt", "1 1\n2 7\n3 1\n");
  CHECK_THROWS_WITH(read_cub_tree(tree), ContainsSubstring("for image 2") && ContainsSubstring("found '7'"));
  directory.write("image_class_labels.txt", "1 1\n2 1\n");
  CHECK_THROWS_WITH(read_cub_tree(tree), ContainsSubstring("for image 3"));
  directory.write("image_class_labels.txt", "1 1\n2 1\n3 1\n");
  for (const char* path : {"/etc/passwd", "../../secret.jpg"}) {
    directory.write("images.txt", "1 " + std::string(path));
    CHECK_THROWS_AS(read_cub_tree(tree), UserError);
  }
}

TEST_CASE("a CUB archive is read in one pass, like its tree", "[datasets]") {
  const TemporaryDirectory directory;
  const std::string place = GENERATE("", "CUB_200_2011/", "./CUB_200_2011/");
  const bool is_named = GENERATE(false, true);
  CHECK_FALSE(find_cub_archive(directory.path(), fresh_looks()));
  std::vector<std::pair<std::string, std::string>> files = made_cub(place);
  const fs::path path = directory.write(is_named ? "CUB_200_2011.tgz" : "birds.tar.gz", made_gzip(made_tar(files)));
  directory.write("other.tgz", made_gzip(made_tar({{"images/a.jpg", "a"}})));
  REQUIRE(find_cub_archive(directory.path(), fresh_looks()) == path);
  const ImageFiles found = read_cub_archive(path, 1 << 20);
  CHECK(found.classes == std::vector<std::string>{"013.Bobolink", "001.Black_footed_Albatross"});
  CHECK(names(found, path / "images") == std::vector<std::string>{"0 013.Bobolink/c d.jpg",
                                                                  "1 001.Black_footed_Albatross/a.jpg",
                                                                  "1 001.Black_footed_Albatross/b.jpg"});
  for (const ImageFiles::File& file : found.files) {
    REQUIRE(file.bytes);
    CHECK(std::string(file.bytes->begin(), file.bytes->end()) == "bytes of " + file.path.filename().string());
  }
}

TEST_CASE("a CUB archive that lacks an image, is damaged or too large is refused", "[datasets]") {
  const TemporaryDirectory directory;
  const auto reads = [&](const std::string& bytes, uint64_t most = 1 << 20) {
    return read_cub_archive(directory.write("CUB_200_2011.tgz", bytes), most);
  };
  std::vector<std::pair<std::string, std::string>> files = made_cub("CUB_200_2011/");
  const std::string whole = made_gzip(made_tar(files));
  CHECK_THROWS_WITH(reads(whole.substr(0, whole.size() / 2)),
                    ContainsSubstring("CUB_200_2011.tgz' is cut off or damaged"));
  CHECK_THROWS_WITH(reads(whole, 100), ContainsSubstring("unpack it"));
  files.pop_back();
  CHECK_THROWS_WITH(reads(made_gzip(made_tar(files))), ContainsSubstring("found no 'images/013.Bobolink/c d.jpg'"));
  CHECK_THROWS_WITH(reads(made_gzip(made_tar({{"readme", "x"}}))), ContainsSubstring("found no images.txt"));
}
