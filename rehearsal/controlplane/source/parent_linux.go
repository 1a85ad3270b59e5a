package main

import (
	"os"
	"runtime"
	"syscall"
)

// The kernel kills this process when its parent, the supervisor, is gone: a killed rehearsal leaves no server behind.
// The order belongs to a thread, so the first thread must stay alive: the main goroutine is bound to it.
func init() {
	runtime.LockOSThread()
	if _, _, failed := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, uintptr(syscall.SIGKILL), 0); failed != 0 {
		panic(failed)
	}
	if os.Getppid() == 1 {
		os.Exit(1)
	}
}
