#pragma once
// The sub-commands, each in the file of its name.

#include "scenarios/commands/emulated.h"

namespace scenarios::commands {

extern const SubCommand kKubectlAnnotate;
extern const SubCommand kKubectlApply;
extern const SubCommand kKubectlCordon;
extern const SubCommand kKubectlDelete;
extern const SubCommand kKubectlDrain;
extern const SubCommand kKubectlEdit;
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
extern const SubCommand kEdit;
extern const SubCommand kHelmUpgrade;
extern const SubCommand kIomeshctlChunkList;
extern const SubCommand kIomeshctlChunkUnregister;
extern const SubCommand kIomeshctlSummaryCluster;
extern const SubCommand kSsh;
extern const SubCommand kKindCreateCluster;
extern const SubCommand kKindDeleteCluster;
extern const SubCommand kTerraformApply;
extern const SubCommand kAnsibleInstall;
extern const SubCommand kAnsibleRemoveNode;
extern const SubCommand kAnsibleRemoveNodeAlias;
extern const SubCommand kAnsibleScale;
extern const SubCommand kOpenStackConsoleLogShow;
extern const SubCommand kOpenStackFlavorList;
extern const SubCommand kOpenStackImageList;
extern const SubCommand kOpenStackQuotaSet;
extern const SubCommand kOpenStackQuotaShow;
extern const SubCommand kOpenStackServerAddVolume;
extern const SubCommand kOpenStackServerCreate;
extern const SubCommand kOpenStackServerDelete;
extern const SubCommand kOpenStackServerEventList;
extern const SubCommand kOpenStackServerEventShow;
extern const SubCommand kOpenStackServerImageCreate;
extern const SubCommand kOpenStackServerList;
extern const SubCommand kOpenStackServerLock;
extern const SubCommand kOpenStackServerPause;
extern const SubCommand kOpenStackServerReboot;
extern const SubCommand kOpenStackServerRemoveVolume;
extern const SubCommand kOpenStackServerRebuild;
extern const SubCommand kOpenStackServerRescue;
extern const SubCommand kOpenStackServerResize;
extern const SubCommand kOpenStackServerResume;
extern const SubCommand kOpenStackServerSet;
extern const SubCommand kOpenStackServerShelve;
extern const SubCommand kOpenStackServerShow;
extern const SubCommand kOpenStackServerStart;
extern const SubCommand kOpenStackServerStop;
extern const SubCommand kOpenStackServerSuspend;
extern const SubCommand kOpenStackServerUnlock;
extern const SubCommand kOpenStackServerUnpause;
extern const SubCommand kOpenStackServerUnshelve;
extern const SubCommand kOpenStackServerVolumeList;
extern const SubCommand kOpenStackVersion;

}  // namespace scenarios::commands
