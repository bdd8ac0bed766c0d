#include "scenarios/commands/object_changes.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/kubernetes/purposes.h"
#include "scenarios/commands/request_pace.h"

namespace scenarios::commands {

namespace kubernetes = models::kubernetes;

void ObjectChanges::look_up(CommandState& state, const Systems& systems, KubectlErrors& errors) const {
  const FoundObjects found = find_objects(systems, query_);
  for (const ObjectRef& object : found.objects) {
    state.waiting_for.push_back(object.uid);
    state.words.push_back(printed_name(systems, object));
  }
  for (const kubernetes::ApiError& error : found.errors) {
    errors.add(error);
  }
}

void ObjectChanges::advance(CommandState& state, Systems& systems, By by) const {
  // The words are the names of the objects that are left, and behind them the errors so far.
  KubectlErrors errors;
  if (state.started) {
    errors = KubectlErrors::of_forms(std::span(state.words).subspan(state.waiting_for.size()));
    state.words.resize(state.waiting_for.size());
  } else {
    state.started = true;
    look_up(state, systems, errors);
  }
  while (!state.waiting_for.empty()) {
    const std::optional<ObjectRef> object = find_uid(systems, state.waiting_for.front());
    if (object && sends() && !takes_effect(state, systems, *object, kubernetes::Purpose::RequestUpdate)) {
      const std::vector<std::string> forms = errors.forms();
      state.words.insert(state.words.end(), forms.begin(), forms.end());
      return;
    }
    const std::string name = state.words.front();
    state.waiting_for.erase(state.waiting_for.begin());
    state.words.erase(state.words.begin());
    state.deadline = sim::kNever;
    if (object) {
      change(state, systems, *object, by, errors);
    } else {
      const std::size_t slash = name.find('/');
      errors.add(kubernetes::not_found_error(kubernetes::find_resource(name.substr(0, slash))->kind,
                                             name.substr(slash + 1)));
    }
  }
  errors.finish_with(state);
}

}  // namespace scenarios::commands
