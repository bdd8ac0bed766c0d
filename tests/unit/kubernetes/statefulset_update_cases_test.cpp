// Rows of the table of StatefulSet cases that are about revisions and updates.

#include <gtest/gtest.h>

#include "tests/unit/kubernetes/statefulset_case.h"

namespace models::kubernetes::testing_support {
namespace {

class StatefulSetUpdate : public testing::TestWithParam<StatefulSetCase> {};

TEST_P(StatefulSetUpdate, MakesTheseCalls) { EXPECT_EQ(differences(GetParam()), ""); }

const StatefulSetCase kRows[] = {
    {"Row15_RollingUpdateGoesFromTheHighest", "3",
     "template B: D2@A; rep 3, rdy 3, cur 2, upd 0, current=A, update=B | gone: C2@B | ready: D1@A | gone: "
     "C1@B | "
     "ready: D0@A | gone: C0@B; current=A | ready: -; current=B, cur 3, upd 3"},
    {"Row16_ScaleUpComesBeforeTheUpdate", "3", "template B, ->5: C3@B | ready: C4@B | ready: D2@A"},
    {"Row17_ScaleDownComesBeforeTheUpdate", "5",
     "template B, ->3: D4@A | gone: D3@A | gone: D2@A | gone: C2@B"},
    {"Row18_PartitionEndsTheUpdate", "3 partition=2",
     "template B: D2@A | gone: C2@B | ready: -; cur 2, upd 1, current=A, waits UpdatePaused"},
    {"Row19_PodBelowThePartitionKeepsItsRevision", "2 partition=1",
     "template B: D1@A | gone: C1@B | ready: - | 0 finalizer, 0 failed: D0@A | 0 gone: C0@A"},
    {"Row20_OnDeleteWaitsForThePerson", "3 ondelete",
     "template B: -; waits UpdatePaused | user deletes 1: - | gone: C1@B; cur 2, upd 1"},
    {"Row21_RevertDoesNotFreeABrokenPod", "3",
     "template B: D2@A | gone: C2@B | 2 unready, template A: -; waits PodNotReady 2 | user deletes 2: - | "
     "gone: C2@A"},
    {"Row22_ParallelReplacesABrokenPodOnRevert", "3 parallel",
     "template B: D2@A | gone: C2@B | 2 unready: - | template A: D2@B | gone: C2@A"},
    {"Row23_UnreadyPodBlocksTheUpdate", "3",
     "1 unready: - | template B: -; waits PodNotReady 1 | 1 ready: D2@A"},
    {"Row24_ParallelUpdatesAboveAnUnreadyPod", "3 parallel",
     "0 unready, template B: D2@A | gone: C2@B | 2 ready: D1@A | gone: C1@B | 1 ready: D0@A"},
    {"Row25_MaxUnavailableOrderedGoesBatchByBatch", "6 partition=3 max=2",
     "template B: D5@A D4@A | gone: C4@B | 4 ready: C5@B | 5 ready: D3@A | gone: C3@B | ready: -; cur 3, upd "
     "3",
     "1.34.0", true},
    {"Row26_MaxUnavailableParallelRefills", "6 parallel partition=3 max=2",
     "template B: D5@A D4@A | gone: {C4@B C5@B} | 4 ready: D3@A", "1.34.0", true},
};

INSTANTIATE_TEST_SUITE_P(Table, StatefulSetUpdate, testing::ValuesIn(kRows), case_name);

// What the text says beside the table.
const StatefulSetCase kTexts[] = {
    {"ParallelUpdateStopsAtAnUnreadyUpdatedPod", "3 parallel",
     "template B: D2@A | gone: C2@B; waits PodNotReady 2 | 0 touched: - | 2 ready: D1@A"},
    {"ParallelUpdateStopsAtATerminatingPod", "3 parallel",
     "template B: D2@A; waits PodTerminating 2 | touched: -"},
    {"PartitionBeyondReplicasUpdatesNothing", "2 partition=5",
     "template B: -; current=A, update=B, cur 2, upd 0"},
    {"LoweringThePartitionGoesOn", "3 partition=2",
     "template B: D2@A | gone: C2@B | ready: - | partition 0: D1@A | gone: C1@B | ready: D0@A"},
    {"RollbackUsesTheOldRevision", "2 partition=2",
     "template B: -; update=B | template A: -; update=A, upd 2"},
    {"UpdateOfNothingCompletesAtOnce", "0", "template B: -; current=B, update=B"},
    {"OnDeleteNeverCompletes", "1 ondelete",
     "template B: - | user deletes 0: - | gone: C0@B | ready: -; current=A, upd 1"},
    {"MaxUnavailableCountsPodsBelowThePartition", "4 partition=2 max=2",
     "0 unready: - | template B: -; waits PodNotReady 0 | 0 ready: D3@A D2@A", "1.34.0", true},
    {"MaxUnavailableParallelIsStuckOnABrokenRevision", "3 parallel max=2",
     "0 1 2 unready, template B: -; waits MaxUnavailable 2", "1.34.0", true},
    {"MaxUnavailablePercentRoundsDown", "5 max=50%", "template B: D4@A D3@A", "1.34.0", true},
    {"MaxUnavailableIsAtLeastOne", "5 max=1%", "template B: D4@A", "1.34.0", true},
    {"MaxUnavailableIsIgnoredWithoutItsGate", "5 max=3", "template B: D4@A"},
    {"OrderedUpdateWaitsForAvailability", "2 minReady=10",
     "template B: D1@A | gone: C1@B | ready: -; waits PodNotAvailable 1 | wait 21s: D0@A"},
    {"ThirdRevisionIsReplacedToo", "2 partition=1",
     "template B: D1@A | gone: C1@B | ready: - | template C: D1@B | gone: C1@C | ready: -; current=A, "
     "update=C"},
};

INSTANTIATE_TEST_SUITE_P(Text, StatefulSetUpdate, testing::ValuesIn(kTexts), case_name);

// What other versions do: before 1.34 a Parallel update does not wait for minReadySeconds; before 1.29 it
// completes with the pods that exist.
const StatefulSetCase kVersions[] = {
    {"Before1_34_ParallelUpdateGoesOnOnceReady", "2 parallel minReady=60",
     "template B: D1@A | gone: C1@B | ready: D0@A", "1.33.0"},
    {"Since1_34_ParallelUpdateWaitsForAvailability", "2 parallel minReady=60",
     "template B: D1@A | gone: C1@B | ready: -; waits PodNotAvailable 1 | wait 121s: D0@A", "1.34.0"},
    {"Before1_29_CompletesWithThePodsThereAre", "1",
     "template B: D0@A | gone: C0@B | ->3, 0 ready: C1@B; current=B", "1.28.0"},
    {"Since1_28_3_CompletesWithAllReplicas", "1",
     "template B: D0@A | gone: C0@B | ->3, 0 ready: C1@B; current=A", "1.28.3"},
    {"Since1_29_CompletesWithAllReplicas", "1",
     "template B: D0@A | gone: C0@B | ->3, 0 ready: C1@B; current=A", "1.29.0"},
};

INSTANTIATE_TEST_SUITE_P(Versions, StatefulSetUpdate, testing::ValuesIn(kVersions), case_name);

}  // namespace
}  // namespace models::kubernetes::testing_support
