"""Real Kubernetes control planes on this machine, one for each EKS cluster of a rehearsal, without Docker."""
