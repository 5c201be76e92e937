# shellcheck shell=bash
# To be sourced by ./dev: the Debian packages that its commands stand on.

readonly BASE=(g++ cmake ninja-build libxtensor-dev libboost-dev nlohmann-json3-dev libcli11-dev
  catch2 libxtensor-blas-dev libopenblas-dev zlib1g-dev libutf8proc-dev)
readonly MPI=(libopenmpi-dev openmpi-bin)

# need PACKAGE...: names the missing ones and installs them, as root alone: other users are asked first whether sudo may,
# and without a terminal they are told what to run. CTGRAD_NO_INSTALL=1 installs nothing and fails where one is missing.
# Without Debian's tools it trusts that they are there.
need() {
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || return 0
  local package missing=() root=() answer=''
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  echo "missing packages: ${missing[*]}"
  [[ ${CTGRAD_NO_INSTALL:-0} != 1 ]] || return 1
  if ((EUID != 0)); then
    [[ ! -t 0 ]] || read -r -p "install them with sudo? [y/N] " answer
    if [[ $answer != [yY]* ]]; then
      echo "to install them: sudo apt-get install ${missing[*]}"
      return 1
    fi
    root=(sudo)
  fi
  echo "installing ${missing[*]}"
  "${root[@]}" apt-get -qq update
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "${missing[@]}" >/dev/null
}
