#include "models/kubernetes/json/placement_json.h"

#include <gtest/gtest.h>

#include "models/kubernetes/json/cluster_classes_json.h"

namespace models::kubernetes {
namespace {

using json::Json;

constexpr const char* kSpec = R"({
  "affinity": {
    "nodeAffinity": {
      "preferredDuringSchedulingIgnoredDuringExecution": [
        {"preference": {"matchExpressions": [{"key": "gpu", "operator": "Exists"}]}, "weight": 7}],
      "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
        {"matchExpressions": [{"key": "cores", "operator": "Gt", "values": ["8"]}],
         "matchFields": [{"key": "metadata.name", "operator": "NotIn", "values": ["n1"]}]}]}},
    "podAffinity": {
      "preferredDuringSchedulingIgnoredDuringExecution": [
        {"podAffinityTerm": {"labelSelector": {"matchLabels": {"app": "db"}}, "topologyKey": "rack"},
         "weight": 9}]},
    "podAntiAffinity": {
      "requiredDuringSchedulingIgnoredDuringExecution": [
        {"labelSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]},
         "namespaceSelector": {}, "namespaces": ["a"], "topologyKey": "kubernetes.io/hostname"}]}},
  "topologySpreadConstraints": [
    {"labelSelector": {"matchLabels": {"app": "web"}}, "matchLabelKeys": ["tier"], "maxSkew": 2,
     "minDomains": 3, "nodeAffinityPolicy": "Ignore", "nodeTaintsPolicy": "Honor", "topologyKey": "zone",
     "whenUnsatisfiable": "DoNotSchedule"},
    {"maxSkew": 1, "topologyKey": "rack", "whenUnsatisfiable": "ScheduleAnyway"}],
  "priorityClassName": "high",
  "priority": 1000,
  "preemptionPolicy": "Never",
  "volumes": [{"name": "volume-0", "persistentVolumeClaim": {"claimName": "data"}}]
})";

PodTemplate read(const Json& spec, json::Problems& problems) {
  PodTemplate pod_template;
  json::read_placement(spec, "spec", pod_template, problems);
  return pod_template;
}

TEST(PlacementJson, ReadsWhatTheSchedulerLooksAt) {
  json::Problems problems;
  const PodTemplate content = read(Json::parse(kSpec), problems);
  EXPECT_TRUE(problems.unmodelled.empty());
  ASSERT_TRUE(content.node_affinity);
  EXPECT_EQ(content.node_affinity->at(0).match_expressions.at(0).op, SelectorOperator::Gt);
  EXPECT_EQ(content.node_affinity->at(0).match_fields.at(0).op, SelectorOperator::NotIn);
  EXPECT_EQ(content.preferred_node_affinity.at(0).weight, 7);
  EXPECT_EQ(content.pod_affinity.at(0).weight, 9);
  EXPECT_TRUE(content.pod_anti_affinity.at(0).every_namespace);
  EXPECT_EQ(content.topology_spread.at(0).min_domains, 3);
  EXPECT_FALSE(content.topology_spread.at(0).honor_node_affinity);
  EXPECT_TRUE(content.topology_spread.at(0).honor_node_taints);
  EXPECT_FALSE(content.topology_spread.at(1).do_not_schedule);
  EXPECT_FALSE(content.topology_spread.at(1).has_selector);
  EXPECT_EQ(content.priority, 1000);
  EXPECT_FALSE(content.preempts);
  EXPECT_EQ(content.volumes.claims, std::vector<std::string>{"data"});
}

TEST(PlacementJson, WritesWhatItReads) {
  json::Problems problems;
  const Json spec = Json::parse(kSpec);
  Json written = Json::object();
  json::write_placement(read(spec, problems), written);
  EXPECT_TRUE(json::same(written, spec)) << written.dump(1);
}

TEST(PlacementJson, HostPortsOfTheHostNetworkAreThoseOfTheContainers) {
  json::Problems problems;
  const PodTemplate content = read(Json::parse(R"({"hostNetwork":true,"containers":[
      {"name":"a","ports":[{"containerPort":80},{"containerPort":53,"hostPort":5353,"protocol":"UDP","hostIP":"10.0.0.1"}]}]})"),
                                   problems);
  EXPECT_EQ(content.host_ports, (std::vector<HostPort>{{80, "TCP", ""}, {5353, "UDP", "10.0.0.1"}}));
}

TEST(PlacementJson, NamespacesAreSelectedByNameOnly) {
  json::Problems problems;
  const PodTemplate content =
      read(Json::parse(R"({"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[
      {"topologyKey":"rack","namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"a"}}},
      {"topologyKey":"rack","namespaceSelector":{"matchLabels":{"team":"b"}}}]}}})"),
           problems);
  EXPECT_EQ(content.pod_affinity.at(0).namespaces, std::vector<std::string>{"a"});
  ASSERT_EQ(problems.unmodelled.size(), 1U);
  EXPECT_EQ(problems.unmodelled[0].field,
            "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[1].namespaceSelector");
}

// Source: pkg/volume/csi/csi_plugin.go skipAttach; what a volume shows counts where no CSIDriver says it.
TEST(ClusterClasses, TakeDriversFromTheirObjectsAndElseFromVolumes) {
  ClusterClasses classes;
  for (
      const char* object :
      {R"({"kind":"PersistentVolume","metadata":{"name":"a"},"spec":{"csi":{"driver":"driver.longhorn.io"}}})",
       R"({"kind":"PersistentVolume","metadata":{"name":"b"},"spec":{"csi":{"driver":"nfs.csi.k8s.io"}}})",
       R"({"kind":"PersistentVolume","metadata":{"name":"c","annotations":{
               "pv.kubernetes.io/provisioned-by":"csi.of.paths"}},"spec":{"hostPath":{"path":"/c"}}})",
       R"({"kind":"PersistentVolume","metadata":{"name":"d"},"spec":{"hostPath":{"path":"/d"}}})",
       R"({"kind":"CSIDriver","metadata":{"name":"nfs.csi.k8s.io"},"spec":{"attachRequired":false}})",
       R"({"kind":"CSIDriver","metadata":{"name":"ebs.csi.aws.com"},"spec":{}})"}) {
    EXPECT_TRUE(json::take_cluster_class(Json::parse(object), classes)) << object;
  }
  std::string told;
  for (const StorageDriver& driver : classes.drivers) {
    told += driver.name + (driver.attaches ? " attaches\n" : " attaches nothing\n");
  }
  EXPECT_EQ(told,
            "ebs.csi.aws.com attaches\nnfs.csi.k8s.io attaches nothing\ndriver.longhorn.io attaches\n"
            "nfs.csi.k8s.io attaches\ncsi.of.paths attaches nothing\n");
}

TEST(ClusterClasses, AreTakenFromObjects) {
  ClusterClasses classes;
  EXPECT_TRUE(json::take_cluster_class(
      Json::parse(
          R"({"kind":"PriorityClass","metadata":{"name":"high"},"value":1000,"preemptionPolicy":"Never"})"),
      classes));
  EXPECT_TRUE(
      json::take_cluster_class(Json::parse(R"({"kind":"StorageClass","metadata":{"name":"fast","annotations":
          {"storageclass.kubernetes.io/is-default-class":"true"}},"volumeBindingMode":"WaitForFirstConsumer"})"),
                               classes));
  EXPECT_TRUE(json::take_cluster_class(Json::parse(R"({"kind":"StorageClass","metadata":{"name":"plain"}})"),
                                       classes));
  EXPECT_TRUE(json::take_cluster_class(
      Json::parse(R"({"kind":"PersistentVolume","metadata":{"name":"disk"},"spec":{"nodeAffinity":{"required":
          {"nodeSelectorTerms":[{"matchExpressions":[{"key":"a","operator":"Exists"}]}]}}}})"),
      classes));
  EXPECT_FALSE(
      json::take_cluster_class(Json::parse(R"({"kind":"ConfigMap","metadata":{"name":"x"}})"), classes));
  ASSERT_EQ(classes.priorities.size(), 1U);
  EXPECT_EQ(classes.priorities[0].value, 1000);
  EXPECT_FALSE(classes.priorities[0].preempts);
  ASSERT_EQ(classes.storage.size(), 2U);
  EXPECT_FALSE(classes.storage[0].immediate);
  EXPECT_TRUE(classes.storage[0].by_default);
  EXPECT_TRUE(classes.storage[1].immediate);
  ASSERT_EQ(classes.volumes.size(), 1U);
  EXPECT_EQ(classes.volumes[0].volume, "disk");
}

}  // namespace
}  // namespace models::kubernetes
