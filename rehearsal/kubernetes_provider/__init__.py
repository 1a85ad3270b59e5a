"""The official Kubernetes provider of the rehearsals with real API servers.

`main.go` is its command; `go.mod` and `go.sum` pin every module of the build.
"""
