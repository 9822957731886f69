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
    products: [.executable(name: "devcluster", targets: ["CommandLineTool"])],
    targets: [
        .target(name: "Spelling", swiftSettings: strict),
        .target(name: "Arguments", dependencies: ["Spelling"], swiftSettings: strict),
        .target(name: "ChildProcess", swiftSettings: strict),
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
            name: "DevCluster", dependencies: ["ChildProcess", "Spelling", "Templates"],
            path: "Sources",
            sources: [
                "Vocabulary", "StateFiles", "Tools", "Settings", "Sessions", "Workloads", "Images",
                "Forwards", "Registries", "Clusters", "Verification", "Deployment", "Diagnosis",
                "GettingStarted",
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "CommandLineTool", dependencies: ["Arguments", "ChildProcess", "DevCluster"],
            swiftSettings: strict),
        .target(
            name: "TestSupport", dependencies: ["ChildProcess"], path: "Tests/TestSupport",
            swiftSettings: strict),
        // No test: `just fuzz` runs it.
        .executableTarget(
            name: "Fuzz", dependencies: ["Arguments", "ChildProcess", "DevCluster"],
            path: "Tests/Fuzz",
            swiftSettings: strict),
        .testTarget(name: "SpellingTests", dependencies: ["Spelling"], swiftSettings: strict),
        .testTarget(name: "ArgumentsTests", dependencies: ["Arguments"], swiftSettings: strict),
        .testTarget(
            name: "ChildProcessTests", dependencies: ["ChildProcess", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "DevClusterTests", dependencies: ["DevCluster", "TestSupport"],
            resources: [.copy("Fixtures")], swiftSettings: strict),
        .testTarget(
            name: "CommandLineToolTests", dependencies: ["CommandLineTool", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "LiveTests", dependencies: ["ChildProcess", "DevCluster", "TestSupport"],
            exclude: ["Projects"],
            swiftSettings: strict),
    ]
)
