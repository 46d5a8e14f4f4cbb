// These tests count what is on the machine (mounts, cgroups, descriptors), or fill it: beside each other they would count each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
