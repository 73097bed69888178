#!/usr/bin/python3
"""nm-keyfiles.py FILE...   what NetworkManager's own reader makes of key files, one line a value.

Each line is FILE, a tab, SETTING.KEY, a tab, and the value: strings and bytes as hexadecimal digits after `x`, others
as Python writes them. A file that NetworkManager would not take ends it with status 1 and a line on standard error.
"""
import sys

import gi

gi.require_version("NM", "1.0")
from gi.repository import GLib, NM  # noqa: E402


def shown(value):
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, list) and value and all(isinstance(item, int) for item in value):
        value = bytes(value)
    return "x" + value.hex() if isinstance(value, bytes) else repr(value)


def warn(_file, _connection, kind, data, *_):
    # A certificate's file is on the node, not here.
    if kind == NM.KeyfileHandlerType.WARN:
        message, severity = data.warn_get()
        if severity != NM.KeyfileWarnSeverity.INFO_MISSING_FILE:
            sys.exit(f"{path}: {message}")
    return kind == NM.KeyfileHandlerType.WARN


for path in sys.argv[1:]:
    try:
        file = GLib.KeyFile()
        file.load_from_file(path, GLib.KeyFileFlags.NONE)
        connection = NM.keyfile_read(
            file, "/etc/NetworkManager/system-connections", NM.KeyfileHandlerFlags.NONE, warn, None)
        connection.normalize(None)
        connection.verify()
        connection.verify_secrets()
    except GLib.Error as error:
        sys.exit(f"{path}: {error}")
    for setting, values in connection.to_dbus(NM.ConnectionSerializationFlags.ALL).unpack().items():
        for key, value in values.items():
            print(path.rsplit("/", 1)[-1], f"{setting}.{key}", shown(value), sep="\t")
