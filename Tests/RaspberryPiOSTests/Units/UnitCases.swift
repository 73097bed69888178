import Testing

/// A root, and what is done to it by systemctl and by pibake.
struct UnitCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let wishes: [(ServiceWish, String)]
  let build: @Sendable (inout UnitRoot) throws -> Void

  init(
    _ description: String, _ wishes: (ServiceWish, String)...,
    build: @escaping @Sendable (inout UnitRoot) throws -> Void
  ) {
    testDescription = description
    self.wishes = wishes
    self.build = build
  }
}

extension UnitCase {
  private static let install = UnitRoot.install

  static let names: [UnitCase] = [
    UnitCase("a name without a suffix is a service's", (.enable, "a"), (.disable, "a")) {
      try $0.vendor("a.service", install)
      try $0.vendor("a.socket", "[Install]\nWantedBy=sockets.target\n")
    },
    UnitCase("a dot that begins no suffix", (.enable, "a.b"), (.disable, "a.b.service")) {
      try $0.vendor("a.b.service", install)
    },
    UnitCase("an instance", (.enable, "g@tty2"), (.enable, "g@tty3.service"), (.disable, "g@tty2")) {
      try $0.vendor("g@.service", install + "DefaultInstance=tty1\n")
    },
    UnitCase("a template and its default instance", (.enable, "g@"), (.enable, "g@x"), (.disable, "g@")) {
      try $0.vendor("g@.service", install + "DefaultInstance=tty1\nAlias=al@.service\n")
    },
    UnitCase("a template without one", (.enable, "g@"), (.enable, "g@x")) { try $0.vendor("g@.service", install) },
    UnitCase("a template wanted by templates", (.enable, "g@")) {
      try $0.vendor("g@.service", "[Install]\nWantedBy=other@.service other@x.service\n")
      try $0.vendor("other@.service", "[Unit]\n")
    },
    UnitCase("an instance with a file of its own", (.enable, "g@x"), (.enable, "g@y")) {
      try $0.vendor("g@.service", install)
      try $0.vendor("g@x.service", "[Install]\nRequiredBy=basic.target\n")
    },
    UnitCase("the instances of a template and its name go together", (.enable, "g@x"), (.disable, "g@.service")) {
      try $0.vendor("g@.service", install)
      try $0.link("etc/systemd/system/g@z.service", "\($0.spelling)/g@.service")
    },
    UnitCase("units that cannot be templates", (.enable, "m@x.mount"), (.enable, "m.mount")) {
      try $0.vendor("m@.mount", install)
      try $0.vendor("m.mount", install + "Alias=n.mount\n")
    },
    UnitCase("specifiers", (.enable, "a-b@in-st"), (.disable, "a-b@in-st")) {
      let names = ["x-%i", "%p", "%n.x", "%N", "%j", "%m", "%o%w", "%u%U", "%%x", "%z", "%-", "q%"]
      let wants = names.map { "\($0).target" }.joined(separator: " ")
      try $0.vendor("a-b@.service", "[Install]\nWantedBy=\(wants)\n")
    },
    UnitCase("specifiers of a default instance", (.enable, "a-b@"), (.disable, "a-b@")) {
      let wants = ["x-%i", "%p", "%n.x", "%N", "%j"].map { "\($0).target" }.joined(separator: " ")
      try $0.vendor("a-b@.service", "[Install]\nDefaultInstance=%p-d\nWantedBy=\(wants)\n")
    },
  ]

  static let sections: [UnitCase] = [
    UnitCase("WantedBy=, RequiredBy= and Alias=", (.enable, "a"), (.disable, "a")) {
      try $0.vendor(
        "a.service",
        "[Install]\nWantedBy=multi-user.target x.service\nRequiredBy=basic.target\nAlias=b.service c.service\n")
    },
    UnitCase("an empty value takes away what was before", (.enable, "a")) {
      try $0.vendor(
        "a.service",
        "[Install]\nAlias=x.service\nAlias=\nRequiredBy=q.target\nRequiredBy=\nWantedBy=z.target\nWantedBy=\n" + install
      )
    },
    UnitCase("drop-ins, by name and by folder", (.enable, "a"), (.disable, "a")) {
      try $0.vendor("a.service", install)
      try $0.vendor("a.service.d/10.conf", "[Install]\nWantedBy=hidden.target\n")
      try $0.own("a.service.d/10.conf", "[Install]\nAlias=ten.service\n")
      try $0.own("a.service.d/20.conf", "[Install]\nWantedBy=\nWantedBy=basic.target\n")
      try $0.own("a.service.d/.dot.conf", "[Install]\nWantedBy=dot.target\n")
      try $0.own("a.service.d/readme", "[Install]\nWantedBy=readme.target\n")
      try $0.file("opt/linked", "[Install]\nRequiredBy=linked.target\n")
      try $0.link("usr/lib/systemd/system/a.service.d/30.conf", "/opt/linked")
      try $0.vendor("service.d/t.conf", "[Install]\nWantedBy=type.target\n")
    },
    UnitCase("drop-ins of an instance and of its template", (.enable, "g@x")) {
      try $0.vendor("g@.service", install)
      try $0.vendor("g@.service.d/a.conf", "[Install]\nWantedBy=template.target\n")
      try $0.vendor("g@x.service.d/a.conf", "[Install]\nWantedBy=instance.target\n")
      try $0.vendor("g@.service.d/b.conf", "[Install]\nWantedBy=other-%i.target\n")
    },
    UnitCase("Also=, in both ways and in a circle", (.enable, "a"), (.disable, "c"), (.disable, "b")) {
      try $0.vendor("a.service", install + "Also=b.service missing.service\n")
      try $0.vendor("b.service", install + "Also=a.service c.service\nAlso=\n")
      try $0.vendor("c.service", install + "Also=c.service\n")
    },
    UnitCase("Also= of a masked unit and of aliases", (.enable, "a"), (.disable, "a")) {
      try $0.vendor("a.service", install + "Also=m.service al.service be.service\n")
      for name in ["b", "c", "m"] { try $0.vendor("\(name).service", install) }
      try $0.link("etc/systemd/system/m.service", "/dev/null")
      try $0.link("etc/systemd/system/al.service", "\($0.spelling)/b.service")
      try $0.link("usr/lib/systemd/system/be.service", "c.service")
    },
    UnitCase("Also= alone", (.enable, "a"), (.disable, "a")) {
      try $0.vendor("a.service", "[Install]\nAlso=b.socket\n")
      try $0.vendor("b.socket", "[Install]\nWantedBy=sockets.target\n")
    },
    UnitCase("no [Install]", (.enable, "a"), (.disable, "a")) {
      try $0.vendor("a.service", "[Unit]\nWantedBy=x.target\n")
    },
    UnitCase("quotes, comments, lines that go on, blanks and CR", (.enable, "a"), (.enable, "b"), (.disable, "a")) {
      try $0.vendor(
        "a.service",
        "\u{FEFF}[Install]\n  WantedBy = \"multi-user.target\" 'b.target' c\".ta\"rget \\\n# no\n ;no\n  d.target\n"
          + "[X-Other]\nWantedBy=x.target\n[Install]\nRequiredBy=\\\n\nRequiredBy=e.target\\x2d.target\n")
      try $0.vendor(
        "b.service", "[Install]\r\nWantedBy=f.target \\\r\n g.target\r\n[Unit]\r\n[Install] \r\nRequiredBy=h.target")
    },
    UnitCase("Also= drops backslashes and keeps quotes", (.enable, "a"), (.enable, "q")) {
      try $0.vendor("a.service", install + "Also=b\\x2dc.service\n")
      try $0.vendor("bx2dc.service", install)
      try $0.vendor("q.service", install + "Also=\"bx2dc.service\"\n")
    },
    UnitCase(
      "DefaultInstance= of a plain unit, an instance, an empty and a wrong one", (.enable, "a"), (.enable, "w@"),
      (.enable, "e@")
    ) {
      try $0.vendor("a.service", install + "DefaultInstance=x\n")
      try $0.vendor("w@.service", install + "DefaultInstance=a/b\n")
      try $0.vendor("e@.service", install + "DefaultInstance=x\nDefaultInstance=\n")
    },
  ]

  static let folders: [UnitCase] = [
    UnitCase("the first folder counts", (.enable, "a"), (.enable, "b"), (.enable, "c"), (.disable, "a")) {
      for name in ["a", "b", "c"] { try $0.vendor("\(name).service", install) }
      try $0.own("a.service", "[Install]\nWantedBy=own.target\n")
      try $0.file("usr/local/lib/systemd/system/b.service", "[Install]\nWantedBy=local.target\n")
      try $0.file("usr/local/lib/systemd/system/c.service", "[Install]\nWantedBy=local.target\n")
      try $0.file("etc/systemd/system.control/c.service", "[Install]\nWantedBy=control.target\n")
    },
    UnitCase("a portable service", (.enable, "a"), (.disable, "a")) {
      try $0.file("etc/systemd/system.attached/a.service", install)
    },
    UnitCase("an alias in /etc is refused, and disabled with its unit", (.enable, "b"), (.enable, "a"), (.disable, "b"))
    {
      try $0.vendor("a.service", install)
      try $0.link("etc/systemd/system/b.service", "\($0.spelling)/a.service")
    },
    UnitCase("an alias of the vendor is its unit", (.enable, "b"), (.disable, "b")) {
      try $0.vendor("a.service", install)
      try $0.link("usr/lib/systemd/system/b.service", "a.service")
      try $0.link("usr/lib/systemd/system/c.service", "b.service")
    },
    UnitCase("an alias of an alias", (.enable, "c"), (.disable, "c")) {
      try $0.vendor("a.service", install)
      try $0.link("usr/lib/systemd/system/b.service", "a.service")
      try $0.link("usr/lib/systemd/system/c.service", "./b.service")
    },
    UnitCase("an alias of a template", (.enable, "al@x"), (.disable, "al@x")) {
      try $0.vendor("g@.service", install)
      try $0.link("usr/lib/systemd/system/al@.service", "g@.service")
    },
    UnitCase("an instance that is a link to its template", (.enable, "g@x"), (.disable, "g@x")) {
      try $0.vendor("g@.service", install)
      try $0.link("usr/lib/systemd/system/g@x.service", "g@.service")
    },
    UnitCase("a unit outside the folders", (.enable, "c"), (.disable, "c")) {
      try $0.file("opt/c.service", install)
      try $0.link("etc/systemd/system/c.service", "/opt/c.service")
    },
    UnitCase("a unit outside the folders by another name", (.enable, "c"), (.disable, "c")) {
      try $0.file("opt/d.service", install)
      try $0.link("etc/systemd/system/c.service", "../../../opt/d.service")
    },
    UnitCase("links that are there stay as they are spelled", (.enable, "a")) {
      try $0.vendor("a.service", install + "Alias=b.service\n")
      try $0.link("etc/systemd/system/b.service", "../../../usr/lib/systemd/system/a.service")
      try $0.link("etc/systemd/system/multi-user.target.wants/a.service", "/etc/../lib/systemd/system/a.service")
    },
    UnitCase("links of any spelling go, with folders that are empty then", (.disable, "a")) {
      try $0.vendor("a.service", install)
      try $0.link("etc/systemd/system/b.service", "../../../usr/lib/systemd/system/a.service")
      try $0.link("etc/systemd/system/x.target.wants/a.service", "/nowhere/a.service")
      try $0.link("etc/systemd/system/x.target.wants/q.service", "/usr/lib/../lib/./systemd/system//a.service")
      try $0.link("etc/systemd/system/sub/deep/a.service", "/lib/systemd/system/a.service")
      try $0.link("etc/systemd/system/no-unit", "/lib/systemd/system/a.service")
      try $0.own("y.target.wants/a.service", "a file\n")
    },
    UnitCase("names that are taken", (.enable, "a"), (.enable, "b")) {
      try $0.vendor("a.service", install + "Alias=taken.service free.service\n")
      try $0.vendor("b.service", install + "Alias=link.service free.service\n")
      try $0.own("taken.service", "[Unit]\n")
      try $0.own("multi-user.target.wants/a.service", "a file\n")
      try $0.link("etc/systemd/system/link.service", "\($0.spelling)/a.service")
      try $0.link("etc/systemd/system/multi-user.target.wants/b.service", "\($0.spelling)/a.service")
    },
  ]
}
