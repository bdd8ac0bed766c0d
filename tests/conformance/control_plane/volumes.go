package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// provisionerName is the provisioner of the default storage class.
const provisionerName = "rehearsal/local"

// provision makes a default storage class and serves the claims of it, as an external provisioner does: a volume for
// each claim that the controller manager has handed over, and no volume any more for a claim that has gone.
func provision(ctx context.Context, client kubernetes.Interface, settings func() volumeEntry) error {
	binding := storagev1.VolumeBindingImmediate
	if settings().Binding != "" {
		binding = storagev1.VolumeBindingMode(settings().Binding)
	}
	reclaim := corev1.PersistentVolumeReclaimDelete
	class := &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{Name: "standard", Annotations: map[string]string{
			"storageclass.kubernetes.io/is-default-class": "true"}},
		Provisioner: provisionerName, ReclaimPolicy: &reclaim, VolumeBindingMode: &binding,
	}
	if _, err := client.StorageV1().StorageClasses().Create(ctx, class, metav1.CreateOptions{}); err != nil &&
		!apierrors.IsAlreadyExists(err) {
		return err
	}

	factory := informers.NewSharedInformerFactory(client, 0)
	serveClaim := func(object any) {
		claim := object.(*corev1.PersistentVolumeClaim)
		if claim.Annotations["volume.kubernetes.io/storage-provisioner"] != provisionerName ||
			claim.Status.Phase != corev1.ClaimPending || claim.Spec.VolumeName != "" || claim.DeletionTimestamp != nil {
			return
		}
		go func() {
			if delay := settings().Provision; delay != nil {
				time.Sleep(time.Duration(*delay))
			}
			volume := volumeFor(claim)
			_, err := client.CoreV1().PersistentVolumes().Create(ctx, volume, metav1.CreateOptions{})
			complainOfVolume("create", volume.Name, err)
		}()
	}
	serveVolume := func(object any) {
		volume := object.(*corev1.PersistentVolume)
		if volume.Annotations["pv.kubernetes.io/provisioned-by"] == provisionerName &&
			volume.Status.Phase == corev1.VolumeReleased && volume.DeletionTimestamp == nil &&
			volume.Spec.PersistentVolumeReclaimPolicy == corev1.PersistentVolumeReclaimDelete {
			err := client.CoreV1().PersistentVolumes().Delete(ctx, volume.Name, metav1.DeleteOptions{})
			complainOfVolume("delete", volume.Name, err)
		}
	}
	_, err := factory.Core().V1().PersistentVolumeClaims().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: serveClaim, UpdateFunc: func(_, object any) { serveClaim(object) }})
	if err != nil {
		return err
	}
	_, err = factory.Core().V1().PersistentVolumes().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: serveVolume, UpdateFunc: func(_, object any) { serveVolume(object) }})
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	return nil
}

// volumeFor is the volume of a claim.
func volumeFor(claim *corev1.PersistentVolumeClaim) *corev1.PersistentVolume {
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: "pvc-" + string(claim.UID), Annotations: map[string]string{
			"pv.kubernetes.io/provisioned-by": provisionerName}},
		Spec: corev1.PersistentVolumeSpec{
			AccessModes: claim.Spec.AccessModes,
			Capacity:    corev1.ResourceList{corev1.ResourceStorage: claim.Spec.Resources.Requests[corev1.ResourceStorage]},
			ClaimRef: &corev1.ObjectReference{APIVersion: "v1", Kind: "PersistentVolumeClaim", Namespace: claim.Namespace,
				Name: claim.Name, UID: claim.UID, ResourceVersion: claim.ResourceVersion},
			PersistentVolumeReclaimPolicy: corev1.PersistentVolumeReclaimDelete,
			PersistentVolumeSource: corev1.PersistentVolumeSource{
				HostPath: &corev1.HostPathVolumeSource{Path: "/nonexistent/" + string(claim.UID)}},
			StorageClassName: *claim.Spec.StorageClassName,
			VolumeMode:       claim.Spec.VolumeMode,
		},
	}
}

func complainOfVolume(verb, name string, err error) {
	if err != nil && !apierrors.IsAlreadyExists(err) && !apierrors.IsNotFound(err) {
		fmt.Printf("%s %s volume %s: %v\n", time.Now().Format(time.TimeOnly), verb, name, err)
	}
}
