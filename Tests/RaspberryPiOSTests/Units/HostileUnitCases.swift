import Testing

extension UnitCase {
  private static let install = UnitRoot.install

  static let masks: [UnitCase] = [
    UnitCase("a mask, and again", (.enable, "a"), (.mask, "a"), (.mask, "a"), (.disable, "a")) {
      try $0.vendor("a.service", install)
    },
    UnitCase(
      "a mask of an unknown unit, a template and an instance", (.mask, "no.socket"), (.mask, "g@"), (.mask, "g@x")
    ) { _ in },
    UnitCase("a file, a link and a folder are no masks", (.mask, "a"), (.mask, "b"), (.mask, "c"), (.disable, "b")) {
      try $0.own("a.service", install)
      try $0.vendor("v.service", install)
      try $0.link("etc/systemd/system/b.service", "\($0.spelling)/v.service")
      try $0.folder("etc/systemd/system/c.service")
    },
    UnitCase("a mask of the vendor", (.enable, "a"), (.disable, "a"), (.mask, "a")) {
      try $0.link("usr/lib/systemd/system/a.service", "/dev/null")
    },
    UnitCase(
      "an empty file of the vendor is a mask, and so is a link to it", (.enable, "a"), (.enable, "b"), (.disable, "a")
    ) {
      try $0.vendor("a.service", "")
      try $0.link("usr/lib/systemd/system/b.service", "/opt/empty.service")
      try $0.file("opt/empty.service", "")
    },
  ]

  static let hostile: [UnitCase] = [
    UnitCase("aliases that lead elsewhere", (.enable, "a"), (.disable, "a")) {
      try $0.vendor(
        "a.service",
        "[Install]\nAlias=../b.service ../../../../b.service /etc/passwd /etc/x.service b.socket foo b@.service b@x.service "
          + "x.wants/a.service ../x.target.wants/a.service multi-user.target.wants/z.service a.service y.target.wants/ "
          + "x.target.wants/../a.service multi-user.target.wants/a.service multi-user.target.requires//a.service\n")
    },
    UnitCase("dependents that lead elsewhere", (.enable, "a")) {
      try $0.vendor(
        "a.service", "[Install]\nWantedBy=../x.target y /x.target x.target/ .. . \"\" a b@.service multi-user.target\n")
    },
    UnitCase("a text that is not UTF-8", (.enable, "a")) {
      try $0.file("usr/lib/systemd/system/a.service", Array(install.utf8) + [0x58, 0x3D, 0xFF, 0x0A])
    },
    UnitCase("NUL bytes end lines", (.enable, "a"), (.enable, "b")) {
      try $0.vendor("a.service", "[Install]\nX=\0WantedBy=multi-user.target\0RequiredBy=basic.target \\\0\n x.target\n")
      try $0.vendor("b.service", String(repeating: "\0", count: 5000) + install)
    },
    UnitCase("a broken header", (.enable, "a"), (.enable, "b")) {
      try $0.vendor("a.service", install + "[Service\n")
      try $0.vendor("b.service", install + "[\n")
    },
    UnitCase("15 MB", (.enable, "a"), (.disable, "a")) {
      try $0.vendor("a.service", install + String(repeating: "\n", count: 15_000_000) + "RequiredBy=z.target\n")
    },
    UnitCase("15 MB of assignments", (.enable, "a")) {
      try $0.vendor(
        "a.service", install + String(repeating: "X-=yzyzyzyzyzy\n", count: 1_000_000) + "RequiredBy=z.target\n")
    },
    UnitCase("a line of 2 MB", (.enable, "a"), (.enable, "b")) {
      try $0.vendor("a.service", install + "X=" + String(repeating: "x", count: 2_000_000) + "\n")
      try $0.vendor(
        "b.service", install + String(repeating: "X=\(String(repeating: "x", count: 996))\\\n", count: 2000))
    },
    UnitCase("names of Also= that are none", (.enable, "a"), (.enable, "b"), (.enable, "c")) {
      try $0.vendor("a.service", install + "Also=x/y.service\n")
      try $0.vendor("b.service", install + "Also=a\n")
      try $0.vendor("c.service", install + "Also=%z.service\n")
    },
    UnitCase("an alias of another suffix", (.enable, "b.socket"), (.enable, "c"), (.enable, "d")) {
      try $0.vendor("a.service", install)
      try $0.link("usr/lib/systemd/system/b.socket", "a.service")
      try $0.link("usr/lib/systemd/system/c.service", "c@.service")
      try $0.link("usr/lib/systemd/system/d.service", "readme")
    },
    UnitCase("links to themselves, and in a circle", (.enable, "a"), (.enable, "b"), (.enable, "d")) {
      for name in ["a", "b", "d"] { try $0.vendor("\(name).service", install) }
      try $0.link("etc/systemd/system/a.service", "a.service")
      try $0.link("etc/systemd/system/b.service", "c.service")
      try $0.link("etc/systemd/system/c.service", "b.service")
      try $0.link("etc/systemd/system/d.service", "\($0.spelling)/d.service")
    },
    UnitCase("a folder as a unit", (.enable, "a"), (.enable, "b")) {
      try $0.folder("etc/systemd/system/a.service")
      try $0.vendor("a.service", install)
      try $0.folder("etc/systemd/system/multi-user.target.wants/b.service")
      try $0.vendor("b.service", install)
    },
    UnitCase("names at the limit of 255 bytes", (.enable, "a"), (.enable, "%")) {
      let long = String(repeating: "n", count: 248)
      try $0.vendor("a.service", "[Install]\nWantedBy=\(long).target \(String(repeating: "n", count: 242)).target\n")
    },
    UnitCase("unknown units", (.enable, "no"), (.enable, "no@x"), (.enable, "no.socket")) { _ in },
  ]
}
