#pragma once

#include <utility>

#include "scenarios/commands/emulated.h"
#include "scenarios/commands/resource_arguments.h"

namespace scenarios::commands {

/// A command that changes the objects that it finds, one after the other, by a request each. Source:
/// cli-runtime pkg/resource/visitor.go: the objects are looked up first, and visited in their order.
class ObjectChanges : public Action {
 public:
  explicit ObjectChanges(ResourceQuery query) : query_(std::move(query)) {}

  void advance(CommandState& state, Systems& systems, By by) const override;

 private:
  /// Whether requests are sent that change something.
  [[nodiscard]] virtual bool sends() const = 0;
  virtual void change(CommandState& state, Systems& systems, const ObjectRef& object, By by,
                      KubectlErrors& errors) const = 0;

  void look_up(CommandState& state, const Systems& systems, KubectlErrors& errors) const;

  ResourceQuery query_;
};

}  // namespace scenarios::commands
