import Vocabulary

extension RegistryClient {
    /// The entries of a list that a registry may divide into pages.
    ///
    /// As far as `listLimits` go: a list may lead back to its beginning, or never end.
    /// - Parameter end: when it has to end; nil gives it all of the time.
    func pages(
        from first: HTTPResponse, of repository: String? = nil,
        until end: ContinuousClock.Instant? = nil,
        read: @Sendable (HTTPResponse) -> [String]?
    ) async throws -> RegistryAnswer<[String]> {
        var entries: [String] = []
        var response = first
        var seen: Set<String> = []
        let end = end ?? ContinuousClock.now + listLimits.time
        for _ in 0..<listLimits.pages {
            let page = RegistryClient.answer(response, read)
            guard case .found(let found) = page else { return page }
            entries += found
            guard entries.count <= listLimits.entries else {
                return .unknown("its list has more than \(listLimits.entries) entries")
            }
            guard let next = RegistryClient.nextPage(response) else { return .found(entries) }
            guard seen.insert(next).inserted else {
                return .unknown("its list leads back to a page that was read already")
            }
            guard ContinuousClock.now < end else {
                let limit = HumanDuration(listLimits.time)
                return .unknown("its list did not end within \(limit)")
            }
            let answers = try await responses(to: [request(.get, next, of: repository)])
            response = explained(answers.first ?? .none("it was not asked"), repository)
        }
        return .unknown("its list has more than \(listLimits.pages) pages")
    }

    /// How much of a list is read.
    struct ListLimits: Sendable {
        var pages = 1000
        var entries = 200_000
        var time = Duration.seconds(60)
    }

    /// The path in `Link: </v2/…>; rel="next"`; never another host's.
    private static func nextPage(_ response: HTTPResponse) -> String? {
        guard let link = response.headers["link"], link.contains("rel=\"next\""),
            let start = link.firstIndex(of: "<"), let end = link.firstIndex(of: ">"), start < end
        else { return nil }
        var target = String(link[link.index(after: start)..<end])
        if let scheme = target.firstRange(of: "://") {
            let rest = target[scheme.upperBound...]
            target = rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? ""
        }
        return target.hasPrefix("/v2/") ? target : nil
    }
}
