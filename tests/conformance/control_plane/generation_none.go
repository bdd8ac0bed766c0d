//go:build !observed_generation

package main

import corev1 "k8s.io/api/core/v1"

// setObservedGeneration has nothing to do: the pod status of this release has no observedGeneration, or leaves it out.
func setObservedGeneration(*corev1.PodStatus, int64) {}

// setConditionGeneration has nothing to do either.
func setConditionGeneration(*corev1.PodCondition, int64) {}
