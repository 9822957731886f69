import Registries
import Sessions
import Tools

/// The second look at containers whose digest is not the tag's: the same content can have
/// several digests, and what really differs needs a reason. See `docs/verification.md`.
struct SecondLook: Sendable {
    /// A container, and what it should run.
    struct Case: Sendable {
        var container: JudgedContainer
        var pair: RegistryComparison.Pair
    }

    private var content = ContentComparison()
    private var origins: ImageOrigins

    /// Asks two rounds of questions at most, and cluster and nodes only where it matters.
    static func take(
        _ cases: [Case], session: Session, registry: RegistryClient, records: RecordedOrigins,
        budget: inout RequestBudget
    ) async throws -> SecondLook {
        var look = SecondLook(origins: ImageOrigins(records: records))
        let second = look.content.manifestQuestions(cases, place: session.place)
        let tags = look.origins.tagQuestions(cases)
        budget.spend(second.count + tags.count)
        look.add(try await registry.ask(second + tags))
        if look.content.hasIndex {
            look.content.add(try await session.kubectl.nodes())
        }
        let children = look.content.childQuestions(cases)
        budget.spend(children.count)
        let third =
            children + look.origins.questions(cases, look.content, atMost: budget.left)
        look.add(try await registry.ask(third))
        let gone = look.content.nodesToAsk(cases)
        if session.place.existingContext != nil {
            look.content.addUnreachable(gone)
        } else if !gone.isEmpty {
            look.content.add(try await NodeImages(session: session).read(gone))
        }
        return look
    }

    private mutating func add(_ answers: RegistryAnswers) {
        content.add(answers)
        origins.add(answers)
    }

    /// The final verdict of a container that does not run its tag's digest.
    func judge(_ container: JudgedContainer, _ pair: RegistryComparison.Pair) -> JudgedContainer {
        var result = content.judge(container, pair.name)
        guard result.verdict == .stale else { return result }
        result.origin = origins.origin(of: container, in: pair.name)
        let reason = StaleReason(
            result, owner: pair.subject.owner, otherHost: pair.target.otherHost,
            pushedAt: origins.pushTime(of: container.served, in: pair.name))
        result.cause = reason.cause
        result.reason = reason.text
        return result
    }
}
