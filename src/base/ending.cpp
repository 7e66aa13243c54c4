#include "base/ending.hpp"

#include <new>

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt {

Ending ending_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Error& e) {
    return {printable(e.what()), e.exit_code()};
  } catch (const std::bad_alloc&) {
    return {"Out of memory; choose an instance with more, or a smaller batch size.",
            static_cast<int>(Fault::kPlatform)};
  } catch (const std::exception& e) {
    return {"A bug in this program: " + printable(e.what()), static_cast<int>(Fault::kAlgorithm)};
  } catch (...) {
    return {"A bug in this program: an exception of a type that is not known.", static_cast<int>(Fault::kAlgorithm)};
  }
}

}  // namespace smlt
