import Testing

private let accounts: [Wrong] = [
  Wrong(
    #"[ssh]\#nhost_keys = "derived""#,
    #"3:13: error: [ssh] host_keys = "derived" needs fleet_seed_file, at the top of the recipe: `pibake seed` makes one"#
  ),
  Wrong(
    #"[ssh]\#nhost_keys = "nowhere""#,
    #"3:13: error: [ssh] host_keys = "nowhere": cannot be read: No such file or directory"#),
  Wrong(
    #"[ssh]\#nhost_keys = "derive""#,
    #"3:13: error: [ssh] host_keys = "derive": cannot be read: No such file or directory; did you mean "derived"?"#),
  Wrong(
    #"[ssh]\#nenabled = "yes""#,
    #"3:11: error: [ssh] enabled: expected true or false, found a string"#),
  Wrong(
    #"[ssh]\#nauthorized_keys = ["hello", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIexample ben@x", "-----BEGIN"]"#,
    #"3:20: error: [ssh] authorized_keys: expected a public key such as "ssh-ed25519 AAAA… name""#,
    #"3:29: error: [ssh] authorized_keys: the key is cut short or damaged: copy the whole line of the .pub file"#,
    #"3:83: error: [ssh] authorized_keys: expected a public key such as "ssh-ed25519 AAAA… name""#),
  Wrong(
    #"[user]\#nname = "Ben""#,
    #"3:8: error: [user] name = "Ben": expected a user name: a lower-case letter, then at most 31 of a-z, 0-9, '_' and '-'"#
  ),
  Wrong(
    #"[user]\#nname = "root""#,
    #"3:8: error: [user] name = "root": the account belongs to the system"#),
  Wrong(
    #"[user]\#nuid = 0"#,
    #"2:1: error: [user] name is missing"#,
    #"3:7: error: [user] uid = 0: expected a number from 1 to 4294967293"#),
  Wrong(
    #"[user]\#nname="ben"\#npassword = "x""#,
    #"4:1: warning: [user] password is in clear text; prefer password_hash or password_file"#),
  Wrong(
    #"[user]\#nname="ben"\#npassword = "$6$a$b""#,
    #"4:1: warning: [user] password looks like a crypt(5) string; write it as password_hash"#),
  Wrong(
    #"[user]\#nname="ben"\#npassword = "x"\#npassword_hash = "hunter2""#,
    #"4:1: warning: [user] password is in clear text; prefer password_hash or password_file"#,
    #"5:1: error: [user] password and password_hash cannot both be given"#,
    #"5:17: error: [user] password_hash: expected a crypt(5) string such as "$y$…" or "$6$…", made with mkpasswd --method=yescrypt"#
  ),
  Wrong(
    #"[user]\#nname="ben"\#npassword = """#,
    #"4:12: error: [user] password: expected a text of one line, not empty; an account for keys alone has no password"#),
  Wrong(
    #"[user]\#nname="ben"\#npassword_hash = "!""#,
    #"4:17: error: [user] password_hash: this locks the account: leave it out, and the account takes keys only"#),
  Wrong(
    #"[user]\#nname="ben"\#npassword_hash = "$6$salt$""#,
    #"4:17: error: [user] password_hash: the crypt(5) string is cut short or damaged, no password matches it (a shell expands $ in double quotes)"#
  ),
  Wrong(
    #"[user]\#nname="ben"\#ngroups=["video"]\#ngroups_only=["sudo"]"#,
    #"5:1: error: [user] groups and groups_only cannot both be given"#),
  Wrong(
    #"[user]\#nname="ben"\#npassword_file="no""#,
    #"4:15: error: [user] password_file = "no": cannot be read: No such file or directory"#),
  Wrong(
    #"[user]\#nname="ben"\#n[[users]]\#nname="a""#,
    #"4:3: error: [user] and [[users]] cannot both be given"#),
  Wrong(
    #"[[users]]\#nname="a"\#n[[users]]\#nname="a"\#n[[users]]"#,
    #"5:6: error: [[users]] name = "a" is given twice"#,
    #"6:1: error: [[users]] name is missing"#),
  Wrong(
    #"[user]\#nname="ben"\#ngroups=["sudo","Vi deo",3]\#nshell="bash""#,
    #"4:16: error: [user] groups = "Vi deo": expected a group name: a lower-case letter, then at most 31 of a-z, 0-9, '_' and '-'"#,
    #"4:25: error: [user] groups: expected a string, found an integer"#,
    #"5:7: error: [user] shell = "bash": expected an absolute path without '.' and '..'"#),
  Wrong(
    #"[user]\#npassword = 0123"#,
    #"3:12: error: leading zeros are not allowed"#),
]

@Suite struct `Accounts` {
  @Test(arguments: accounts) func `are checked, and secrets not shown`(_ wrong: Wrong) throws { try wrong.check() }
}
