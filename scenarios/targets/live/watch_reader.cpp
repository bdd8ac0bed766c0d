#include "scenarios/targets/live/watch_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace scenarios::targets {

namespace {

using models::kubernetes::json::Json;
using models::kubernetes::json::Mirror;
using models::kubernetes::json::UnixSeconds;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

/// The largest output that is read as one value. Assumed: 100,000 pods of real size.
constexpr std::size_t kListBytesMax = std::size_t{2} << 30U;

std::string_view text_of(const element& parent, std::string_view key) {
  std::string_view text;
  return parent[key].get_string().get(text) == simdjson::SUCCESS ? text : std::string_view();
}

std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// FNV-1a over words of eight bytes: only compared with itself, within one run.
std::uint64_t add(std::uint64_t hash, std::string_view text) {
  constexpr std::uint64_t kPrime = 0x100000001b3ULL;
  for (; text.size() >= sizeof(std::uint64_t); text.remove_prefix(sizeof(std::uint64_t))) {
    std::uint64_t word = 0;
    std::copy_n(text.data(), sizeof word, reinterpret_cast<char*>(&word));
    hash = (hash ^ word) * kPrime;
    hash ^= hash >> 32U;
  }
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
  }
  return (hash ^ 0xffU) * kPrime;
}

/// fieldsV1 is a tree of names: objects all the way down.
std::uint64_t hash_of_names(std::uint64_t hash, const element& tree) {
  object names;
  if (tree.get_object().get(names) == simdjson::SUCCESS) {
    for (const auto& [name, below] : names) {
      hash = hash_of_names(add(hash, name), below);
    }
  }
  return add(hash, "/");
}

/// The objects of nlohmann copy their keys when they grow, so they are made with room for all.
Json object_with_room(std::size_t size) {
  Json json = Json::object();
  json.get_ref<Json::object_t&>().reserve(size);
  return json;
}

Json json_of(const element& value) {
  switch (value.type()) {
    case element_type::OBJECT: {
      const object members = value.get_object().value_unsafe();
      Json json = object_with_room(members.size());
      auto& to = json.get_ref<Json::object_t&>();
      for (const auto& [key, member] : members) {
        to.emplace(std::string(key), json_of(member));
      }
      return json;
    }
    case element_type::ARRAY: {
      const simdjson::dom::array items = value.get_array().value_unsafe();
      Json json = Json::array();
      json.get_ref<Json::array_t&>().reserve(items.size());
      for (const element& item : items) {
        json.push_back(json_of(item));
      }
      return json;
    }
    case element_type::STRING:
      return std::string(value.get_string().value_unsafe());
    case element_type::INT64:
      return value.get_int64().value_unsafe();
    case element_type::UINT64:
      return value.get_uint64().value_unsafe();
    case element_type::DOUBLE:
      return value.get_double().value_unsafe();
    case element_type::BOOL:
      return value.get_bool().value_unsafe();
    case element_type::NULL_VALUE:
      break;
  }
  return nullptr;
}

/// metadata.managedFields with a hash in the place of fieldsV1.
Json managed_fields_of(const element& list) {
  constexpr std::uint64_t kStart = 0xcbf29ce484222325ULL;
  Json json = Json::array();
  simdjson::dom::array entries;
  if (list.get_array().get(entries) != simdjson::SUCCESS) {
    return json;
  }
  for (const element& entry : entries) {
    object members;
    if (entry.get_object().get(members) != simdjson::SUCCESS) {
      continue;
    }
    Json one = object_with_room(members.size());
    auto& to = one.get_ref<Json::object_t&>();
    for (const auto& [key, member] : members) {
      to.emplace(std::string(key), key == "fieldsV1" ? Json(hash_of_names(kStart, member)) : json_of(member));
    }
    json.push_back(std::move(one));
  }
  return json;
}

/// What is left out of an object.
struct Shape {
  WatchReader::ManagedFields managed = WatchReader::ManagedFields::Hashed;
  bool node_name_only = false;  ///< of the spec
  bool images = true;           ///< of a node
};

Json metadata_of(const element& metadata, const Shape& shape) {
  object members;
  if (metadata.get_object().get(members) != simdjson::SUCCESS) {
    return json_of(metadata);
  }
  Json json = object_with_room(members.size());
  auto& to = json.get_ref<Json::object_t&>();
  for (const auto& [key, member] : members) {
    if (key != "managedFields") {
      to.emplace(std::string(key), json_of(member));
    } else if (shape.managed == WatchReader::ManagedFields::Hashed) {
      to.emplace(std::string(key), managed_fields_of(member));
    }
  }
  return json;
}

/// The members of `part`, one of them alone or all but one.
Json without(const element& part, std::string_view name, bool alone) {
  object members;
  if (part.get_object().get(members) != simdjson::SUCCESS) {
    return json_of(part);
  }
  Json json = object_with_room(alone ? 1 : members.size());
  auto& to = json.get_ref<Json::object_t&>();
  for (const auto& [key, member] : members) {
    if ((key == name) == alone) {
      to.emplace(std::string(key), json_of(member));
    }
  }
  return json;
}

Json object_of(const element& whole, const Shape& shape) {
  object members;
  if (whole.get_object().get(members) != simdjson::SUCCESS) {
    return json_of(whole);
  }
  Json json = object_with_room(members.size());
  auto& to = json.get_ref<Json::object_t&>();
  for (const auto& [key, member] : members) {
    to.emplace(std::string(key), key == "metadata"                       ? metadata_of(member, shape)
                                 : key == "spec" && shape.node_name_only ? without(member, "nodeName", true)
                                 : key == "status" && !shape.images      ? without(member, "images", false)
                                                                         : json_of(member));
  }
  return json;
}

/// The latest time that the API server itself wrote into the metadata of an object. What kubelets and
/// controllers write into a status comes from the clocks of other machines.
UnixSeconds latest_of(const element& metadata) {
  using models::kubernetes::json::parse_time;
  UnixSeconds latest = parse_time(text_of(metadata, "creationTimestamp")).value_or(0);
  simdjson::dom::array entries;
  if (metadata["managedFields"].get_array().get(entries) == simdjson::SUCCESS) {
    for (const element& entry : entries) {
      latest = std::max(latest, parse_time(text_of(entry, "time")).value_or(0));
    }
  }
  return latest;
}

}  // namespace

struct WatchReader::Memory {
  simdjson::dom::parser parser{kListBytesMax};
};

WatchReader::WatchReader() : memory_(std::make_unique<Memory>()) {}
WatchReader::~WatchReader() = default;

std::optional<WatchEvent> WatchReader::event(std::string_view text, const Mirror& mirror) {
  element root;
  element whole;
  if (memory_->parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS ||
      root["object"].get(whole) != simdjson::SUCCESS || !whole.is_object()) {
    return std::nullopt;
  }
  WatchEvent event;
  event.type = text_of(root, "type");
  element metadata;
  if (whole["metadata"].get(metadata) == simdjson::SUCCESS) {
    event.version = number_of(text_of(metadata, "resourceVersion"));
    const std::string_view uid = text_of(metadata, "uid");
    event.known = event.type != "DELETED" && mirror.has_seen(uid, event.version);
    if (event.known) {
      return event;
    }
    const std::string_view kind = text_of(whole, "kind");
    event.object =
        object_of(whole, {ManagedFields::Hashed, kind == "Pod" && mirror.knows(uid), kind != "Node"});
  } else {
    event.object = json_of(whole);
  }
  return event;
}

std::optional<ObjectList> WatchReader::list(std::string_view text, ManagedFields managed) {
  element root;
  simdjson::dom::array items;
  if (memory_->parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS ||
      root["items"].get_array().get(items) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  ObjectList list;
  element metadata;
  if (root["metadata"].get(metadata) == simdjson::SUCCESS) {
    list.version = text_of(metadata, "resourceVersion");
  }
  for (const element& item : items) {
    list.items.push_back(object_of(item, {managed, false, true}));
    if (item["metadata"].get(metadata) == simdjson::SUCCESS) {
      list.latest = std::max(list.latest, latest_of(metadata));
    }
  }
  return list;
}

}  // namespace scenarios::targets
