# Thin names for the commands that the project is worked with.

# List the recipes
default:
    @just --list

# Build the tool; its warnings are errors
build:
    swift build

# Run all tests that need no cluster
test:
    swift test

# What has to pass before a change is taken: format, warnings as errors, tests
check: lint
    swift build --build-tests
    swift test --skip-build

# Fail on anything that `just fmt` would change
lint:
    swift format lint --strict --parallel --recursive --configuration .swift-format Sources Tests templates Package.swift

# Format all Swift files
fmt:
    swift format --in-place --parallel --recursive --configuration .swift-format Sources Tests templates Package.swift

# What the tests of the shipped executable start
shipped := justfile_directory() / ".build/release/devcluster"

# Run the end-to-end tests with the static executable, which is what users get
end-to-end: release
    DEVCLUSTER_EXECUTABLE={{ shipped }} swift test --filter CommandLineToolTests

# Run the tests on a real cluster with the static executable, or one group of them, such as C_Failures
live group="": release
    DEVCLUSTER_EXECUTABLE={{ shipped }} DEVCLUSTER_LIVE=1 swift test --filter '{{ if group == "" { "LiveTests" } else { "LiveTests.*(makes.cluster.and.registry.from.nothing|" + group + ")" } }}'

# Run a core of them, of about five minutes, on the engine and the images of the environment
live-core: release
    swift build --build-tests
    DEVCLUSTER_EXECUTABLE={{ shipped }} .ci/live-core

# Run all tests that make real clusters, also the slow ones
live-all: release
    DEVCLUSTER_EXECUTABLE={{ shipped }} DEVCLUSTER_LIVE=all swift test --filter LiveTests

# Show the whole thing on a sample application
demo *arguments:
    swift run devcluster demo {{ arguments }}

# Give broken text to everything that reads text from outside: all targets, or those named
fuzz *arguments:
    swift run -c release --scratch-path .build/fuzz -Xswiftc -enable-testing Fuzz {{ arguments }}

# Build the static executable; the last flag leaves out a hash of paths of this machine
release:
    swift build -c release --product devcluster -Xswiftc -static-executable -Xlinker -s \
        -Xswiftc -Xfrontend -Xswiftc -disable-incremental-llvm-codegen

# Pack the executable, completions, man page, license and checksums into .build/dist
dist: release
    .ci/dist

# Compare with the raw commands on a real cluster: start, up, repair, stop, deploy, verify, workloads, many, forwards
bench *arguments: release
    Tests/Bench/bench {{ arguments }}

# Put one static executable in place (PREFIX, default ~/.local)
install: release
    install -d "${PREFIX:-$HOME/.local}/bin"
    install -m 755 .build/release/devcluster "${PREFIX:-$HOME/.local}/bin/devcluster"

# Write the generated pages: docs/commands.md, docs/configuration.md, docs/devcluster.1
docs:
    DEVCLUSTER_WRITE_DOCS=1 swift test --filter DocumentationTests
