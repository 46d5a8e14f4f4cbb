# common.sh: what prepare.sh, run.sh and contract.sh share. Sourced, not run.
VM_DIR=${SAMPAN_VM_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/sampan-vm}

fail() {
  echo "tests/vm: $*" >&2
  exit 125
}
