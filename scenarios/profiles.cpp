#include "scenarios/profiles.h"

#include <fmt/core.h>

#include <algorithm>

#include "scenarios/language/codecs.h"
#include "scenarios/language/load.h"
#include "scenarios/language/nearest_word.h"
#include "scenarios/language/yaml_document.h"
#include "scenarios/shipped_profiles.h"

namespace scenarios {

namespace {

using language::Diagnostics;
using language::Member;
using language::Node;
using models::timing::Provenance;

constexpr std::size_t kProfileBytesMax = std::size_t{1} << 20U;

class ProfileReader {
 public:
  ProfileReader(const language::Document& document, Diagnostics& diagnostics)
      : document_(document), reader_(document, known_, diagnostics), diagnostics_(diagnostics) {}

  std::optional<models::timing::Profile> read() {
    const Node& root = document_.root;
    const Node* name = root.find("profile");
    const Node* timings = root.find("timings");
    if (!root.is_mapping() || name == nullptr || timings == nullptr || !timings->is_mapping()) {
      diagnostics_.error(document_.where(root), "", "this is not a timing profile",
                         "write apiVersion: rehearsal/v1, profile: NAME and timings: {pod.start: {…}}");
      return std::nullopt;
    }
    for (const Member& member : root.members) {
      static const std::vector<std::string> kKeys = {"apiVersion", "profile", "description", "timings"};
      if (std::find(kKeys.begin(), kKeys.end(), member.key) == kKeys.end()) {
        diagnostics_.error(document_.where(member), member.key, fmt::format("unknown key {}", member.key),
                           language::did_you_mean(member.key, kKeys));
      }
    }
    models::timing::Profile profile(name->text);
    for (const Member& timing : timings->members) {
      read_timing(timing, profile);
    }
    return diagnostics_.has_errors() ? std::nullopt : std::optional{profile};
  }

 private:
  void read_timing(const Member& member, models::timing::Profile& profile) {
    const auto key = models::timing::key_of(member.key);
    const std::string field = "timings." + member.key;
    if (!key) {
      std::vector<std::string> names;
      for (const models::timing::KnownKey& known : models::timing::known_keys()) {
        names.emplace_back(known.name);
      }
      diagnostics_.error(document_.where(member), field, fmt::format("unknown timing {}", member.key),
                         language::did_you_mean(member.key, names));
      return;
    }
    Node value = member.value;
    const std::optional<Provenance> provenance = take_provenance(value);
    if (!provenance) {
      diagnostics_.error(document_.where(member.value), field, "nothing says where this number is from",
                         "add source: …, measured: …, fitted: … or assumed: …");
      return;
    }
    language::Located<models::timing::Distribution> distribution;
    const language::Reader::Below timings(reader_, "timings");
    const language::Reader::Below below(reader_, member.key);
    language::FieldOptions options;
    options.zero_is_fine = true;
    language::Codec<language::Located<models::timing::Distribution>>::read(reader_, value, distribution,
                                                                           options);
    profile.set(*key, distribution.value.with_provenance(*provenance));
  }

  /// Takes the key that names the origin out of a timing.
  static std::optional<Provenance> take_provenance(Node& value) {
    for (auto member = value.members.begin(); member != value.members.end(); ++member) {
      if (const auto kind = models::timing::provenance_kind(member->key)) {
        Provenance provenance{*kind, member->value.text};
        value.members.erase(member);
        return provenance;
      }
    }
    return std::nullopt;
  }

  const language::Document& document_;
  language::KnownWords known_;
  language::Reader reader_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::vector<std::string> profile_names() {
  std::vector<std::string> names;
  for (const ShippedProfile& profile : shipped_profiles()) {
    names.emplace_back(profile.name);
  }
  return names;
}

std::optional<models::timing::Profile> read_profile(std::string text, const std::string& file,
                                                    Diagnostics& diagnostics) {
  const std::vector<language::Document> documents =
      language::load_documents(std::move(text), file, language::LoadLimits{}, diagnostics);
  if (diagnostics.has_errors() || documents.empty()) {
    return std::nullopt;
  }
  return ProfileReader(documents.front(), diagnostics).read();
}

std::optional<models::timing::Profile> load_profile(const language::Text& name,
                                                    const std::string& scenario_file,
                                                    Diagnostics& diagnostics) {
  const std::string wanted = name.given() ? name.value : "default";
  for (const ShippedProfile& profile : shipped_profiles()) {
    if (profile.name == wanted) {
      return read_profile(std::string(profile.text), fmt::format("profile {}", wanted), diagnostics);
    }
  }
  if (wanted.find('.') == std::string::npos) {
    diagnostics.error(name.at, "profile", fmt::format("there is no profile {}", wanted),
                      language::did_you_mean(wanted, profile_names()));
    return std::nullopt;
  }
  const std::string path = language::path_beside(scenario_file, wanted);
  std::string text = language::read_text_file(path, kProfileBytesMax, diagnostics);
  return diagnostics.has_errors() ? std::nullopt : read_profile(std::move(text), path, diagnostics);
}

}  // namespace scenarios
