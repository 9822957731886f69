import Testing
import Vocabulary

@Suite struct `A reference to a workload or target` {
    @Test(arguments: [
        ("deployment/mongodb", "deployment/mongodb"), ("deploy/a", "deployment/a"),
        ("Deployment/a", "deployment/a"), ("deployments.apps/a", "deployment/a"),
        ("sts/db", "statefulset/db"), ("statefulsets/db", "statefulset/db"),
        ("ds/agent", "daemonset/agent"), ("job/init.v2", "job/init.v2"),
    ])
    func `accepts kubectl's spellings of a workload's kind`(text: String, printed: String) throws {
        #expect(try WorkloadReference(text).description == printed)
    }

    @Test(arguments: [
        ("svc/gateway", "svc/gateway"), ("service/gateway", "svc/gateway"), ("po/a-1", "pod/a-1"),
        ("pod/a", "pod/a"), ("deploy/a", "deployment/a"), ("statefulset/a", "statefulset/a"),
    ])
    func `accepts kubectl's spellings of a target's kind`(text: String, printed: String) throws {
        #expect(try TargetReference(text).description == printed)
    }

    @Test(arguments: [
        ("mongodb", "it must be KIND/NAME, for example deployment/mongodb"),
        ("", "workload is empty"), ("deployment/", "it must be KIND/NAME"),
        ("/a", "it must be KIND/NAME"), ("deployment/a/b", "it must be KIND/NAME"),
        ("deploymnt/a", "did you mean deployment?"), ("pod/a", "is none of the kinds deployment"),
        ("deployment/A", "\"A\" is not allowed"),
    ])
    func `says what is wrong with it`(text: String, why: String) {
        let error = #expect(throws: DevClusterError.self) { try WorkloadReference(text) }
        #expect(error?.message.contains(why) == true, "\(error?.message ?? "")")
    }

    @Test func `knows kind and name`() throws {
        let workload = try WorkloadReference("sts/db")
        #expect(workload.kind == .statefulset)
        #expect(try workload == WorkloadReference(.statefulset, ObjectName("db")))
        #expect(try TargetReference(.service, ObjectName("x")).description == "svc/x")
    }
}

@Suite struct `A duration` {
    @Test(arguments: [
        ("60m", Duration.seconds(3600), "1h"), ("30s", .seconds(30), "30s"),
        ("1h30m", .seconds(5400), "1h30m"), ("500ms", .milliseconds(500), "500ms"),
        ("1.5s", .milliseconds(1500), "1s500ms"), ("0s", .zero, "0s"),
        ("90s", .seconds(90), "1m30s"), ("1h1ms", .milliseconds(3_600_001), "1h1ms"),
        ("0.25h", .seconds(900), "15m"), ("10000h", .seconds(36_000_000), "10000h"),
    ])
    func `is read and printed as people write it`(
        text: String, duration: Duration, printed: String
    ) throws {
        #expect(try HumanDuration(text).duration == duration)
        #expect(HumanDuration(duration).description == printed)
        #expect(try HumanDuration(printed).duration == duration)
    }

    @Test(arguments: [
        ("", "duration is empty"), ("60", "it needs a unit, for example 60s or 60m"),
        ("m", "it must be like 60m"), ("5 m", "it must be like"), ("5d", "it must be like"),
        ("-5m", "it must be like"), ("5m3h", "it must be like"), ("5m5m", "it must be like"),
        ("1.5.5s", "is no number"), (".s", "is no number"), ("0.1ms", "is no number"),
        ("99999999999999999999h", "too large"), ("10000h1ms", "too large"),
        ("0.9999999999s", "is no number"), ("٥m", "it must be like"),
    ])
    func `is refused with a reason otherwise`(text: String, why: String) {
        let error = #expect(throws: DevClusterError.self) { try HumanDuration(text) }
        #expect(error?.message.contains(why) == true, "\(error?.message ?? "")")
    }

    @Test func `can be compared`() throws {
        #expect(try HumanDuration("90s") > HumanDuration("1m"))
        #expect(try HumanDuration("60m") == HumanDuration("1h"))
    }
}
