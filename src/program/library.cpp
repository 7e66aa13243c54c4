#include "program/library.hpp"

#include <dlfcn.h>
#include <stdlib.h>

#include <filesystem>
#include <string_view>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"
#include "base/version.hpp"

namespace smlt {
namespace fs = std::filesystem;
namespace {

constexpr const char* kLibrary = "libsmlt.so";

// How often a compute thread checks for the others before it sleeps. libgomp's own default spins for milliseconds: on a
// quiet machine that gains nothing, and if a neighbour takes a core, the threads burn each other's time slices
// (measured on MNIST with 2 cores and one busy neighbour: 700 to 1,400 images per second instead of over 15,000).
constexpr const char* kSpinCount = "5000";

fs::path library_path() {
  constexpr const char* kProgram = "/proc/self/exe";
  std::error_code error;
  const fs::path here = fs::read_symlink(kProgram, error).parent_path();
  if (error) throw_cannot("find this program by", kProgram, error);
  return is_file(here / kLibrary) ? here / kLibrary : here.parent_path() / "lib" / kLibrary;
}

std::string loader_error() {
  const char* error = ::dlerror();
  return printable(error != nullptr ? error : "the loader gives no reason");
}

}  // namespace

void set_compute_threads(int threads) {
  ::setenv("OMP_NUM_THREADS", std::to_string(threads).c_str(), /*overwrite=*/1);
  ::setenv("GOMP_SPINCOUNT", kSpinCount, /*overwrite=*/0);
}

void check_inputs_of_compiled_code() { ::setenv("AOTI_RUNTIME_CHECK_INPUTS", "1", /*overwrite=*/1); }

bool has_cuda_part() { return is_file(library_path().parent_path() / "libsmlt_cuda.so"); }

const Engine& open_engine() {
  const fs::path path = library_path();
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw PlatformError("Cannot open {}, which this program needs to train and predict: {}.",
                        in_quotes(path.native(), 200), loader_error());
  }
  const auto engine = reinterpret_cast<const Engine* (*)()>(::dlsym(library, kEngineSymbol));
  if (engine == nullptr)
    throw PlatformError("{} is not this program's library: {}.", in_quotes(path.native(), 200), loader_error());
  const Engine& found = *engine();
  if (std::string_view(found.version) != version()) {
    throw PlatformError("Expected version {} of {}, found version {}; install both from the same build.", version(),
                        in_quotes(path.native(), 200), found.version);
  }
  return found;
}

}  // namespace smlt
