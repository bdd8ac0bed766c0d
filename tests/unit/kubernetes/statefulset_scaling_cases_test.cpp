// Rows of the table of StatefulSet cases that are about scaling and replacing pods.

#include <gtest/gtest.h>

#include "tests/unit/kubernetes/statefulset_case.h"

namespace models::kubernetes::testing_support {
namespace {

class StatefulSetScaling : public testing::TestWithParam<StatefulSetCase> {};

TEST_P(StatefulSetScaling, MakesTheseCalls) { EXPECT_EQ(differences(GetParam()), ""); }

const StatefulSetCase kRows[] = {
    {"Row01_CreationWaitsForEachPredecessor", "none",
     "create 3: C0 | 0 ready: C1 | 1 ready: C2 | 2 ready: -"},
    {"Row02_ParallelCreatesAllInOneSync", "none parallel", "create 3: C0 {C1 C2}; rep 3, rdy 0"},
    {"Row03_ScaleToZeroRemovesHighestFirst", "3",
     "->0: D2; rep 3, rdy 3, cur 2 | gone: D1 | gone: D0 | gone: -; rep 0"},
    {"Row04_ParallelScaleDownDeletesAllAtOnce", "3 parallel",
     "->1: {D2 D1}; rep 3, rdy 3, cur 1 | gone: -; rep 1, rdy 1, cur 1"},
    {"Row05_UnreadyPodBlocksGrowing", "1",
     "0 unready: - | ->3: -; waits PodNotReady 0 | 0 ready: C1 | 1 ready: C2"},
    {"Row06_AllUnreadyShrinksFromTheLowestReady", "3",
     "0 1 2 unready, ->0: -; waits PodNotReady 0 | 0 ready: - | 1 ready: D2 | gone: D1"},
    {"Row07_ParallelShrinksUnreadyPodsToo", "3 parallel", "0 1 2 unready, ->0: {D2 D1 D0}"},
    {"Row08_UnreadyPodThatStaysBlocksShrinking", "3", "0 unready, ->1: -; waits PodNotReady 0 | 0 ready: D2"},
    {"Row09_UnreadyPodZeroDoesNotBlockShrinkingToZero", "3", "0 unready, ->0: D2 | gone: D1 | gone: D0"},
    {"Row10_OneUnreadyCondemnedPodBlocksAnother", "5",
     "3 4 unready, ->2: -; waits PodNotReady 3 | 3 ready: D4 | gone: D3"},
    {"Row11_FailedPodIsRecreatedInTheNextSync", "3", "1 failed: D1, C1; present 1"},
    {"Row11_SucceededPodIsRecreatedInTheNextSync", "3", "1 succeeded: D1, C1; present 1"},
    {"Row12_FailedDeletionIsRetriedAfterBackoff", "3", "delete fails, 1 failed: D1!, D1, C1"},
    {"Row13_TerminatingPodStaysWhileTerminalOnesAreReplaced", "3 parallel",
     "0 finalizer, user deletes 0: - | 1 failed, 2 succeeded: D1 D2, C1 C2; present 0 | 0 gone: C0"},
    {"Row14_VanishedPodsAreReplacedInOrder", "5", "0 2 4 vanish: C0 | ready: C2 | ready: C4"},
    {"Row27_StartOrdinalCountsFromThere", "none start=2", "create 3: C2 | ready: C3 | ready: C4 | ready: -"},
    {"Row28_RaisingStartCreatesBeforeItRemoves", "2 start=2",
     "start 4: C4 | ready: C5 | ready: D3 | gone: D2"},
    // The timer of the first sync (10 s) swallows that of the pod's readiness; the one after it finds the pod
    // available.
    {"Row29_SuccessorWaitsForMinReadySeconds", "none minReady=10",
     "create 2: C0 | 0 ready: -; waits PodNotAvailable 0 | wait 9s: - | wait 11s: C1"},
    {"Row30_StatusCountsAvailability", "none parallel minReady=3600",
     "create 4: C0 {C1 C2} C3 | 2 3 ready, wait 2h, 1 ready: -; rep 4, rdy 3, avail 2"},
    {"Row31_QuotaEndsTheBatchWithAnError", "none parallel", "quota 2, create 4: C0 {C1 C2!}, C2!; rep 2"},
    {"Row35_UnschedulablePodIsRemovedImmediately", "2",
     "2 unschedulable, ->5: C2 | ->2: D2; rep 2 | gone: -"},
    {"Row36_TerminatingPodThatIsWantedAgainIsAwaited", "5",
     "->3: D4 | ->5: -; present 3, waits PodTerminating 4 | gone: C4; present 3"},
    {"Row37_LostNodeFreezesOrderedReady", "3",
     "1 unready: - | ->4: -; waits PodNotReady 1 | 1 evicted: -; waits PodTerminating 1 | 1 gone: C1 | 1 "
     "ready: C3"},
    {"Row38_OutOfServiceTaintFreesTheOrdinal", "3",
     "1 unready: - | ->4: - | 1 evicted: - | 1 vanish: C1 | 1 ready: C3"},
};

INSTANTIATE_TEST_SUITE_P(Table, StatefulSetScaling, testing::ValuesIn(kRows), case_name);

// What the text says beside the table.
const StatefulSetCase kTexts[] = {
    {"FailedPodAboveAnUnreadyOneIsUntouched", "3", "0 unready, 2 failed: - | 0 ready: D2, C2"},
    {"TerminalCondemnedPodIsDeletedNotRecreated", "3", "2 failed, ->2: D2; present 0 1 | touched: -"},
    {"TerminalCondemnedPodBlocksHigherOnes", "4", "2 failed, 3 unready, ->2: -; waits PodNotReady 2"},
    {"StuckPendingTopPodGoesAtOnce", "2", "2 unschedulable, ->3: C2 | ->2: D2; present 0 1, rep 2"},
    {"ScalingPrecedesUpdating", "2", "template B, ->3: C2@B | ready: D1@A | gone: C1@B | ready: D0@A"},
    {"FailedPodThatTerminatesIsAwaited", "2",
     "1 finalizer, 1 failed: D1; waits PodTerminal 1 | 1 touched: - | 1 gone: C1"},
    {"PodsBelowStartAreCondemned", "3", "start 1: C3 | ready: D0 | gone: -; present 1 2 3"},
    {"MinReadySecondsBlockShrinkingToo", "3 minReady=10",
     "1 2 unready, 1 2 ready, ->1: -; waits PodNotAvailable 1 | wait 21s: D2 | gone: D1"},
    {"SyncComesBackForAvailability", "1",
     "0 unready: - | 0 ready, minReady 10: -; avail 0 | wait 11s: -; avail 1"},
    {"CurrentReplicasWithoutBlockDecideTheRevision", "3 noblock",
     "template B: D2 | gone: C2@B | ready: D1 | 1 gone, 0 vanish: C0@A | ready: C1@B"},
    {"ParallelReplacesEachOrdinalByItself", "3 parallel", "0 unready: - | user deletes 1: - | 1 gone: C1"},
    {"ParallelBatchesDouble", "none parallel", "create 8: C0 {C1 C2} {C3 C4 C5 C6} C7"},
    {"ConditionLossHealsByItself", "3", "1 unready: -; rdy 2, rep 3 | 1 ready: -; rdy 3"},
};

INSTANTIATE_TEST_SUITE_P(Text, StatefulSetScaling, testing::ValuesIn(kTexts), case_name);

// What other versions do.
const StatefulSetCase kVersions[] = {
    {"Before1_29_SucceededPodIsLeftAlone", "3", "1 succeeded: -; present 1", "1.28.0"},
    {"Since1_29_SucceededPodIsReplaced", "3", "1 succeeded: D1 C1", "1.29.0"},
    {"Before1_31_FailedPodIsRecreatedInTheSameSync", "3", "1 failed: D1 C1", "1.30.0"},
    {"Before1_31_PodThatCannotGoCollides", "3", "1 finalizer, 1 failed: D1 C1!, C1! | 1 gone: C1", "1.30.0"},
    {"Before1_28_11_PodThatCannotGoCollides", "3", "1 finalizer, 1 failed: D1 C1!, C1! | 1 gone: C1",
     "1.28.10"},
    {"Since1_28_11_PodThatCannotGoIsAwaited", "3", "1 finalizer, 1 failed: D1 | 1 gone: C1", "1.28.11"},
    {"Before1_28_5_SucceededPodIsLeftAlone", "3", "1 succeeded: -; present 1", "1.28.4"},
    {"Since1_28_5_SucceededPodIsReplaced", "3", "1 succeeded: D1 C1", "1.28.5"},
    {"Since1_31_PodThatCannotGoIsAwaited", "3", "1 finalizer, 1 failed: D1 | 1 gone: C1", "1.31.0"},
    {"Before1_28_ParallelStopsAtTheFirstError", "none parallel", "quota 1, create 4: C0 C1!, C1!; rep 1",
     "1.27.0"},
    {"Since1_28_ParallelTriesTheWholeBatch", "none parallel", "quota 1, create 4: C0 C1! C2!, C1! C2!; rep 1",
     "1.28.0"},
    {"Before1_27_StartOrdinalIsIgnored", "none start=2", "create 1: C0", "1.26.0"},
    {"Since1_27_StartOrdinalCounts", "none start=2", "create 1: C2", "1.27.0"},
};

INSTANTIATE_TEST_SUITE_P(Versions, StatefulSetScaling, testing::ValuesIn(kVersions), case_name);

}  // namespace
}  // namespace models::kubernetes::testing_support
