// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// What nearly every part of the domain stands on, lowest first.
let session: [Target.Dependency] = [
    "SystemLibraries", "ChildProcess", "Vocabulary", "StateFiles", "Tools", "Settings", "Sessions",
]
/// The whole domain.
let domain: [Target.Dependency] =
    session + [
        "Workloads", "Images", "Forwards", "Registries", "Clusters", "Verification", "Deployment",
        "Diagnosis", "GettingStarted",
    ]

let package = Package(
    name: "devcluster",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "devcluster", targets: ["CommandLineTool"])],
    targets: [
        .target(name: "SystemLibraries", swiftSettings: strict),
        .target(name: "Spelling", swiftSettings: strict),
        .target(name: "Arguments", dependencies: ["Spelling"], swiftSettings: strict),
        .target(name: "ChildProcess", dependencies: ["SystemLibraries"], swiftSettings: strict),
        .target(
            name: "Templates", path: "templates",
            resources: [
                .embedInCode("containerd.toml"),
                .embedInCode("demo-configuration.yaml"),
                .embedInCode("demo-index.html"),
                .embedInCode("demo-manifests.yaml"),
                .embedInCode("demo.Containerfile"),
                .embedInCode("go.Containerfile"),
                .embedInCode("hosts.toml"),
                .embedInCode("mirror-hosts.toml"),
                .embedInCode("ignored-files.txt"),
                .embedInCode("local-registry-hosting.yaml"),
                .embedInCode("node.Containerfile"),
                .embedInCode("ownership.yaml"),
                .embedInCode("proof.Containerfile"),
                .embedInCode("proof.txt"),
                .embedInCode("python.Containerfile"),
                .embedInCode("rust.Containerfile"),
                .embedInCode("swift.Containerfile"),
            ], swiftSettings: strict),
        .target(
            name: "Vocabulary", dependencies: ["SystemLibraries", "ChildProcess", "Spelling"],
            swiftSettings: strict),
        .target(
            name: "StateFiles", dependencies: ["SystemLibraries", "ChildProcess", "Vocabulary"],
            swiftSettings: strict),
        .target(
            name: "Tools",
            dependencies: ["SystemLibraries", "ChildProcess", "Vocabulary", "StateFiles"],
            swiftSettings: strict),
        .target(
            name: "Settings",
            dependencies: [
                "SystemLibraries", "ChildProcess", "Spelling", "Vocabulary", "StateFiles", "Tools",
            ],
            swiftSettings: strict),
        .target(
            name: "Sessions",
            dependencies: [
                "SystemLibraries", "ChildProcess", "Vocabulary", "StateFiles", "Tools", "Settings",
            ],
            swiftSettings: strict),
        .target(
            name: "Workloads", dependencies: session,
            swiftSettings: strict),
        .target(
            name: "Images", dependencies: session,
            swiftSettings: strict),
        .target(
            name: "Forwards", dependencies: session,
            swiftSettings: strict),
        .target(
            name: "Registries", dependencies: session + ["Templates", "Images"],
            swiftSettings: strict),
        .target(
            name: "Clusters",
            dependencies: session + ["Templates", "Workloads", "Forwards", "Registries"],
            swiftSettings: strict),
        .target(
            name: "Verification", dependencies: session + ["Workloads", "Images", "Registries"],
            swiftSettings: strict),
        .target(
            name: "Deployment",
            dependencies: session + [
                "Workloads", "Images", "Forwards", "Registries", "Verification",
            ],
            swiftSettings: strict),
        .target(
            name: "Diagnosis",
            dependencies: session + [
                "Templates", "Workloads", "Forwards", "Registries", "Clusters", "Verification",
            ],
            swiftSettings: strict),
        .target(
            name: "GettingStarted",
            dependencies: [
                "SystemLibraries", "ChildProcess", "Templates", "Vocabulary", "StateFiles", "Tools",
                "Settings", "Images",
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "CommandLineTool", dependencies: domain + ["Arguments"],
            swiftSettings: strict),
        .target(
            name: "TestSupport", dependencies: ["SystemLibraries", "ChildProcess"],
            path: "Tests/TestSupport",
            swiftSettings: strict),
        // No test: `just fuzz` runs it.
        .executableTarget(
            name: "Fuzz", dependencies: domain + ["Arguments"],
            path: "Tests/Fuzz",
            swiftSettings: strict),
        .testTarget(name: "SpellingTests", dependencies: ["Spelling"], swiftSettings: strict),
        .testTarget(name: "ArgumentsTests", dependencies: ["Arguments"], swiftSettings: strict),
        .testTarget(
            name: "ChildProcessTests",
            dependencies: ["SystemLibraries", "ChildProcess", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "DevClusterTests", dependencies: domain + ["TestSupport"],
            resources: [.copy("Fixtures")], swiftSettings: strict),
        .testTarget(
            name: "CommandLineToolTests",
            dependencies: domain + ["Arguments", "CommandLineTool", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "LiveTests", dependencies: domain + ["TestSupport"],
            exclude: ["Projects"],
            swiftSettings: strict),
    ]
)
