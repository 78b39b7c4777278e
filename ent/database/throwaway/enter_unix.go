//go:build unix

package throwaway

import (
	"os/exec"
	"syscall"
)

// enter makes a command run in the folder and as its owner, in a group of its
// own so that a terminal's interrupt does not reach it.
func (h home) enter(cmd *exec.Cmd) error {
	cmd.Dir = h.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if h.owner == nil {
		return nil
	}
	uid, gid, err := ids(h.owner)
	if err != nil {
		return err
	}
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	cmd.Env = append(cmd.Environ(), "HOME="+h.dir)
	return nil
}
