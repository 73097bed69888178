import Bytes
import Recipe

/// The script that makes subvolumes of the streams beside it.
enum ReceiveScript {
  /// The text for a server whose btrfs is at `store`, which an argument of the script overrides.
  static func text(store: String) -> [UInt8] {
    let quoted = store.shellWord
    return Array(template.replacing("@STORE@", with: quoted).utf8)
  }

  /// How every version of the script begins.
  static let firstLines = Array("#!/bin/bash\n# receive.sh ".utf8)

  private static let template = #"""
    #!/bin/bash
    # receive.sh [--renew] [STORE [NODE...]]
    # Makes subvolumes of the btrfs streams beside it, as root on the server. Safe to run again: what is there stays.
    #   STORE/received/UUID/NAME   base and nodes as sent, read-only
    #   STORE/run/NAME             the node's own writable snapshot: export run/NAME/root, serve run/NAME/boot
    # Only root may enter received and run. A TFTP server that is not root gets boot by a bind mount.
    # --renew: where a newer NAME was received than run/NAME was made of, run/NAME is renamed and made anew.
    set -euo pipefail
    default_store=@STORE@

    die() { echo "receive.sh: $*" >&2; exit 1; }
    say() { echo "$*"; }

    renew=no
    if [ "${1:-}" = --renew ]; then renew=yes; shift; fi
    case ${1:-} in -*) sed -n '2,7s/^# //p' "$0"; exit 2 ;; esac
    store=${1:-$default_store}
    [ $# -eq 0 ] || shift
    here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

    [ "$(id -u)" = 0 ] || die "only root may receive"
    for tool in btrfs findmnt flock od; do command -v "$tool" > /dev/null || die "$tool is not installed"; done
    [ -d "$store" ] || die "$store: no such folder; make it on a mounted btrfs"
    store=$(cd "$store" && pwd -P)
    [ "$(stat -f -c %T "$store")" = btrfs ] || die "$store: not on a btrfs"
    mount=$(findmnt -n -o TARGET -T "$store" | head -n 1)
    device=$(findmnt -n -v -o SOURCE -T "$store" | head -n 1)
    [ "$(findmnt -n -o FSROOT -T "$store" | head -n 1)" = / ] ||
      die "$store: receiving takes the whole file system: mount -o subvolid=5 $device FOLDER, and name a STORE in that"
    # Programs of the nodes that run as root there must not be reached by this machine's users.
    { (umask 077; mkdir -p "$store/received" "$store/run") && chmod 700 "$store/received" "$store/run" &&
      touch "$store/received/.lock"; } ||
      die "$store: cannot be written"
    exec 9> "$store/received/.lock"
    flock -n 9 || die "$store: another receive.sh is at work"

    # Removes a folder with what was received by half: only this script makes such folders.
    clean() {
      local left
      for left in "$1"/*; do
        if [ -d "$left" ]; then btrfs subvolume delete "$left" > /dev/null; fi
      done
      rmdir "$1"
    }
    for left in "$store"/received/.partial-*; do
      [ -d "$left" ] || continue
      clean "$left"
      say "removed ${left##*/}, which an interrupted run had left"
    done
    partial=
    trap 'if [ -d "$partial" ]; then clean "$partial"; fi' EXIT

    # The path of the read-only subvolume that was received as UUID; nothing if there is none.
    received() {
      btrfs subvolume list -r -R "$mount" | awk -v uuid="received_uuid $1 path " -v mount="${mount%/}" '
        path == "" && (at = index($0, uuid)) { path = mount "/" substr($0, at + length(uuid)) }
        END { if (path != "") print path }'
    }

    # The path of a writable subvolume that still says that it was received as UUID; nothing if there is none.
    writable() {
      local path
      path=$(btrfs subvolume list -R "$mount" | awk -v uuid="received_uuid $1 path " -v mount="${mount%/}" '
        path == "" && (at = index($0, uuid)) { path = mount "/" substr($0, at + length(uuid)) }
        END { if (path != "") print path }')
      if [ -n "$path" ] && [ -z "$(received "$1")" ]; then echo "$path"; fi
    }

    # Sets aside what has the place of a subvolume that is received anew: its content may be another by now.
    set_aside() {
      local number=1
      while [ -e "$1.changed-$number" ]; do number=$((number + 1)); done
      mv -T "$1" "$1.changed-$number"
      say "$2: was made writable after it was received, so that btrfs no longer knows it: it is $1.changed-$number now," \
        "nothing uses it, and it is received anew"
    }

    # A field of `btrfs subvolume show`.
    field() { btrfs subvolume show "$1" | sed -n "s/^[[:space:]]*$2:[[:space:]]*//p" | head -n 1; }

    dashes() { echo "${1:0:8}-${1:8:4}-${1:12:4}-${1:16:4}-${1:20:12}"; }

    # The first command of each stream says its name, its UUID and its parent's, at places that pibake keeps.
    declare -A name parent file
    uuids=()
    for stream in "$here"/*.btrfs; do
      [ -f "$stream" ] || continue
      hex=$(od -An -v -tx1 -N 640 -- "$stream" | tr -d ' \n')
      [ "${hex:0:26}" = 62747266732d73747265616d00 ] || die "$stream: not a btrfs stream"
      [ ${#hex} -ge 62 ] || die "$stream: not a stream of pibake"
      count=$((16#${hex:60:2}${hex:58:2}))
      text=
      for ((at = 62; at < 62 + 2 * count; at += 2)); do text+="\\x${hex:$at:2}"; done
      text=$(printf '%b' "$text")
      case $text in '' | *[!A-Za-z0-9-]*) die "$stream: not a stream of pibake" ;; esac
      uuid=$(dashes "${hex:$((2 * (35 + count))):32}")
      from=
      if [ "${hex:42:4}" = 0200 ]; then from=$(dashes "${hex:$((2 * (67 + count))):32}"); fi
      case ${#uuid}-${#from} in 36-0 | 36-36) ;; *) die "$stream: not a stream of pibake" ;; esac
      if [ -z "${file[$uuid]:-}" ]; then
        uuids+=("$uuid")
      else
        [ "${name[$uuid]}" = "$text" ] || die "$stream: the same subvolume as ${file[$uuid]}, under another name"
        # A base that is here whole, and as what differs from an older one: the smaller stream needs the older one there.
        if [ -z "$from" ]; then
          if [ -n "$(received "${parent[$uuid]}")" ]; then continue; fi
        elif [ -z "$(received "$from")" ]; then
          continue
        fi
      fi
      name[$uuid]=$text
      file[$uuid]=$stream
      parent[$uuid]=$from
    done
    [ ${#uuids[@]} -gt 0 ] || die "$here: no streams here"

    # With NODEs: those, and what they are snapshots of.
    declare -A wanted
    if [ $# -eq 0 ]; then
      for uuid in "${uuids[@]}"; do wanted[$uuid]=yes; done
    fi
    for node in "$@"; do
      found=
      for uuid in "${uuids[@]}"; do
        if [ "${name[$uuid]}" = "$node" ]; then found=$uuid; fi
      done
      [ -n "$found" ] || die "$node: no stream of that name"
      while [ -n "$found" ]; do
        wanted[$found]=yes
        found=${parent[$found]:-}
      done
    done

    missing=()
    need=0
    for uuid in "${uuids[@]}"; do
      if [ -z "${wanted[$uuid]:-}" ]; then continue; fi
      for id in "$uuid" ${parent[$uuid]}; do
        changed=$(writable "$id")
        [ -z "$changed" ] ||
          die "$changed: is writable, and no longer surely what was received: delete it (btrfs subvolume delete), or if nothing" \
            "in it was changed: btrfs property set $changed ro true"
      done
      if [ -n "$(received "$uuid")" ]; then
        say "${name[$uuid]}: received already"
      else
        missing+=("$uuid")
        need=$((need + $(stat -c %s -- "${file[$uuid]}")))
      fi
    done
    available=$(df --output=avail -B1 "$store" | tail -n 1)
    # What metadata take beside the data.
    if [ ${#missing[@]} -gt 0 ]; then need=$((need + need / 20 + (16 << 20))); fi
    [ "$need" -le "$available" ] || die "$store: $need bytes are needed, $available are free"

    # Parents first, in whatever order the streams lie.
    while [ ${#missing[@]} -gt 0 ]; do
      rest=()
      for uuid in "${missing[@]}"; do
        if [ -n "${parent[$uuid]}" ] && [ -z "$(received "${parent[$uuid]}")" ]; then
          rest+=("$uuid")
          continue
        fi
        partial=$store/received/.partial-$uuid
        if [ -e "$store/received/$uuid" ]; then set_aside "$store/received/$uuid" "${name[$uuid]}"; fi
        mkdir -m 700 "$partial"
        btrfs -q receive -f "${file[$uuid]}" "$partial" || die "${file[$uuid]}: cannot be received"
        [ "$(field "$partial/${name[$uuid]}" 'Received UUID')" = "$uuid" ] || die "${name[$uuid]}: not received whole"
        mv -T "$partial" "$store/received/$uuid"
        partial=
        say "${name[$uuid]}: received"
      done
      [ ${#rest[@]} -lt ${#missing[@]} ] ||
        die "${name[${rest[0]}]}: a snapshot of ${parent[${rest[0]}]}, of which there is no stream here"
      missing=("${rest[@]+"${rest[@]}"}")
    done

    for uuid in "${uuids[@]}"; do
      if [ -z "${wanted[$uuid]:-}" ] || [[ ${name[$uuid]} =~ ^base-[0-9a-f]{16}$ ]]; then continue; fi
      run=$store/run/${name[$uuid]}
      from=$(received "$uuid")
      if [ -e "$run" ]; then
        old=$(field "$run" 'Parent UUID')
        if [ "$old" = "$(field "$from" UUID)" ]; then
          say "${name[$uuid]}: runs already"
          continue
        fi
        if [ $renew = no ]; then
          say "${name[$uuid]}: $run is of an older ${name[$uuid]}, and stays; --renew sets it aside"
          continue
        fi
        [ ! -e "$run.old-${old:0:8}" ] || die "$run.old-${old:0:8}: is there already"
        mv -T "$run" "$run.old-${old:0:8}"
        say "${name[$uuid]}: the older one is $run.old-${old:0:8} now"
      fi
      btrfs -q subvolume snapshot "$from" "$run"
      say "${name[$uuid]}: $run"
    done
    sync -f "$store"

    """#
}
