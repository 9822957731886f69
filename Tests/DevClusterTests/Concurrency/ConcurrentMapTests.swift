import Synchronization
import Testing

@testable import Vocabulary

struct ConcurrentMapTests {
    @Test func `results are in the order of the elements, whichever is done first`() async throws {
        let gate = Gate()
        let results = try await [1, 2, 3].concurrentMap { number in
            if number == 3 { await gate.open() } else { await gate.wait() }
            return "\(number)"
        }
        #expect(results == ["1", "2", "3"])
    }

    @Test func `no more are worked on at once than allowed`() async throws {
        let counter = Mutex((now: 0, most: 0))
        let results = try await (0..<40).concurrentMap(atMost: 3) { number in
            counter.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            await Task.yield()
            counter.withLock { $0.now -= 1 }
            return number
        }
        #expect(results == Array(0..<40))
        #expect(counter.withLock { $0.most } <= 3)
    }

    @Test func `the first error ends the others`() async {
        struct Failure: Error {}
        await #expect(throws: Failure.self) {
            try await [1, 2].concurrentMap { number in
                if number == 1 { throw Failure() }
                while !Task.isCancelled { await Task.yield() }
                return number
            }
        }
    }

    private actor Gate {
        private var isOpen = false
        private var waiting: [CheckedContinuation<Void, Never>] = []

        func open() {
            isOpen = true
            waiting.forEach { $0.resume() }
        }

        func wait() async {
            guard !isOpen else { return }
            await withCheckedContinuation { waiting.append($0) }
        }
    }
}
