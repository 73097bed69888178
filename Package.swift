// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target is compiled with: the whole language mode 6, and in CI no warning left alone.
let checked: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ]
  // Not for users: another compiler may warn of something else.
  + (Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)])

/// What the product is compiled with: memory safety spelled out too. Tests call C inside macros, which cannot say `unsafe`.
/// Release builds can be tested: the tests run on what users run, and one build serves both.
let strict: [SwiftSetting] =
  checked + [.strictMemorySafety(), .unsafeFlags(["-enable-testing"], .when(configuration: .release))]

/// What is built, for `pibake --version`: the Makefile says it. (`Context.gitInformation` is that of the first build: SwiftPM
/// keeps what a manifest came to for as long as the manifest and the environment stay.)
let commit = Context.environment["PIBAKE_COMMIT"].flatMap { $0.isEmpty ? nil : $0 }

let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")

/// One Swift module; `uses` are the modules beneath it in the house.
func module(_ name: String, uses: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: uses, swiftSettings: strict)
}

/// The tests of one module, with the checks that call other people's tools.
func tests(of name: String, uses: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: [.target(name: name), "TestSupport"] + uses,
    swiftSettings: checked)
}

/// A C library of the system, found by pkg-config.
func library(_ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
  name: "pibake",
  products: [.executable(name: "pibake", targets: ["pibake"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
  ],
  targets: [
    library("CArchive", pkgConfig: "libarchive", apt: "libarchive-dev"),
    library("CLZMA", pkgConfig: "liblzma", apt: "liblzma-dev"),
    library("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev"),
    library("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
    library("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
    library("CCrypt", pkgConfig: "libcrypt", apt: "libcrypt-dev"),
    library("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
    // -O2 also in debug builds: CRC-32C is on the path of every metadata block.
    .target(name: "CLinux", cSettings: [.unsafeFlags(["-O2"])]),
    // Alone, so that another commit compiles this one file anew.
    .target(name: "CBuild", cSettings: commit.map { [.define("PIBAKE_COMMIT", to: "\"\($0)\"")] } ?? []),

    module("Bytes", uses: ["CLinux", "CCrypto"]),
    module("Storage", uses: ["Bytes", "CLinux", "CLZMA", "CZstd", system]),
    module("Unpack", uses: ["Bytes", "Storage", "CArchive", "CLZMA", "CZlib", "CZstd", "CLinux", system]),
    module("DiskImage", uses: ["Bytes", "Storage"]),
    module("FileTree", uses: ["Bytes", "Storage"]),
    module("Ext4", uses: ["Bytes", "Storage", "FileTree"]),
    module("FAT", uses: ["Bytes", "Storage", "FileTree"]),
    module("HostFiles", uses: ["Bytes", "Storage", "FileTree", "CLinux", system]),
    module("Archive", uses: ["Bytes", "Storage", "FileTree", "Unpack", system]),
    module("Btrfs", uses: ["Bytes", "Storage", "FileTree", "HostFiles", "CLinux", "CZstd", system]),
    module("TOML", uses: ["Bytes"]),
    module("Recipe", uses: ["Bytes", "TOML", system]),
    module(
      "RaspberryPiOS",
      uses: ["Bytes", "Storage", "FileTree", "HostFiles", "Recipe", "CCrypt", "CCrypto", system]),
    module(
      "BaseImage",
      uses: [
        "Bytes", "Storage", "Unpack", "DiskImage", "FileTree", "Ext4", "FAT", "HostFiles", "Archive", "RaspberryPiOS",
        "CCurl", system,
      ]),
    module(
      "Baking",
      uses: [
        "Bytes", "Storage", "Unpack", "DiskImage", "FileTree", "Ext4", "FAT", "Btrfs", "HostFiles", "Archive", "Recipe",
        "RaspberryPiOS", "BaseImage", "CLinux", system,
      ]),
    .executableTarget(
      name: "pibake",
      dependencies: [
        "Baking", "BaseImage", "Bytes", "Storage", "Unpack", "DiskImage", "FileTree", "Ext4", "FAT", "HostFiles",
        "Recipe",
        "RaspberryPiOS", "CLinux", "CBuild", "CArchive", "CCrypto", "CCurl", "CLZMA", "CZlib", "CZstd", arguments,
        system,
      ],
      swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["Bytes", "Storage", "FileTree", subprocess, system],
      path: "Tests/TestSupport", swiftSettings: strict),
    // The process that the tests of Publication kill, and run side by side.
    .executableTarget(
      name: "PublicationTrial", dependencies: ["Bytes", "Storage", system], path: "Tests/PublicationTrial",
      swiftSettings: strict),
    // The process that the tests of Download kill, and run side by side.
    .executableTarget(
      name: "DownloadTrial", dependencies: ["BaseImage", "Bytes", system], path: "Tests/DownloadTrial",
      swiftSettings: strict),
    tests(of: "Bytes"),
    tests(of: "Storage"),
    tests(of: "Unpack"),
    tests(of: "DiskImage"),
    tests(of: "FileTree"),
    tests(of: "Ext4"),
    tests(of: "FAT"),
    tests(of: "HostFiles"),
    tests(of: "Archive", uses: ["Bytes", "Storage", "FileTree", "HostFiles", system]),
    tests(of: "Btrfs", uses: ["Bytes", "Storage", "FileTree", "HostFiles", system]),
    tests(of: "TOML", uses: ["Bytes"]),
    tests(of: "Recipe"),
    tests(of: "RaspberryPiOS", uses: ["Recipe", "FileTree", "HostFiles", "Storage", "Bytes"]),
    tests(of: "BaseImage", uses: ["Bytes", "DiskImage", "FileTree", "Storage", system]),
    tests(
      of: "Baking",
      uses: ["BaseImage", "Btrfs", "Bytes", "DiskImage", "FileTree", "HostFiles", "Recipe", "Storage", system]),
    // The release binary as its users run it, against other people's tools.
    .testTarget(name: "CommandTests", dependencies: ["TestSupport", system], swiftSettings: checked),
  ]
)

// The fuzzers link only with libFuzzer and instrumentation, which Tests/Fuzz/fuzz.sh asks for.
if Context.environment["PIBAKE_FUZZ"] != nil {
  package.targets += [
    .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "CFuzzer", "Bytes", "Storage", "FileTree", "DiskImage", "Ext4", "FAT", "Unpack", "HostFiles", "Recipe",
        system,
      ],
      path: "Tests/Fuzz", exclude: ["CFuzzer"], swiftSettings: strict),
  ]
}
