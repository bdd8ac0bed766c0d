#pragma once
// Secrets never enter a recording: they are replaced where the bytes of a program come in, before anything
// else sees them. What is redacted, and how it is recognised, stands in README.md beside this file.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/commands/redacted_text.h"

namespace scenarios::targets {

using commands::kRedacted;

/// Why something was redacted.
enum class RedactionRule : std::uint8_t {
  BearerToken,   ///< the word after Bearer, or after Authorization: Basic
  EncodedToken,  ///< a JSON Web Token, or other base64 of JSON; a Fernet token of OpenStack
  SecretObject,  ///< data and stringData of a Secret
  Environment,   ///< values of environment variables
  Argument,      ///< --token, --password, --from-literal and their like
  UrlPassword,   ///< user:password@ in a URL
  NamedKey,      ///< the value of a key named like password, token, credential
  PrivateKey,    ///< a PEM block with a private key
  WholeOutput,   ///< all output of a command that prints nothing but secrets
  Unreadable,    ///< a value that ended too early or is too long, so that it cannot be judged
};
inline constexpr std::size_t kRedactionRules = 10;

/// The name of a rule in header and closing line, such as `bearer-token`.
std::string_view name_of(RedactionRule rule);

/// How often each rule struck.
class RedactionCounts {
 public:
  void add(RedactionRule rule) { ++counts_.at(static_cast<std::size_t>(rule)); }
  std::uint64_t of(RedactionRule rule) const { return counts_.at(static_cast<std::size_t>(rule)); }
  std::uint64_t total() const;

 private:
  std::array<std::uint64_t, kRedactionRules> counts_{};
};

/// Free text of any number of lines, such as a plan. Redacting twice changes nothing more, here and below.
std::string redact_text(std::string_view text, RedactionCounts& counts);

/// The arguments of a program. The number of arguments stays.
std::vector<std::string> redact_arguments(const std::vector<std::string>& arguments, RedactionCounts& counts);

/// What a program with these arguments gets as standard input: manifests as JSON or YAML, or text.
std::string redact_input(const std::vector<std::string>& arguments, std::string_view input,
                         RedactionCounts& counts);

/// How the output of a program reads.
enum class OutputForm : std::uint8_t { Json, Yaml, Lines, Assignments, Secret };

/// What a program with these arguments prints to its standard output.
OutputForm output_form(const std::vector<std::string>& arguments);

/// Redacts one stream of bytes that arrives in pieces cut anywhere.
class StreamRedactor {
 public:
  StreamRedactor() = default;
  StreamRedactor(const StreamRedactor&) = delete;
  StreamRedactor& operator=(const StreamRedactor&) = delete;
  virtual ~StreamRedactor() = default;

  /// Takes the next bytes, gives out those that are judged: whole lines, or whole JSON values.
  virtual std::string feed(std::string_view bytes) = 0;
  /// The stream has ended: gives out the rest. A value that is cut in two loses its content.
  virtual std::string finish() = 0;
};

/// For the standard output of a program, or for its errors. `counts` must outlive it.
std::unique_ptr<StreamRedactor> redactor_for(const std::vector<std::string>& arguments, bool errors,
                                             RedactionCounts& counts);
std::unique_ptr<StreamRedactor> redactor_for(OutputForm form, RedactionCounts& counts);

}  // namespace scenarios::targets
