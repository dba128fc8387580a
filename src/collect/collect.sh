#!/bin/sh
# Gathers what nfsim asks of a node: one folder, one file a command, the pods' namespaces below it.
#
#   sh collect.sh [-o DIR] [-n NODE] [-t | -c]
#
#   -o DIR    the snapshot's folder (default: nfsim-NODE); nodes collected into one DIR make one snapshot
#   -n NODE   the node's name (default: uname -n)
#   -t        an archive DIR.tar.gz beside the folder
#   -c        the archive on standard output and nothing left behind:
#             nfsim collect | ssh root@node sh -s -- -c > node.tar.gz
#
# It only reads: no rule and no setting is changed. POSIX sh; needs root and whichever of the tools below are there.
# What is missing is named at the end, and its file left out.
set -u
LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin
export LC_ALL PATH
umask 077

say() { printf '%s\n' "$*" >&2; }
die() {
  say "collect: $*"
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# NAME as one folder's name: no separators, no leading dot or dash
plain() { printf '%s' "$1" | tr -c 'A-Za-z0-9._-' '_' | sed 's/^[.-]/_/; s/^\(.\{100\}\).*/\1/'; }

# Whatever hangs (a dead container runtime, say) is given up after a minute
limited() {
  if [ -n "$use_timeout" ]; then timeout 60 "$@"; else "$@"; fi
}

# COMMAND... in the namespace that is being gathered; $ns_path is empty for the node's own
inside() {
  if [ -z "$ns_path" ]; then
    limited "$@"
  elif [ -n "$use_nsenter" ]; then
    limited nsenter "-n$ns_path" "$@"
  else
    limited ip netns exec "$ns_known" "$@"
  fi </dev/null
}

lacks() {
  case " $missing " in
  *" $1 "*) ;;
  *) missing="$missing$1 " ;;
  esac
}

# FILE COMMAND...: what the command prints is the file. Some tools print all and still end with an error
# (sysctl, for keys that nobody may read): only one that printed nothing has failed.
take() {
  file=$1
  shift
  if ! have "$1"; then
    lacks "$1"
    return 1
  fi
  if inside "$@" >"$folder/$file" 2>"$work/err" || [ -s "$folder/$file" ]; then return 0; fi
  rm -f "$folder/$file"
  printf '%s: %s: %s\n' "$ns_label" "$*" "$(sed -n '/./{p;q;}' "$work/err")" >>"$work/failed"
  return 1
}

# As take, but a failure is no news: there is another way
try() {
  file=$1
  shift
  have "$1" || return 1
  if inside "$@" >"$folder/$file" 2>/dev/null; then return 0; fi
  rm -f "$folder/$file"
  return 1
}

holds_rules() { [ -f "$folder/$1" ] && grep -Eq '^(\[[0-9]+:[0-9]+\] )?-A |^:[A-Z]+ DROP |^:[^ ]+ - ' "$folder/$1"; }

# ip or ip6: both back ends where both are installed; the legacy one has a file of its own where both hold rules
rules() {
  if ! have "$1tables-nft-save" || ! have "$1tables-legacy-save"; then
    take "$1tables-save.txt" "$1tables-save" -c
    return
  fi
  try legacy "$1tables-legacy-save" -c
  take "$1tables-save.txt" "$1tables-nft-save" -c
  if holds_rules legacy; then
    if holds_rules "$1tables-save.txt"; then
      mv "$folder/legacy" "$folder/$1tables-legacy-save.txt"
    else
      mv "$folder/legacy" "$folder/$1tables-save.txt"
    fi
  fi
  rm -f "$folder/legacy"
}

# All files of one namespace. Tools that would load a module are asked only where it is loaded.
gather() {
  try ip-addr.txt ip -d addr || take ip-addr.txt ip addr
  take ip-route.txt ip route show table all
  grep -q : "$folder/ip-route.txt" 2>/dev/null || take ip6-route.txt ip -6 route show table all
  take ip-rule.txt ip rule
  try ip6-rule.txt ip -6 rule
  take ip-neigh.txt ip neigh
  if try bridge-link.txt bridge -d link || take bridge-link.txt bridge link; then take bridge-fdb.txt bridge fdb; fi
  take sysctl.txt sysctl -a
  rules ip
  [ ! -e /proc/sys/net/ipv6 ] || rules ip6
  if [ ! -d /sys/module ] || [ -e /sys/module/ip_set ]; then take ipset-save.txt ipset save; fi
  if inside test -e /proc/net/ip_vs; then
    take ipvsadm.txt ipvsadm -Ln
    take ipvsadm-connections.txt ipvsadm -Lnc
  fi
  if inside test -e /proc/sys/net/netfilter/nf_conntrack_count; then take conntrack.txt conntrack -L; fi
  take ss.txt ss -Hlntu
  if have nft; then native_nft; fi
}

# Tables that are not those of iptables-nft: nfsim does not simulate them, and says so where there are any
native_nft() {
  inside nft list tables 2>/dev/null | while read -r _ family table; do
    case $family:$table in
    ip:filter | ip:nat | ip:mangle | ip:raw | ip:security) ;;
    ip6:filter | ip6:nat | ip6:mangle | ip6:raw | ip6:security) ;;
    *) inside nft list table "$family" "$table" 2>/dev/null ;;
    esac
  done >"$folder/nft-ruleset.txt"
  [ -s "$folder/nft-ruleset.txt" ] || rm -f "$folder/nft-ruleset.txt"
}

# PID NAME of containers, as far as a runtime tells
containers() {
  if have crictl; then
    limited crictl pods -q --state ready </dev/null 2>/dev/null | while read -r id; do
      wanted='{{.info.pid}} {{.status.metadata.name}}'
      limited crictl inspectp -o go-template --template "$wanted" "$id" </dev/null 2>/dev/null
      echo
    done
  fi
  if have docker; then
    limited docker ps -q </dev/null 2>/dev/null | while read -r id; do
      limited docker inspect -f '{{.State.Pid}} {{.Name}}' "$id" </dev/null 2>/dev/null | sed 's, /, ,'
    done
  fi
}

# shellcheck disable=SC2012  # the number is wanted, and a name cannot disturb it
inode() { ls -diL "$1" 2>/dev/null | sed 's/^ *\([0-9]*\).*/\1/'; }

# Every network namespace but our own: $work/paths has INODE PATH, $work/procs INODE PID, $work/names INODE NAME
find_namespaces() {
  own=$(inode /proc/self/ns/net)
  for path in /run/netns/* /var/run/netns/* /run/docker/netns/*; do
    [ -e "$path" ] && printf '%s %s\n' "$(inode "$path")" "$path"
  done >"$work/paths"
  # shellcheck disable=SC2012  # names below /proc are numbers
  ls -diL /proc/[0-9]*/ns/net 2>/dev/null |
    sed -n 's,^ *\([0-9]*\) /proc/\([0-9]*\)/.*,\1 \2,p' | sort -k2n >"$work/procs"
  containers | while read -r pid name; do
    case $pid in '' | 0 | *[!0-9]*) continue ;; esac
    number=$(inode "/proc/$pid/ns/net")
    [ -n "$number" ] && printf '%s %s\n' "$number" "$name"
  done >"$work/names"
  # run in a namespace of its own making, the machine around it is no pod
  around=$(inode /proc/1/ns/net)
  cut -d' ' -f1 "$work/paths" "$work/procs" | grep -v -e "^$own\$" -e "^${around:-$own}\$" | awk '!seen[$0]++' >"$work/all"
}

first() { sed -n "s/^$2 //p" "$work/$1" | sed -n 1p; }

# The hostname of the first process that has one of its own: in a pod, the pod's name
hostname_of() {
  node_uts=$(inode /proc/self/ns/uts)
  sed -n "s/^$1 //p" "$work/procs" | while read -r pid; do
    uts=$(inode "/proc/$pid/ns/uts")
    if [ -n "$uts" ] && [ "$uts" != "$node_uts" ] && [ -n "$use_nsenter" ]; then
      limited nsenter "-u/proc/$pid/ns/uts" uname -n </dev/null 2>/dev/null && break
    fi
  done
}

# What people call a namespace: its name among `ip netns`, unless a runtime made that up; the container's; the host's
name_of() {
  given=$(first paths "$1")
  given=${given##*/}
  made=''
  if printf '%s\n' "$given" | grep -Eq '^(cni-|netns-|[0-9a-f]{12}$)'; then made=$given given=''; fi
  [ -n "$given" ] || given=$(first names "$1")
  [ -n "$given" ] || given=$(hostname_of "$1")
  [ -n "$given" ] || given=$made
  if [ -z "$given" ]; then
    pid=$(first procs "$1")
    given=pid-$pid-$(sed -n 1p "/proc/$pid/comm" 2>/dev/null)
  fi
  plain "$given"
}

gather_pod() {
  ns_path=$(first paths "$1")
  case $ns_path in
  /run/netns/* | /var/run/netns/*) ns_known=${ns_path##*/} ;;
  *) ns_known='' ;;
  esac
  if [ -z "$ns_path" ]; then
    ns_path=/proc/$(first procs "$1")/ns/net
  fi
  ns_label=$(name_of "$1")
  if [ -z "$use_nsenter" ] && [ -z "$ns_known" ]; then
    lacks nsenter
    return
  fi
  # it may be gone by now
  inside true 2>/dev/null || return
  # a service locked away from the network has a namespace too, with nothing but lo in it
  if [ -z "$ns_known" ] && [ "$(inside ip -o link 2>/dev/null | wc -l)" -le 1 ]; then return; fi
  folder=$node_folder/netns/$ns_label
  more=2
  while [ -e "$folder" ]; do
    folder=$node_folder/netns/$ns_label-$more
    more=$((more + 1))
  done
  mkdir -p "$folder" || die "$folder cannot be made"
  gather
  rmdir "$folder" 2>/dev/null || pods=$((pods + 1))
}

main() {
  out='' node=$(uname -n) archive='' missing=' ' pods=0
  while getopts o:n:tc option; do
    case $option in
    o) out=$OPTARG ;;
    n) node=$OPTARG ;;
    t) archive='file' ;;
    c) archive='stdout' ;;
    *) die 'usage: collect.sh [-o DIR] [-n NODE] [-t | -c]' ;;
    esac
  done
  [ "$(id -u)" = 0 ] || die 'must run as root: rules and namespaces are for root only'
  have ip || die 'there is no ip command (iproute2, or the one of busybox)'
  node=$(plain "$node")
  [ -n "$node" ] || die 'the node needs a name: -n NODE'
  work=$(mktemp -d "${TMPDIR:-/tmp}/nfsim-collect.XXXXXX") || die 'no folder for scratch could be made'
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' HUP INT TERM
  if [ "$archive" = stdout ]; then out=$work/nfsim-$node; fi
  [ -n "$out" ] || out=nfsim-$node
  node_folder=$out/$node
  [ ! -e "$node_folder" ] || die "$node_folder is there already"
  mkdir -p "$node_folder" || die "$node_folder cannot be made"
  : >"$work/failed"
  use_nsenter='' use_timeout=''
  # the timeout of an old busybox has another syntax
  if timeout 1 true 2>/dev/null; then use_timeout=yes; fi
  if have nsenter; then use_nsenter=yes; fi

  folder=$node_folder ns_path='' ns_known='' ns_label=$node
  # before anything else: to ask may load modules; a kernel without them has no such list
  if [ -e /proc/modules ]; then take lsmod.txt lsmod; fi
  gather
  find_namespaces
  while read -r number <&3; do gather_pod "$number"; done 3<"$work/all"
  if [ ! -e "$out/snapshot.yaml" ]; then
    printf "kernel: '%s'\n" "$(uname -r | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')" >"$out/snapshot.yaml"
  fi

  base=$(basename "$out")
  if [ -n "$archive" ]; then
    (cd "$(dirname "$out")" && tar -cf - "$base") | gzip -c >"$work/tar.gz" || die 'the archive could not be made'
    if [ "$archive" = file ]; then mv "$work/tar.gz" "$out.tar.gz"; else cat "$work/tar.gz"; fi
  fi
  case $archive in
  stdout) say "$node and $pods namespaces: the archive is written" ;;
  file) say "$node and $pods namespaces: $out and $out.tar.gz" ;;
  *) say "$node and $pods namespaces: $out" ;;
  esac
  [ "$missing" = ' ' ] || say "not installed, so their files are left out:$missing"
  if [ -s "$work/failed" ]; then
    say 'these failed, so their files are left out:'
    sed 's/^/  /' "$work/failed" >&2
  fi
}

# all of it is read before the first line runs: the script may come by standard input
main "$@"
