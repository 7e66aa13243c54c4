#include "serve/form.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "serve/refusal.hpp"

namespace smlt::serve {
namespace {

constexpr std::string_view kAny = "*/*";

bool is_lines(BodyType body) { return body == BodyType::kLines || body == BodyType::kCsv; }

// The type if the client does not care.
std::string usual_type(BodyType body, const settings::Endpoint& settings, bool returns_structures) {
  const std::string& wanted = settings.default_accept;
  const bool is_carried = !returns_structures || wanted == kJson || wanted == kLines;
  if (is_carried && wanted != kJson) return wanted;
  if (body == BodyType::kLines) return kLines;
  if (body == BodyType::kCsv && settings.batch) return returns_structures ? kLines : kCsv;
  return kJson;
}

Refusal refused(std::string_view accept, const std::vector<std::string>& offered, bool returns_structures) {
  if (!returns_structures) {
    return {406, "not_acceptable", "Expected Accept to be one of {}, found {}.", listed(offered, "or"),
            in_quotes(accept)};
  }
  return {406, "not_acceptable",
          "Expected an Accept that can carry what the model returns, which is not one tensor (application/json or "
          "application/jsonlines), found {}.",
          in_quotes(accept)};
}

http::MediaType negotiated_type(std::string_view accept, const std::string& usual, bool returns_structures) {
  std::vector<std::string> offered = {kJson, kLines};
  if (!returns_structures) offered = {kJson, kCsv, kNpy, kLines};
  const std::string preferred = http::parse_media_type(usual).value_or(http::MediaType{}).name;
  std::stable_partition(offered.begin(), offered.end(), [&](const std::string& type) { return type == preferred; });
  const auto type = http::negotiated(accept, offered);
  if (!type) throw refused(accept, offered, returns_structures);
  const std::string_view numbers = type->parameter("dtype");
  if (type->name == kNpy && !numbers.empty() && numbers != "float32" && numbers != "float64") {
    throw Refusal(406, "not_acceptable", "Expected the dtype of application/x-npy to be float32 or float64, found {}.",
                  in_quotes(numbers));
  }
  return *type;
}

}  // namespace

Form form_of(const http::Request& request, BodyType body, const settings::Endpoint& settings, bool returns_structures) {
  const std::string_view accept = trimmed(request.header("Accept"));
  const std::string usual = usual_type(body, settings, returns_structures);
  Form form;
  form.type = negotiated_type(accept.empty() || accept == kAny ? usual : accept, usual, returns_structures);
  const bool is_text = form.type.name != kNpy;
  form.by_lines = settings.batch ? is_lines(body) && is_text : body == BodyType::kLines && form.type.name == kLines;
  form.ends_line = is_text && (settings.batch ? settings.final_newline : form.type.name == kCsv);
  return form;
}

bool takes_parts(const http::Request& head, const settings::Endpoint& settings, bool returns_structures) {
  if (!settings.batch || !head.header("Content-Encoding").empty()) return false;
  const std::optional<BodyType> body = named_type(head);
  if (!body) return false;
  try {
    return form_of(head, *body, settings, returns_structures).by_lines;
  } catch (const Refusal&) {  // the whole body is refused with it
    return false;
  }
}

}  // namespace smlt::serve
