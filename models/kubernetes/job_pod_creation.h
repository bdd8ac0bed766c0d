#pragma once
// The pods that a Job creates: their names and what chance knows them by.

#include <cstdint>

#include "models/kubernetes/api.h"
#include "models/kubernetes/job_plan.h"

namespace models::kubernetes::job_controller {

/// The Job of a pod to create, as the sync that wants it saw the Job.
struct JobIdentity {
  Row row = kNoRow;
  Uid uid = 0;
  Text name = 0;
  Text name_space = 0;
  TemplateId pod_template = 0;
};

/// Creates a pod with the finalizer and counts it as an attempt of its index. NotFound if the Job is gone:
/// upstream the pod would be created and collected as garbage at once. Source: manageJob,
/// podGenerateNameWithIndex.
WriteResult create_job_pod(Turn& turn, const JobIdentity& job, const JobPodCreation& creation, By by);

}  // namespace models::kubernetes::job_controller
