"""Stand-in for the Distro of Raspberry Pi's cloud-init: locales by raspi-config, users by userconf-pi, no network of its own."""
from cloudinit import subp
from cloudinit.distros import debian


class Distro(debian.Distro):
    def apply_locale(self, locale, out_fn=None, keyname="LANG"):
        subp.subp(["/usr/bin/raspi-config", "nonint", "do_change_locale", locale])

    def generate_fallback_config(self):
        return None
