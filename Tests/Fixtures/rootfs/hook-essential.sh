#!/bin/sh
# Answers for the packages that would ask: locale, keyboard and zone as Raspberry Pi OS ships them.
set -e
chroot "$1" debconf-set-selections <<'ANSWERS'
locales locales/locales_to_be_generated multiselect en_GB.UTF-8 UTF-8
locales locales/default_environment_locale select en_GB.UTF-8
keyboard-configuration keyboard-configuration/xkb-keymap select gb
tzdata tzdata/Areas select Europe
tzdata tzdata/Zones/Europe select London
ANSWERS
