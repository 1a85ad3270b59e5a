"""The workloads' images, built from their Dockerfiles and run as a cluster would run them, with no container engine."""
