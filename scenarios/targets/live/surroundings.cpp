#include "scenarios/targets/live/surroundings.h"

#include <fmt/core.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "models/kubernetes/json/metadata_json.h"
#include "scenarios/targets/live/kubectl.h"

namespace scenarios::targets {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kGroup = "iomesh.com";

Json raw(Programs& programs, const std::string& path) {
  std::string problem;
  const std::optional<std::string> text = output_of(programs, {"kubectl", "get", "--raw", path}, problem);
  return Json::parse(text.value_or(std::string()), nullptr, false);
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return value != nullptr && *value != '\0';
}

}  // namespace

std::string iomesh_resource(Programs& programs) {
  // Source: apiserver's discovery: an APIGroup tells its versions, each an APIResourceList; 404 without the
  // group.
  const Json group = raw(programs, fmt::format("/apis/{}", kGroup));
  if (!group.is_object() || !group.contains("versions") || !group["versions"].is_array()) {
    return {};
  }
  for (const Json& version : group["versions"]) {
    const std::string name =
        version.is_object() ? models::kubernetes::json::text_or(version, "groupVersion") : "";
    const Json list = name.empty() ? Json() : raw(programs, "/apis/" + name);
    const Json resources = list.is_object() && list.contains("resources") ? list["resources"] : Json();
    for (const Json& resource : resources.is_array() ? resources : Json::array()) {
      const std::string plural =
          resource.is_object() && models::kubernetes::json::text_or(resource, "kind") == "IOMesh"
              ? models::kubernetes::json::text_or(resource, "name")
              : std::string();
      if (!plural.empty() && plural.find('/') == std::string::npos) {  // and no subresource
        return fmt::format("{}.{}", plural, kGroup);
      }
    }
  }
  return {};
}

std::optional<std::string> server_list(Programs& programs, std::string& problem) {
  std::optional<std::string> text =
      output_of(programs, {"openstack", "server", "list", "-f", "json"}, problem);
  if (text && !Json::parse(*text, nullptr, false).is_array()) {
    problem = "openstack server list -f json did not print a list";
    return std::nullopt;
  }
  return text;
}

bool cloud_is_named() { return is_set("OS_CLOUD") || is_set("OS_AUTH_URL"); }

}  // namespace scenarios::targets
