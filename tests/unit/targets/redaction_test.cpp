// What is redacted, and what is left byte for byte.

#include "scenarios/targets/recording/redaction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "scenarios/targets/recording/redact_text.h"

namespace scenarios::targets {
namespace {

using Arguments = std::vector<std::string>;

struct TextCase {
  const char* name;
  std::string text;
  std::string want;

  friend std::ostream& operator<<(std::ostream& os, const TextCase& c) { return os << c.name; }
};

const TextCase kTexts[] = {
    // Tokens.
    {"bearer", "Authorization: Bearer abc123def", "Authorization: Bearer **redacted**"},
    {"bearer_in_curl", "curl -H 'Authorization: bearer abc.def-1'",
     "curl -H 'Authorization: bearer **redacted**'"},
    {"basic", "Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic **redacted**"},
    {"jwt", "got eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln, good", "got **redacted**, good"},
    {"jwt_behind_a_path", "x/y=eyJhbGciOiJSUzI1NiJ9.abc", "x/y=**redacted**"},
    {"fernet", "id gAAAAABhZ1234567890123456789012345678901234567890", "id **redacted**"},
    // URLs.
    {"url_password", "https://user:hunter2@host:8080/a@b", "https://user:**redacted**@host:8080/a@b"},
    {"url_token", "git clone https://ghp_0123456789abcdef0123@github.com/a",
     "git clone https://**redacted**@github.com/a"},
    {"url_user", "ssh://git@github.com/a", "ssh://git@github.com/a"},
    {"url_with_digest", "docker-pullable://docker.io/library/nginx:1@sha256:abc",
     "docker-pullable://docker.io/library/nginx:1@sha256:abc"},
    // Flags.
    {"flag_equals", "kubectl --token=abc get pods", "kubectl --token=**redacted** get pods"},
    {"flag_blank", "openstack --os-password abc server list",
     "openstack --os-password **redacted** server list"},
    {"flag_quoted", "x --password='a b' y", "x --password=**redacted** y"},
    {"flag_in_a_quoted_command", "run: \"x --password abc\"\nnext: 1",
     "run: \"x --password **redacted**\"\nnext: 1"},
    {"flag_in_quotes", "args: [\"--token=a b\", \"c\"]", "args: [\"--token=**redacted**\", \"c\"]"},
    {"flag_with_an_apostrophe", "x --password don't y\nplan: kept", "x --password **redacted**\nplan: kept"},
    {"flag_before_a_flag", "x --password --all", "x --password --all"},
    {"literal", "create secret generic a --from-literal=k=v --from-literal 'l=w x'",
     "create secret generic a --from-literal=k=**redacted** --from-literal 'l=**redacted**'"},
    {"file_flag", "x --token-file=/a/b --password-stdin y", "x --token-file=/a/b --password-stdin y"},
    {"mysql", "mysql -u root -phunter2 db", "mysql -u root -p**redacted** db"},
    {"kubectl_patch_is_no_password", "kubectl patch job a -p '{\"spec\":{}}'",
     "kubectl patch job a -p '{\"spec\":{}}'"},
    // Assignments.
    {"variable", "OS_PASSWORD=hunter2 openstack server list",
     "OS_PASSWORD=**redacted** openstack server list"},
    {"variable_quoted", "OS_PASSWORD='hunt er2' x", "OS_PASSWORD='**redacted**' x"},
    {"helm_set", "--set db.rootPassword=a,replicas=3", "--set db.rootPassword=**redacted**,replicas=3"},
    {"quote_in_a_password", "password=ab\"cd ef", "password=**redacted** ef"},
    {"set_env", "kubectl set env deployment/web A=b C=d",
     "kubectl set env deployment/web A=**redacted** C=**redacted**"},
    {"toml", "secret-key = \"abc\"", "secret-key = \"**redacted**\""},
    {"yaml", "  password: hunter2 and more\nuser: a", "  password: \"**redacted**\"\nuser: a"},
    {"yaml_flow", "auth: {password: a b, user: c}", "auth: {password: \"**redacted**\", user: c}"},
    {"json_in_text", "sent {\"password\":\"a\",\"user\":\"b\"} ok",
     "sent {\"password\":\"**redacted**\",\"user\":\"b\"} ok"},
    {"escaped_json_in_text", "sent {\\\"password\\\":\\\"a b\\\",\\\"c\\\":1}",
     "sent {\\\"password\\\":\\\"**redacted**\\\",\\\"c\\\":1}"},
    {"table", "| adminPass | aB3 |\n| name | x |", "| adminPass | **redacted** |\n| name | x |"},
    {"private_key", "a\n-----BEGIN RSA PRIVATE KEY-----\nMII\nabc\n-----END RSA PRIVATE KEY-----\nb",
     "a\n-----BEGIN RSA PRIVATE KEY-----**redacted**-----END RSA PRIVATE KEY-----\nb"},
    // Patches and manifests inside of text.
    {"patch_of_a_secret", "kubectl patch secret a -p '{\"stringData\":{\"k\":\"v\"}}'",
     "kubectl patch secret a -p '{\"stringData\":{\"k\":\"**redacted**\"}}'"},
    {"patch_of_an_environment",
     "kubectl patch deployment a -p "
     "'{\"spec\":{\"containers\":[{\"env\":[{\"name\":\"A\",\"value\":\"v\"}]}]}}'",
     "kubectl patch deployment a -p "
     "'{\"spec\":{\"containers\":[{\"env\":[{\"name\":\"A\",\"value\":\"**redacted**\"}]}]}}'"},
    // Left alone.
    {"plain", "kubectl scale statefulset web --replicas=1 -n default",
     "kubectl scale statefulset web --replicas=1 -n default"},
    {"image", "image: registry/token:v1 secretName: a", "image: registry/token:v1 secretName: a"},
    {"boolean", "automountServiceAccountToken: false", "automountServiceAccountToken: false"},
    {"bypass", "bypass=1 compass: north", "bypass=1 compass: north"},
    {"empty", "password=\ntoken:\n", "password=\ntoken:\n"},
};

class RedactText : public testing::TestWithParam<TextCase> {};

TEST_P(RedactText, givesTheExpectedText) {
  RedactionCounts counts;
  const std::string redacted = redact_text(GetParam().text, counts);
  EXPECT_EQ(redacted, GetParam().want);
  EXPECT_EQ(counts.total() > 0, GetParam().text != GetParam().want);
}

TEST_P(RedactText, changesNothingMoreTheSecondTime) {
  RedactionCounts counts;
  EXPECT_EQ(redact_text(GetParam().want, counts), GetParam().want);
  EXPECT_EQ(counts.total(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Cases, RedactText, testing::ValuesIn(kTexts),
                         [](const auto& row) { return std::string(row.param.name); });

struct ArgumentsCase {
  const char* name;
  Arguments arguments;
  Arguments want;

  friend std::ostream& operator<<(std::ostream& os, const ArgumentsCase& c) { return os << c.name; }
};

const ArgumentsCase kArguments[] = {
    {"token", {"kubectl", "--token=a b", "get"}, {"kubectl", "--token=**redacted**", "get"}},
    {"password",
     {"openstack", "--os-password", "-x y", "list"},
     {"openstack", "--os-password", "**redacted**", "list"}},
    {"literal",
     {"kubectl", "create", "secret", "generic", "a", "--from-literal=k=v=w x"},
     {"kubectl", "create", "secret", "generic", "a", "--from-literal=k=**redacted**"}},
    {"literal_apart", {"kubectl", "--from-literal", "k=v"}, {"kubectl", "--from-literal", "k=**redacted**"}},
    {"env_flag", {"kubectl", "run", "a", "--env=A=b c"}, {"kubectl", "run", "a", "--env=A=**redacted**"}},
    {"set_env",
     {"kubectl", "set", "env", "deployment/a", "A=b c"},
     {"kubectl", "set", "env", "deployment/a", "A=**redacted**"}},
    {"docker_registry",
     {"kubectl", "create", "secret", "docker-registry", "a", "--docker-password=v"},
     {"kubectl", "create", "secret", "docker-registry", "a", "--docker-password=**redacted**"}},
    {"helm_set",
     {"helm", "upgrade", "--set", "auth.password=a b,n=1"},
     {"helm", "upgrade", "--set", "auth.password=**redacted**,n=1"}},
    {"mysql",
     {"kubectl", "exec", "a", "--", "mysql", "-phunter2"},
     {"kubectl", "exec", "a", "--", "mysql", "-p**redacted**"}},
    {"openstack_p", {"openstack", "-p", "hunter2"}, {"openstack", "-p", "**redacted**"}},
    {"inner_shell",
     {"kubectl", "exec", "a", "--", "sh", "-c", "OS_PASSWORD=x mysql -py"},
     {"kubectl", "exec", "a", "--", "sh", "-c", "OS_PASSWORD=**redacted**"}},
    {"patch_of_a_secret",
     {"kubectl", "patch", "secret/a", "-p", R"({"data":{"k":"dg=="}})"},
     {"kubectl", "patch", "secret/a", "-p", R"({"data":{"k":"**redacted**"}})"}},
    {"json_patch_of_a_secret",
     {"kubectl", "patch", "secret", "a", "--type=json", "-p",
      R"([{"op":"add","path":"/data/k","value":"dg=="}])"},
     {"kubectl", "patch", "secret", "a", "--type=json", "-p",
      R"([{"op":"add","path":"/data/k","value":"**redacted**"}])"}},
    {"json_patch_of_an_environment",
     {"kubectl", "patch", "pod", "a", "-p",
      R"([{"value":{"name":"A","value":"v"},"op":"add","path":"/spec/containers/0/env/-"}])"},
     {"kubectl", "patch", "pod", "a", "-p",
      R"([{"value":{"name":"**redacted**","value":"**redacted**"},"op":"add","path":"/spec/containers/0/env/-"}])"}},
    {"json_patch_of_replicas",
     {"kubectl", "patch", "job", "a", "-p", R"([{"op":"replace","path":"/spec/completions","value":3}])"},
     {"kubectl", "patch", "job", "a", "-p", R"([{"op":"replace","path":"/spec/completions","value":3}])"}},
    {"config_map_patch",
     {"kubectl", "patch", "configmap", "a", "-p", R"({"data":{"k":"v"}})"},
     {"kubectl", "patch", "configmap", "a", "-p", R"({"data":{"k":"v"}})"}},
    {"plain",
     {"kubectl", "delete", "pod", "-l", "a=b", "-p", "{\"spec\":{\"size\":3}}", ""},
     {"kubectl", "delete", "pod", "-l", "a=b", "-p", "{\"spec\":{\"size\":3}}", ""}},
};

class RedactArguments : public testing::TestWithParam<ArgumentsCase> {};

TEST_P(RedactArguments, givesTheExpectedArguments) {
  RedactionCounts counts;
  EXPECT_EQ(redact_arguments(GetParam().arguments, counts), GetParam().want);
  RedactionCounts again;
  EXPECT_EQ(redact_arguments(GetParam().want, again), GetParam().want);
  EXPECT_EQ(again.total(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Cases, RedactArguments, testing::ValuesIn(kArguments),
                         [](const auto& row) { return std::string(row.param.name); });

struct KeyCase {
  const char* key;
  bool secret;

  friend std::ostream& operator<<(std::ostream& os, const KeyCase& c) { return os << c.key; }
};

const KeyCase kKeys[] = {
    {"password", true},
    {"OS_PASSWORD", true},
    {"rootPassword", true},
    {"passwd", true},
    {"token", true},
    {"idToken", true},
    {"refresh-token", true},
    {"apiKey", true},
    {"API_KEY", true},
    {"clientSecret", true},
    {"secretAccessKey", true},
    {"credential", true},
    {"client-key-data", true},
    {"client-certificate-data", true},
    {"certificate-authority-data", true},
    {"adminPass", true},
    {"OS_PASS", true},
    {"pass", true},
    {"curveCert", true},
    {"secretName", false},
    {"secretKeyRef", false},
    {"secretRef", false},
    {"imagePullSecrets", true},
    {"imagePullSecret", false},
    {"tokenExpirationSeconds", false},
    {"token-file", false},
    {"key", false},
    {"compass", false},
    {"bypass", false},
    {"name", false},
    {"continue", false},
    {"pod-template-hash", false},
    {"resourceVersion", false},
};

class SecretKeys : public testing::TestWithParam<KeyCase> {};

TEST_P(SecretKeys, areKnownByTheirName) { EXPECT_EQ(names_secret(GetParam().key), GetParam().secret); }

INSTANTIATE_TEST_SUITE_P(Cases, SecretKeys, testing::ValuesIn(kKeys), [](const auto& row) {
  std::string name = row.param.key;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

struct FormCase {
  const char* name;
  Arguments arguments;
  OutputForm want;

  friend std::ostream& operator<<(std::ostream& os, const FormCase& c) { return os << c.name; }
};

const FormCase kForms[] = {
    {"watch", {"kubectl", "get", "pods", "-A", "--watch", "-o", "json"}, OutputForm::Json},
    {"output_flag", {"kubectl", "get", "pods", "--output=json"}, OutputForm::Json},
    {"attached", {"kubectl", "get", "pods", "-ojson"}, OutputForm::Json},
    {"openstack_json", {"openstack", "server", "list", "-f", "json"}, OutputForm::Json},
    {"raw", {"kubectl", "get", "--raw", "/version"}, OutputForm::Json},
    {"yaml", {"kubectl", "get", "secret", "-o", "yaml"}, OutputForm::Yaml},
    {"describe", {"kubectl", "describe", "pod", "a"}, OutputForm::Yaml},
    {"config", {"kubectl", "config", "view", "--raw"}, OutputForm::Yaml},
    {"helm_template", {"helm", "template", "a"}, OutputForm::Yaml},
    {"helm_dry_run", {"helm", "upgrade", "a", "b", "--dry-run=server"}, OutputForm::Yaml},
    {"helm_upgrade", {"helm", "upgrade", "a", "b"}, OutputForm::Lines},
    {"table", {"kubectl", "get", "pods"}, OutputForm::Lines},
    {"apply_file", {"kubectl", "apply", "-f", "a.yaml"}, OutputForm::Lines},
    {"printenv", {"kubectl", "exec", "a", "--", "printenv"}, OutputForm::Assignments},
    {"secret_jsonpath", {"kubectl", "get", "secret", "a", "-o", "jsonpath={.data.k}"}, OutputForm::Secret},
    {"secret_template", {"kubectl", "get", "secrets/a", "--template={{.data.k}}"}, OutputForm::Secret},
    {"pod_jsonpath", {"kubectl", "get", "pod", "a", "-o", "jsonpath={.status.phase}"}, OutputForm::Lines},
    {"environment_jsonpath",
     {"kubectl", "get", "pod", "a", "-o", "jsonpath={..env[*].value}"},
     OutputForm::Secret},
    {"token_issue", {"openstack", "token", "issue", "-f", "value"}, OutputForm::Secret},
    {"create_token", {"kubectl", "create", "token", "default"}, OutputForm::Secret},
};

class OutputForms : public testing::TestWithParam<FormCase> {};

TEST_P(OutputForms, followFromTheArguments) {
  EXPECT_EQ(static_cast<int>(output_form(GetParam().arguments)), static_cast<int>(GetParam().want));
}

INSTANTIATE_TEST_SUITE_P(Cases, OutputForms, testing::ValuesIn(kForms),
                         [](const auto& row) { return std::string(row.param.name); });

/// What a plan's text becomes must be the same commands that its arguments become: a replay compares them.
TEST(Redaction, planTextAndArgumentsAgree) {
  const struct {
    const char* text;
    Arguments arguments;
    const char* redacted_text;
    Arguments redacted_arguments;
  } kRows[] = {
      {"kubectl create secret generic a --from-literal='k=a b'",
       {"kubectl", "create", "secret", "generic", "a", "--from-literal=k=a b"},
       "kubectl create secret generic a --from-literal='k=**redacted**'",
       {"kubectl", "create", "secret", "generic", "a", "--from-literal=k=**redacted**"}},
      {"openstack --os-password 'a b' list",
       {"openstack", "--os-password", "a b", "list"},
       "openstack --os-password **redacted** list",
       {"openstack", "--os-password", "**redacted**", "list"}},
  };
  for (const auto& row : kRows) {
    RedactionCounts counts;
    EXPECT_EQ(redact_text(row.text, counts), row.redacted_text);
    EXPECT_EQ(redact_arguments(row.arguments, counts), row.redacted_arguments);
  }
}

TEST(Redaction, inputOfManifestsIsRedacted) {
  RedactionCounts counts;
  EXPECT_EQ(redact_input({"kubectl", "apply", "-f", "-"},
                         "apiVersion: v1\nkind: Secret\nstringData:\n  a: b\n", counts),
            "apiVersion: v1\nkind: Secret\nstringData:\n  a: \"**redacted**\"\n");
  EXPECT_EQ(redact_input({"kubectl", "apply", "-f", "-"}, R"({"kind":"Secret","data":{"a":"Yg=="}})", counts),
            R"({"kind":"Secret","data":{"a":"**redacted**"}})");
  EXPECT_EQ(counts.of(RedactionRule::SecretObject), 2U);
}

TEST(Redaction, everyRuleHasAName) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kRedactionRules; ++i) {
    names.emplace_back(name_of(static_cast<RedactionRule>(i)));
    EXPECT_FALSE(names.back().empty());
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
}

}  // namespace
}  // namespace scenarios::targets
