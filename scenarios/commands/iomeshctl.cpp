// iomeshctl chunk unregister|list, iomeshctl summary cluster.
//
// Source: IOMesh documentation, Scale Down Cluster (chunk unregister), Replace Failed Disk (summary cluster
// and its counters). What they print is not published, except the names of the counters: the layout is
// assumed, and so is that unregister prints nothing and blocks until the record is deleted.

#include "scenarios/commands/iomeshctl.h"

#include <fmt/format.h>

#include <charconv>

#include "models/iomesh/resource.h"
#include "models/iomesh/unregister.h"
#include "scenarios/commands/sub_commands.h"
#include "scenarios/commands/table.h"

namespace scenarios::commands {

namespace {

const Flags& unregister_flags() {
  static const Flags flags(Flags::Of::other, "iomeshctl chunk unregister", {}, {});
  return flags;
}
const Flags& list_flags() {
  static const Flags flags(Flags::Of::other, "iomeshctl chunk list", {}, {});
  return flags;
}
const Flags& summary_flags() {
  static const Flags flags(Flags::Of::other, "iomeshctl summary cluster", {}, {});
  return flags;
}

class Unregister : public IomeshctlAction {
 public:
  explicit Unregister(std::int32_t id) : id_(id) {}

  void perform(CommandState& state, iomesh::Turn& turn, By by) const override {
    constexpr std::uint8_t kAsking = 1;
    constexpr std::uint8_t kWaiting = 2;
    if (state.stage == 0) {
      state.stage = kAsking;
      state.deadline = turn.now() + turn.state.parameters.command;
    }
    if (state.stage == kAsking) {
      if (turn.now() < state.deadline) {
        return;
      }
      state.deadline = sim::kNever;
      const std::string why =
          iomesh::unregister::request(turn, id_, {static_cast<std::uint16_t>(by.writer), by.cause});
      if (!why.empty()) {
        state.errors += fmt::format("Error: {}\n", why);
        finish(state, 1);
        return;
      }
      state.stage = kWaiting;
    }
    if (turn.state.find_id(id_) == iomesh::kNone) {
      finish(state);
    }
  }

 private:
  std::int32_t id_;
};

class ListChunks : public IomeshctlAction {
 public:
  void perform(CommandState& state, iomesh::Turn& turn, By) const override {
    Table table({"ID", "IP", "STATUS", "USE", "CAPACITY", "USED"});
    const std::vector<iomesh::Amount> amounts = iomesh::resource::amounts_now(turn.state, turn.now());
    for (std::size_t i = 0; i < turn.state.chunks.size(); ++i) {
      const iomesh::Chunk& chunk = turn.state.chunks[i];
      if (chunk.registered()) {
        const bool known = chunk.status != iomesh::ChunkStatus::session_expired;
        table.add_row({fmt::format("{}", chunk.id),
                       iomesh::address_of(turn.state, turn.cluster(), turn.cluster().strings[chunk.node]),
                       std::string(iomesh::to_text(chunk.status)), std::string(iomesh::to_text(chunk.use)),
                       iomesh::size_text(known ? chunk.capacity : 0),
                       iomesh::size_text(known ? amounts[i].used : 0)});
      }
    }
    state.output += table.to_text(true);
    finish(state);
  }
};

class SummarizeCluster : public IomeshctlAction {
 public:
  void perform(CommandState& state, iomesh::Turn& turn, By) const override {
    const iomesh::resource::Counters counters = iomesh::resource::counters_of(turn.state, turn.now());
    for (const auto& [name, value] : {std::pair{"num_ongoing_recovers", counters.ongoing_recovers},
                                      std::pair{"num_pending_recovers", counters.pending_recovers},
                                      std::pair{"num_ongoing_migrates", counters.ongoing_migrates},
                                      std::pair{"num_pending_migrates", counters.pending_migrates},
                                      std::pair{"pending_migrates_bytes", counters.pending_migrates_bytes},
                                      std::pair{"pending_recovers_bytes", counters.pending_recovers_bytes}}) {
      state.output += fmt::format("{}: {}\n", name, value);
    }
    finish(state);
  }
};

/// The words of a command of iomeshctl, at a prompt or behind `kubectl exec … --`.
std::shared_ptr<const IomeshctlAction> read_words_of(Reading& reading, std::span<const Argument> words) {
  const auto word = [&](std::size_t i) { return i < words.size() ? words[i].text() : std::string(); };
  if (word(1) == "chunk" && word(2) == "list" && words.size() == 3) {
    return std::make_shared<ListChunks>();
  }
  if (word(1) == "summary" && word(2) == "cluster" && words.size() == 3) {
    return std::make_shared<SummarizeCluster>();
  }
  if (word(1) == "chunk" && word(2) == "unregister" && words.size() == 4) {
    std::int32_t id = 0;
    const std::string& text = words[3].text();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    const bool whole = error == std::errc() && end == text.data() + text.size() && id > 0;
    if (!whole && !words[3].open_from(0)) {
      reading.refuse(fmt::format("\"{}\" is no chunk id", text),
                     "ids stand in status.summary.chunkSummary.chunks of kubectl get iomesh iomesh -o yaml",
                     words[3].origin(0));
    }
    return std::make_shared<Unregister>(id);
  }
  std::string given;
  for (const Argument& argument : words.subspan(1)) {
    given += (given.empty() ? "" : " ") + argument.text();
  }
  const bool cancels =
      word(1) == "chunk" && (word(2) == "cancel" || word(2) == "abort" || word(2) == "register");
  reading.refuse(
      fmt::format("iomeshctl {} is not modelled", given),
      cancels ? "whether an unregister can be taken back was never published; here it goes on to its end"
              : "modelled: iomeshctl chunk unregister ID, iomeshctl chunk list, iomeshctl summary cluster",
      words.front().origin(0));
  return nullptr;
}

template <int command>
ActionPointer read_at_prompt(Reading& reading) {
  constexpr std::string_view kNames[] = {"chunk unregister", "chunk list", "summary cluster"};
  reading.refuse(fmt::format("iomeshctl {} runs in the meta leader's pod", kNames[command]),
                 "write kubectl exec POD -n iomesh-system -c iomesh-meta -- /opt/iomesh/iomeshctl …");
  return nullptr;
}

}  // namespace

void IomeshctlAction::advance(CommandState& state, Systems&, By) const {
  state.errors += "iomeshctl: command not found\n";
  finish(state, 127);
}

bool is_iomeshctl(std::string_view word) {
  return word == "iomeshctl" || word == "/opt/iomesh/iomeshctl" || word == "./iomeshctl";
}

std::shared_ptr<const IomeshctlAction> read_iomeshctl(Reading& reading, std::span<const Argument> words) {
  return read_words_of(reading, words);
}

std::optional<iomesh::Turn> iomesh_turn(Systems& systems) {
  if (systems.iomesh == nullptr || !systems.iomesh->given()) {
    return std::nullopt;
  }
  return iomesh::Turn{*systems.iomesh, systems.kubernetes};
}

bool names_iomesh(std::string_view kind) {
  return kind == "iomesh" || kind == "iomeshes" || kind == "iomeshes.iomesh.com";
}

nlohmann::json scalar_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!text.empty() && error == std::errc() && end == text.data() + text.size()) {
    return number;
  }
  if (text == "true" || text == "false") {
    return text == "true";
  }
  return text == "null" ? nlohmann::json(nullptr) : nlohmann::json(std::string(text));
}

const SubCommand kIomeshctlChunkUnregister{
    "iomeshctl",
    "chunk unregister",
    "ID",
    "Removes a chunk: its data moves to the others, then its record is deleted. Through kubectl exec, in the "
    "meta leader's pod.",
    []() -> const FlagTable& { return unregister_flags().table(); },
    read_at_prompt<0>};
const SubCommand kIomeshctlChunkList{"iomeshctl",
                                     "chunk list",
                                     "",
                                     "Prints the chunks. Likewise.",
                                     []() -> const FlagTable& { return list_flags().table(); },
                                     read_at_prompt<1>};
const SubCommand kIomeshctlSummaryCluster{"iomeshctl",
                                          "summary cluster",
                                          "",
                                          "Prints the counters of recovery and migration. Likewise.",
                                          []() -> const FlagTable& { return summary_flags().table(); },
                                          read_at_prompt<2>};

}  // namespace scenarios::commands
