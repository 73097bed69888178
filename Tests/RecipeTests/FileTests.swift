import Testing

private let files: [Wrong] = [
  Wrong(
    #"[[files]]\#npath = "/a"\#nremoev = true\#nremove = true"#,
    #"4:1: error: unknown key 'remoev' in [[files]]; did you mean 'remove'?"#),
  Wrong(
    #"files = 3"#,
    #"2:9: error: files: expected an array of tables, [[files]], found an integer"#),
  Wrong(
    #"[files]"#,
    #"2:1: error: files: expected an array of tables, [[files]], found a table"#),
  Wrong(
    #"files = [1]"#,
    #"2:10: error: files: expected a table, found an integer"#),
  Wrong(
    #"[[files]]"#,
    #"2:1: error: [[files]] path is missing"#,
    #"2:1: error: [[files]] needs one of content, source, symlink, directory, remove"#),
  Wrong(
    #"[[files]]\#npath="a"\#ncontent="x""#,
    #"3:6: error: [[files]] path = "a": expected an absolute path without '.' and '..'"#),
  Wrong(
    #"[[files]]\#npath="/a/../b"\#ncontent="x""#,
    #"3:6: error: [[files]] path = "/a/../b": expected an absolute path without '.' and '..'"#),
  Wrong(
    #"[[files]]\#npath="/a"\#ncontent="x"\#nsymlink="y""#,
    #"5:1: error: [[files]] content and symlink cannot both be given"#),
  Wrong(
    #"[[files]]\#npath="/a""#,
    #"2:1: error: [[files]] needs one of content, source, symlink, directory, remove"#),
  Wrong(
    #"[[files]]\#npath="/a"\#ncontent="x"\#nmode=644"#,
    #"5:6: error: [[files]] mode = 644: expected octal, written "0644" or 0o644; this number is not octal"#),
  Wrong(
    #"[[files]]\#npath="/a"\#ncontent="x"\#nmode=0o10000"#,
    #"5:6: error: [[files]] mode = 0o10000: expected at most 0o7777"#),
  Wrong(
    #"[[files]]\#npath="/a"\#ncontent="x"\#nmode="888""#,
    #"5:6: error: [[files]] mode = "888": expected three or four octal digits such as "0644""#),
  Wrong(
    #"[[files]]\#npath="/a"\#ncontent="x"\#nmode=0644"#,
    #"5:6: error: leading zeros are not allowed in '0644' (octal is written 0o644)"#),
  Wrong(
    #"[[files]]\#npath="/a"\#nsource="nix""#,
    #"4:8: error: [[files]] source = "nix": cannot be read: No such file or directory"#),
  Wrong(
    #"[[files]]\#npath="/a"\#nremove=false"#,
    #"4:8: error: [[files]] remove = false: expected true, or no such key"#),
  Wrong(
    #"[[files]]\#npath="/a"\#ncontent="{{node.nam}}"\#ntemplate=true"#,
    #"4:9: error: [[files]] content: unknown variable {{node.nam}}; did you mean {{node.name}}?"#),
  Wrong(
    #"[[files]]\#npath="/a"\#ncontent="{{node.serial}}"\#ntemplate=true"#,
    #"4:9: error: [[files]] content: {{node.serial}} has no value: the recipe of nog does not say it"#),
  Wrong(
    #"[[files]]\#npath="/a"\#ncontent="{{node"\#ntemplate=true"#,
    #"4:9: error: [[files]] content: a variable has no closing }}"#),
  Wrong(
    #"[[files]]\#npath="/a"\#nsource="a.toml"\#ntemplate=true"#,
    #"5:1: error: [[files]] template is supported for content only yet"#),
  Wrong(
    #"[[files]]\#npath="/a"\#ncontent=""\#nowner="Root"\#ngroup=-1"#,
    #"5:7: error: [[files]] owner = "Root": expected a name or a number"#,
    #"6:7: error: [[files]] group: expected a string, found an integer"#),
]

@Suite struct `Files of a recipe` {
  @Test(arguments: files) func `are checked`(_ wrong: Wrong) throws { try wrong.check() }
}
