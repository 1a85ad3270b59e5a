// The official Kubernetes provider as a plugin of the engine, from its module: its own command needs files that are
// generated when it is released. The schema serves code generation only, which a rehearsal does not do.
package main

import (
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
)

// Set at link time: the engine asks for it.
var version string

func main() {
	provider.Serve("kubernetes", version, []byte(`{"name":"kubernetes"}`), []byte("{}"))
}
