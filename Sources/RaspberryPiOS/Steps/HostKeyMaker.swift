/// The unit that makes the SSH server's keys on a node, and its script.
enum HostKeyMaker {
  static let unitName = "pibake-ssh-host-keys.service"

  /// The types that sshd loads where its configuration names none (servconf.c).
  static let types = ["rsa", "ecdsa", "ed25519"]

  /// Runs at every start on which one of the keys is missing or empty, whatever the machine id is: a power cut can leave
  /// empty keys. The server and its socket wait for it.
  static func unit(types: [String]) -> OwnUnit {
    let conditions = types.map { "ConditionFileNotEmpty=|!/etc/ssh/ssh_host_\($0)_key\n" }.joined()
    return OwnUnit(
      name: unitName,
      text: """
        [Unit]
        Description=Make the SSH host keys that are missing or empty
        DefaultDependencies=no
        After=systemd-remount-fs.service local-fs.target
        Before=ssh.service sshd.service ssh.socket sshd-unix-local.socket sshd-vsock.socket
        Conflicts=shutdown.target
        Before=shutdown.target
        ConditionPathIsReadWrite=/etc/ssh
        \(conditions)
        [Service]
        Type=oneshot
        ExecStart=/usr/lib/pibake/make-ssh-host-keys \(types.joined(separator: " "))

        [Install]
        WantedBy=multi-user.target ssh.service ssh.socket

        """)
  }

  /// Makes the keys of the types that its arguments name. HOST_KEY_FOLDER is there for tests.
  static let script = """
    #!/bin/sh
    # make-ssh-host-keys TYPE...   makes each SSH host key that is missing or empty; one that is there stays.
    # Written by pibake. A key appears whole or not at all, also when the power fails.
    set -u

    folder=${HOST_KEY_FOLDER:-/etc/ssh}
    work=$folder/.pibake-host-keys
    status=0

    make() {
      ssh-keygen -q -t "$2" -N '' -f "$work/$1" \\
        && sync "$work/$1" "$work/$1.pub" \\
        && mv -f "$work/$1.pub" "$folder/$1.pub" \\
        && mv -f "$work/$1" "$folder/$1" \\
        && sync "$folder"
    }

    rm -rf "$work"
    mkdir -m 0700 "$work" || exit 1
    for type in "$@"; do
      name=ssh_host_${type}_key
      if [ -s "$folder/$name" ]; then continue; fi
      # The private half comes last: the next start looks at it alone.
      if make "$name" "$type"; then echo "made $name"; else status=1; fi
    done
    rm -rf "$work"
    exit "$status"

    """
}
