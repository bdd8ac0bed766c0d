#pragma once
// The sub-commands, each in the file of its name.

#include "scenarios/commands/emulated.h"

namespace scenarios::commands {

extern const SubCommand kKubectlAnnotate;
extern const SubCommand kKubectlApply;
extern const SubCommand kKubectlCordon;
extern const SubCommand kKubectlDelete;
extern const SubCommand kKubectlDrain;
extern const SubCommand kKubectlExec;
extern const SubCommand kKubectlGet;
extern const SubCommand kKubectlLabel;
extern const SubCommand kKubectlPatch;
extern const SubCommand kKubectlRolloutHistory;
extern const SubCommand kKubectlRolloutPause;
extern const SubCommand kKubectlRolloutRestart;
extern const SubCommand kKubectlRolloutResume;
extern const SubCommand kKubectlRolloutStatus;
extern const SubCommand kKubectlRolloutUndo;
extern const SubCommand kKubectlScale;
extern const SubCommand kKubectlSetImage;
extern const SubCommand kKubectlTaint;
extern const SubCommand kKubectlUncordon;
extern const SubCommand kKubectlWait;
extern const SubCommand kFluxCancel;
extern const SubCommand kFluxJobs;
extern const SubCommand kFluxResourceDrain;
extern const SubCommand kFluxResourceInfo;
extern const SubCommand kFluxResourceList;
extern const SubCommand kFluxResourceStatus;
extern const SubCommand kFluxResourceUndrain;
extern const SubCommand kFluxRun;
extern const SubCommand kFluxSubmit;
extern const SubCommand kKindCreateCluster;
extern const SubCommand kKindDeleteCluster;

}  // namespace scenarios::commands
