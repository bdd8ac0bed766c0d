// Marks the root of the module only: a build takes its dependencies from versions/1.NN.mod (see build.sh).
module rehearsal/control-plane

go 1.24.0
