#include "models/kubernetes/json/notes.h"

#include <fmt/core.h>

#include "models/kubernetes/json/schema.h"

namespace models::kubernetes::json {

namespace {

/// So many different notes are kept of one kind of trouble; a stream of rubbish must not fill the memory.
constexpr std::size_t kNotesMax = 1000;

}  // namespace

void Notes::add(std::string_view object, std::string_view kind, const Problems& problems) {
  for (const Problem& problem : problems.errors) {
    error(object, kind, problem.field, problem.text);
  }
  for (const std::string& path : problems.unknown) {
    warning(object, kind, path, "the API has no such field");
  }
  for (const Problem& problem : problems.unmodelled) {
    warning(object, kind, problem.field, problem.text);
  }
}

void Notes::add(std::vector<ObjectNote>& notes, std::string_view list, std::string_view object,
                std::string_view kind, std::string_view path, std::string_view text) {
  std::string field = without_positions(path);
  const std::string key = fmt::format("{}\n{}\n{}\n{}", list, kind, field, text);
  auto known = told_.find(key);
  if (known == told_.end()) {
    if (notes.size() < kNotesMax) {
      told_.emplace(key, Told{notes.size(), std::string(object)});
      notes.push_back({std::string(kind), std::string(object), std::move(field), std::string(text), 1});
    }
  } else if (known->second.last_object != object) {
    known->second.last_object = object;
    ++notes[known->second.position].objects;
  }
}

}  // namespace models::kubernetes::json
