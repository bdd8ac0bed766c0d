#pragma once
// Secrets in free text, and the words by which they are known. Used by the redactors of JSON, YAML and
// arguments.

#include <cstddef>
#include <string>
#include <string_view>

#include "scenarios/targets/recording/redaction.h"

namespace scenarios::targets {

/// Whether the value of a key with this name is a secret: `password`, `OS_PASSWORD`, `adminPass`,
/// `client-key-data`; but not `secretName` or `tokenExpirationSeconds`, which only speak of one.
bool names_secret(std::string_view key);

/// Whether everything below such a key is secret too: `credentials: {user: …, key: …}`.
bool names_secrets_below(std::string_view key);

/// Whether the argument after a flag, or behind its `=`, is a secret. `flag` with its dashes, without `=`.
bool is_secret_flag(std::string_view flag);

/// Whether what a flag takes is `KEY=VALUE` with a secret value: --from-literal, --env.
bool is_secret_pair_flag(std::string_view flag);

/// Whether a program takes its password as -p: the clients of MySQL, and openstack.
bool takes_short_password(std::string_view program);

/// Whether a word of a command names Secrets as its resource: `secret`, `secrets/a`, `secret/a,configmap/b`.
bool means_secrets(std::string_view word);

struct TextSettings {
  bool all_assignments = false;  ///< every NAME=value is an environment variable
  bool one_word = false;         ///< the text is one argument: what follows `name=` belongs to it, blanks too
  int depth = 0;                 ///< JSON in strings in JSON …
};

/// Redacts free text into `redacted`; false when there was nothing to redact (`redacted` is then
/// unspecified).
bool redact_text_into(std::string_view text, RedactionCounts& counts, std::string& redacted,
                      TextSettings settings = {});

/// The text, redacted.
std::string redacted_text(std::string_view text, RedactionCounts& counts, TextSettings settings = {});

/// Where the JSON value that starts at `begin` with a bracket ends: behind its last bracket; npos when it
/// does not.
std::size_t end_of_json(std::string_view text, std::size_t begin);

}  // namespace scenarios::targets
