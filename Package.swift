// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "devcluster",
    platforms: [.macOS(.v15)],
    targets: [
        .target(name: "Spelling", swiftSettings: strict),
        .target(name: "Arguments", dependencies: ["Spelling"], swiftSettings: strict),
        .target(name: "ChildProcess", swiftSettings: strict),
        .target(
            name: "DevCluster", dependencies: ["ChildProcess", "Spelling"],
            swiftSettings: strict),
        .target(
            name: "TestSupport", dependencies: ["ChildProcess"], path: "Tests/TestSupport",
            swiftSettings: strict),
        .testTarget(name: "SpellingTests", dependencies: ["Spelling"], swiftSettings: strict),
        .testTarget(name: "ArgumentsTests", dependencies: ["Arguments"], swiftSettings: strict),
        .testTarget(
            name: "ChildProcessTests", dependencies: ["ChildProcess", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "DevClusterTests", dependencies: ["DevCluster", "TestSupport"],
            swiftSettings: strict),
    ]
)
