#pragma once

#include "models/kubernetes/admission.h"

namespace models::kubernetes {

/// A new Job, defaulted, with the fields of gates that are off taken out.
/// Source: pkg/apis/batch/validation/validation.go ValidateJob.
FieldErrors validate_job(const json::Json& job, const Features& features);
/// A change: all checks of the spec again, then what must not change. `old_status` says whether the
/// template's scheduling directives may still change (suspended and never started). Source:
/// ValidateJobSpecUpdate; pkg/registry/batch/job/strategy.go validationOptionsForJob.
FieldErrors validate_job_update(const json::Json& job, const json::Json& old, const JobStatus& old_status,
                                const Features& features);

/// A status as the controller writes it over `before`. The strict checks came with the gate JobManagedBy; the
/// check of startTime is the one of the releases that let a resumed Job have a new one (kubernetes PR
/// 134769). Source: validateJobStatus, ValidateJobStatusUpdate; strategy.go getStatusValidationOptions.
FieldErrors validate_job_status(const Job& before, const JobStatus& after, const Features& features);
/// Whether the API takes the status.
bool status_valid(const Job& before, const JobStatus& after, const Features& features);

/// Reads the indexes of a successPolicy rule. @return how many they are, or -1 with upstream's words in
/// `problem`. Source: validateIndexesFormat, parseIndexInterval.
std::int64_t check_indexes(std::string_view text, std::int64_t completions, std::string& problem);

}  // namespace models::kubernetes
