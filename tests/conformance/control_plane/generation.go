//go:build observed_generation

package main

import corev1 "k8s.io/api/core/v1"

// setObservedGeneration says which generation of the pod a status is about (1.34 and later, by default).
func setObservedGeneration(status *corev1.PodStatus, generation int64) {
	status.ObservedGeneration = generation
}

// setConditionGeneration says the same of a condition.
func setConditionGeneration(condition *corev1.PodCondition, generation int64) {
	condition.ObservedGeneration = generation
}
