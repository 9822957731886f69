import Arguments
import Settings
import Testing
import Vocabulary

@testable import CommandLineTool

@Suite struct `Parsing the commands` {
    private func parse<Parsed: ParsableCommand>(_ line: String, as: Parsed.Type = Parsed.self)
        throws -> Parsed
    {
        let words = line.split(separator: " ").map(String.init)
        let result = try CommandParser(root: Root.self, version: version).parse(words)
        guard case .command(let command, _) = result else {
            throw UsageError("'\(line)' is no command")
        }
        return try #require(command as? Parsed)
    }

    @Test func `up`() throws {
        let plain: UpCommand = try parse("up")
        #expect(!plain.recreate && !plain.staysInContext && !plain.dry.dryRun)
        let full: UpCommand = try parse("up --recreate --no-switch --dry-run")
        #expect(full.recreate && full.staysInContext && full.dry.dryRun)
    }

    @Test func `down`() throws {
        let plain: DownCommand = try parse("down")
        #expect(!plain.registry && !plain.data && !plain.dry.dryRun && !plain.global.yes)
        let full: DownCommand = try parse("down --registry --data --dry-run -y")
        #expect(full.registry && full.data && full.dry.dryRun && full.global.yes)
    }

    @Test func `build`() throws {
        let plain: BuildCommand = try parse("build")
        #expect(plain.images == [] && !plain.ignoresCache && !plain.dry.dryRun)
        let full: BuildCommand = try parse("build web api --no-cache --dry-run")
        #expect(full.images == ["web", "api"] && full.ignoresCache && full.dry.dryRun)
    }

    @Test func `deploy`() throws {
        let plain: DeployCommand = try parse("deploy")
        #expect(plain.images == [] && !plain.uniqueTag && !plain.ignoresCache)
        #expect(plain.place.namespace == nil && plain.place.overrides.isEmpty)
        let full: DeployCommand = try parse("deploy web --unique-tag --no-cache -n test --dry-run")
        #expect(full.images == ["web"] && full.uniqueTag && full.ignoresCache && full.dry.dryRun)
        #expect(full.place.overrides == ["spec.namespace": "test"])
    }

    @Test func `verify-image`() throws {
        let plain: VerifyImageCommand = try parse("verify-image")
        #expect(plain.workloads == [] && !plain.allNamespaces)
        let some: VerifyImageCommand = try parse("verify-image deployment/web sts/db -n shop")
        #expect(some.workloads == ["deployment/web", "sts/db"])
        #expect(some.place.namespace?.description == "shop")
        #expect(try parse("verify-image -A", as: VerifyImageCommand.self).allNamespaces)
    }

    @Test func `cache clear`() throws {
        let named: CacheClearCommand = try parse("cache clear web:1 api:*")
        #expect(named.names == ["web:1", "api:*"] && !named.includesUsed && !named.dry.dryRun)
        let all: CacheClearCommand = try parse(
            "cache clear --all --in-use --include-unpullable --dry-run")
        #expect(all.all && all.includesUsed && all.includesUnpullable && all.isDryRun)
        #expect(try parse("cache clear --stale", as: CacheClearCommand.self).stale)
        #expect(try parse("cache clear --unused", as: CacheClearCommand.self).unused)
    }

    @Test(arguments: ["", "--in-use", "--all --stale", "web:1 --unused"])
    func `cache clear removes nothing without being told what`(arguments: String) {
        #expect(throws: UsageError.self) {
            _ = try parse("cache clear \(arguments)", as: CacheClearCommand.self)
        }
    }

    @Test func `pf start, stop, list and cleanup`() throws {
        let start: PortForwardStartCommand = try parse(
            "pf start svc/gateway 19099:8080 -n shop --dry-run")
        #expect(start.names == ["svc/gateway", "19099:8080"] && start.dry.dryRun)
        #expect(start.place.namespace?.description == "shop")
        let stop: PortForwardStopCommand = try parse("pf stop gateway --dry-run")
        #expect(stop.names == ["gateway"] && stop.dry.dryRun)
        #expect(try parse("pf list --json", as: PortForwardListCommand.self).global.json)
        let cleanup: PortForwardCleanupCommand = try parse("pf cleanup --foreign --yes")
        #expect(cleanup.foreign && cleanup.global.yes && !cleanup.dry.dryRun)
    }

    @Test func `demo, config view and completion`() throws {
        let demo: DemoCommand = try parse("demo --clean --base-image busybox:1 --dry-run")
        #expect(demo.clean && demo.baseImage == "busybox:1" && demo.dry.dryRun)
        let view: ConfigViewCommand = try parse("config view -n test")
        #expect(view.place.overrides == ["spec.namespace": "test"])
        #expect(try parse("completion fish", as: CompletionCommand.self).shell == .fish)
    }

    @Test(arguments: [
        "-c a.yaml -q -v -y --json --wait-lock 1m30s up", "up -qvy --json -ca.yaml --wait-lock=90s",
    ])
    func `global options stand before and after the command`(line: String) throws {
        let global = try parse(line, as: UpCommand.self).global
        #expect(global.config == "a.yaml")
        #expect(global.quiet && global.verbose && global.yes && global.json)
        #expect(global.waitLock?.duration == .seconds(90))
    }

    @Test(
        arguments: [
            ("vrfy-image", "unknown command 'vrfy-image'; did you mean 'verify-image'?"),
            ("deplyo", "unknown command 'deplyo'; did you mean 'deploy'?"),
            ("pf lst", "unknown command 'lst'; did you mean 'list'?"),
            ("up --recrate", "unknown option '--recrate'; did you mean '--recreate'?"),
            ("up now", "unexpected argument 'now'"),
            ("completion", "missing argument '<SHELL>'"),
            (
                "completion tcsh",
                "'tcsh' is not a valid value for '<SHELL>': expected one of bash, zsh, fish"
            ),
            ("up --config", "missing value for '--config <FILE>'"),
            ("up --json=yes", "'--json' takes no value"),
            ("verify-image -A -n shop", "'--all-namespaces' excludes '--namespace' and workloads"),
            (
                "verify-image -A deployment/web",
                "'--all-namespaces' excludes '--namespace' and workloads"
            ),
            (
                "up --wait-lock 5",
                "'5' is not a valid value for '--wait-lock <DURATION>': "
                    + "duration \"5\" is not valid: it needs a unit, for example 5s or 5m"
            ),
        ])
    func `what is wrong is named`(line: String, message: String) {
        let parser = CommandParser(root: Root.self, version: version)
        let error = #expect(throws: UsageError.self) {
            try parser.parse(line.split(separator: " ").map(String.init))
        }
        #expect(error?.message == message)
    }
}
